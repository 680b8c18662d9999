// The trainings. Gradio runs this once, with: element, trigger, props, watch.
// `props.value` is the latest message of `meloformer/app/training/view.py`; nothing is kept here but what is chosen.

const part_of = (name) => element.querySelector('[data-mt="' + name + '"]');
const root = part_of("root");
const S = { chosen: "", run: null, runs: [], wanted: null, sure: null, cursor: null, asked: 0, turned: null };
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

// Text is only touched when it changes: a screen reader would say it again.
const write = (node, text) => { if (node.textContent !== text) node.textContent = text; };

// Rebuilding a group of buttons must not take the focus away from the one that has it.
const replaceKeepingFocus = (parent, children) => {
  const held = document.activeElement;
  const key = held && parent.contains(held) ? held.dataset.key : null;
  parent.replaceChildren(...children);
  if (key) {
    const again = [...parent.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key);
    if (again) again.focus({ preventScroll: true });
  }
};

// What has not changed is left alone: it may just be clicked.
const seen = {};
const changed = (name, content) => {
  const text = JSON.stringify(content);
  if (seen[name] === text) return false;
  seen[name] = text;
  return true;
};

const remember = (name) => {
  S.chosen = name;
  try { window.localStorage.setItem("meloformer-run", name); } catch { /* private window */ }
};

const clock = (seconds) => {
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? minutes + ":" + two(whole % 60)
    : Math.floor(minutes / 60) + ":" + two(minutes % 60) + ":" + two(whole % 60);
};
