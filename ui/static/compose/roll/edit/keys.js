// The keys of the edit mode, by the names that `comboOf` gives them.

import {
  copy,
  cut,
  drawOrSelect,
  duplicate,
  lengthen,
  lock,
  makeLouder,
  moveByBars,
  moveInPitch,
  moveInTime,
  paste,
  quantise,
  remove,
  selectAll,
  selectBars,
  selectNone,
  selectPart,
  step,
} from "./actions.js";

export const EDIT_KEYS = {
  ArrowLeft: (view) => moveInTime(view, -1),
  ArrowRight: (view) => moveInTime(view, 1),
  ArrowUp: (view) => moveInPitch(view, 1),
  ArrowDown: (view) => moveInPitch(view, -1),
  "Shift+ArrowLeft": (view) => moveByBars(view, -1),
  "Shift+ArrowRight": (view) => moveByBars(view, 1),
  "Shift+ArrowUp": (view) => moveInPitch(view, 12),
  "Shift+ArrowDown": (view) => moveInPitch(view, -12),
  "Alt+ArrowLeft": (view) => lengthen(view, -1),
  "Alt+ArrowRight": (view) => lengthen(view, 1),
  "Alt+ArrowUp": (view) => makeLouder(view, 1),
  "Alt+ArrowDown": (view) => makeLouder(view, -1),
  ",": (view) => step(view, -1),
  ".": (view) => step(view, 1),
  Enter: drawOrSelect,
  Delete: remove,
  Backspace: remove,
  q: quantise,
  h: lock,
  "Ctrl+a": selectAll,
  p: selectPart,
  b: selectBars,
  Escape: selectNone,
  "Ctrl+c": copy,
  "Ctrl+x": cut,
  "Ctrl+v": paste,
  "Ctrl+d": duplicate,
};
export const MODE_KEY = "e";

export const comboOf = ({ key, ctrlKey, metaKey, altKey, shiftKey }) => {
  const name = key.length === 1 ? key.toLowerCase() : key;
  const shift = shiftKey && key.length > 1 ? "Shift+" : "";
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${altKey ? "Alt+" : ""}${shift}${name}`;
};

const OWN_KEYS = "input, select, textarea, summary, [role=slider]";

// Before the roll's own keys, some of which mean something else here.
export const listenToEditKeys = (view, toggle) => {
  const press = (event) => {
    const { editing, state } = view;
    const combo = comboOf(event);
    if (!state.name || event.target.closest(OWN_KEYS)) return;
    if (combo === "Enter" && event.target.closest("button")) return;
    const act = combo === MODE_KEY ? toggle : editing.on && EDIT_KEYS[combo];
    if (!act) return;
    if (combo === "Escape" && !editing.chosen.length) return; // it lets go of marked bars
    event.preventDefault();
    event.stopPropagation();
    act(view);
  };
  view.root.addEventListener("keydown", press, true);
};
