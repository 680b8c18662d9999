// What a key asks for. Both questions can be answered without the mouse.

const ANSWERS = ["a", "", "b"];

const WANTED = {
  a: { hear: "a" },
  b: { hear: "b" },
  s: { seam: true },
  Enter: { next: true },
};

// `onto` is what has the focus: a button takes Enter and the space bar itself.
export const wantedBy = (event, onto) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const isButton = onto === "button";
  if (event.key === " ") return isButton ? null : { play: true };
  if (event.key === "Enter" && isButton) return null;
  const number = Number(event.key);
  if (number >= 1 && number <= 3) return { question: "liked", answer: ANSWERS[number - 1] };
  if (number >= 4 && number <= 6) return { question: "real", answer: ANSWERS[number - 4] };
  return WANTED[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? null;
};
