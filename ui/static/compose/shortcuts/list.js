// The shortcuts: `keys` as browsers call them, `also` what does the same unseen. Those with
// `anywhere` are none of the roll's own: they work without the focus in it, or in both its modes.

import { t } from "../../language.js";

export const SHORTCUTS = [
  { keys: [" "], does: t("Play or pause"), anywhere: true },
  { keys: ["Enter"], does: t("Stop, and back to the start") },
  { keys: ["Home"], does: t("To the start") },
  { keys: ["End"], does: t("To the new bars") },
  { keys: ["ArrowLeft", "ArrowRight"], does: t("One bar back or on, and read it out") },
  { keys: ["1", "2", "3", "4"], does: t("Compare the versions") },
  { keys: ["l"], does: t("Loop") },
  { keys: ["k"], does: t("Metronome") },
  { keys: ["ArrowLeft", "ArrowRight"], shift: true, does: t("Choose bars to write again") },
  { keys: ["Escape"], does: t("Let go of the chosen bars") },
  { keys: ["e"], does: t("Edit notes, or stop"), anywhere: true },
  { keys: ["+", "-"], also: ["="], does: t("Zoom in or out") },
];

// Those of the edit mode; `with` names the keys that are held.
export const EDIT_SHORTCUTS = [
  {
    keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
    does: t("Move the selected notes, or the note cursor"),
  },
  { keys: ["ArrowUp", "ArrowDown"], with: "Shift", does: t("An octave up or down") },
  { keys: ["ArrowLeft", "ArrowRight"], with: "Shift", does: t("A bar earlier or later") },
  { keys: ["ArrowLeft", "ArrowRight"], with: "Alt", does: t("Shorter or longer") },
  { keys: ["ArrowUp", "ArrowDown"], with: "Alt", does: t("Louder or softer") },
  { keys: [",", "."], does: t("Select the note before or behind, and read it out") },
  { keys: ["Enter"], does: t("Draw a note at the cursor, or select the one there") },
  { keys: ["Delete"], also: ["Backspace"], does: t("Delete") },
  { keys: ["q"], does: t("Quantise to the grid") },
  { keys: ["h"], does: t("Lock notes, or let them go; without any, the part in the marked bars") },
  { keys: ["p"], does: t("Select the part") },
  { keys: ["b"], does: t("Select the marked bars, or the bar of the cursor") },
  { keys: ["a"], with: "Ctrl", does: t("Select all") },
  { keys: ["c", "x", "v"], with: "Ctrl", does: t("Copy, cut, paste at the cursor") },
  { keys: ["d"], with: "Ctrl", does: t("Duplicate") },
  { keys: ["Escape"], does: t("Select nothing") },
];

const NAMES = {
  " ": t("Space"),
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
  "-": "−",
};

export const keyName = (key) => NAMES[key] || (key.length === 1 ? key.toUpperCase() : key);
