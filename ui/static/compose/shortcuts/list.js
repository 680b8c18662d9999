// The shortcuts: `keys` as browsers call them, `also` what does the same unseen. Those with
// `anywhere` work without the focus in the roll.

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
  { keys: ["+", "-"], also: ["="], does: t("Zoom in or out") },
];

const NAMES = {
  " ": t("Space"),
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  "-": "−",
};

export const keyName = (key) => NAMES[key] || (key.length === 1 ? key.toUpperCase() : key);
