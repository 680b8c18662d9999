// Events for the app. Gradio sends the data of an earlier event in place of the last one's where it
// keeps that waiting (`always_last`), and drops it where it does not (`once`). So what carries data
// is sent at once, and by its order the app knows the newest of those that are under way.

let last = 0;

// Time, so that the events of a page that was loaded again come after those before.
const next = () => {
  last = Math.max(last + 1, Date.now());
  return last;
};

export const inOrder = (trigger) => (name, data) => trigger(name, { ...data, order: next() });
