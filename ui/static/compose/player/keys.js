// Space plays and pauses wherever it writes nothing.

import { playPause } from "./transport.js";

const OF_TEXT = "input, textarea, select, [contenteditable]";
const NO_TEXT = ["checkbox", "radio", "range", "button", "submit", "reset", "file", "color"];
const CONTROLS = "button, summary, a[href], input, [role=button], [role=tab], [role=switch]";

const writes = (target) => {
  const field = target.closest?.(OF_TEXT);
  return Boolean(field) && !(field.matches("input") && NO_TEXT.includes(field.type));
};

// A button that was reached by keyboard is pressed by Space; one that was clicked has been used.
const presses = (target, isByKeyboard) =>
  isByKeyboard && Boolean(target.closest?.(CONTROLS)) && target.type !== "range";

const isInSight = ({ root }) => root.getClientRects().length > 0;

export const listenToSpace = (view) => {
  let isByKeyboard = true;
  let isTaken = false; // the press of a key is let go again
  document.addEventListener(
    "pointerdown",
    () => {
      isByKeyboard = false;
    },
    true,
  );
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== " ") {
        isByKeyboard = true;
        return;
      }
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
      const isMine = view.player.playing || isInSight(view);
      isTaken = isPlain && isMine && !writes(event.target) && !presses(event.target, isByKeyboard);
      if (!isTaken) return;
      event.preventDefault();
      if (!event.repeat) playPause(view);
    },
    true,
  );
  document.addEventListener(
    "keyup",
    (event) => {
      if (event.key === " " && isTaken) event.preventDefault();
    },
    true,
  );
};
