// The shortcuts: `keys` as browsers call them, `also` what does the same unseen. Those with
// `anywhere` are none of the roll's own: they work without the focus in it, or in both its modes.

export const SHORTCUTS = [
  { keys: [" "], does: "Play or pause", anywhere: true },
  { keys: ["Enter"], does: "Stop, and back to the start" },
  { keys: ["Home"], does: "To the start" },
  { keys: ["End"], does: "To the new bars" },
  { keys: ["ArrowLeft", "ArrowRight"], does: "One bar back or on, and read it out" },
  { keys: ["1", "2", "3", "4"], does: "Compare the versions" },
  { keys: ["l"], does: "Loop" },
  { keys: ["k"], does: "Metronome" },
  { keys: ["ArrowLeft", "ArrowRight"], shift: true, does: "Choose bars to write again" },
  { keys: ["Escape"], does: "Let go of the chosen bars" },
  { keys: ["e"], does: "Edit notes, or stop", anywhere: true },
  { keys: ["+", "-"], also: ["="], does: "Zoom in or out" },
];

// Those of the edit mode; `with` names the keys that are held.
export const EDIT_SHORTCUTS = [
  {
    keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
    does: "Move the selected notes, or the note cursor",
  },
  { keys: ["ArrowUp", "ArrowDown"], with: "Shift", does: "An octave up or down" },
  { keys: ["ArrowLeft", "ArrowRight"], with: "Shift", does: "A bar earlier or later" },
  { keys: ["ArrowLeft", "ArrowRight"], with: "Alt", does: "Shorter or longer" },
  { keys: ["ArrowUp", "ArrowDown"], with: "Alt", does: "Louder or softer" },
  { keys: [",", "."], does: "Select the note before or behind, and read it out" },
  { keys: ["Enter"], does: "Draw a note at the cursor, or select the one there" },
  { keys: ["Delete"], also: ["Backspace"], does: "Delete" },
  { keys: ["q"], does: "Quantise to the grid" },
  { keys: ["p"], does: "Select the part" },
  { keys: ["b"], does: "Select the marked bars, or the bar of the cursor" },
  { keys: ["a"], with: "Ctrl", does: "Select all" },
  { keys: ["c", "x", "v"], with: "Ctrl", does: "Copy, cut, paste at the cursor" },
  { keys: ["d"], with: "Ctrl", does: "Duplicate" },
  { keys: ["Escape"], does: "Select nothing" },
];

const NAMES = {
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
  "-": "−",
};

export const keyName = (key) => NAMES[key] || (key.length === 1 ? key.toUpperCase() : key);
