// The shortcuts: `keys` as browsers call them, `also` what does the same unseen. Those with
// `anywhere` work without the focus in the roll.

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
  { keys: ["+", "-"], also: ["="], does: "Zoom in or out" },
];

const NAMES = {
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  "-": "−",
};

export const keyName = (key) => NAMES[key] || (key.length === 1 ? key.toUpperCase() : key);
