// The buttons of the edit mode: all that the keyboard does, for pointers and fingers.

import { make, makeButton } from "../../../dom.js";
import { t } from "../../../language.js";
import { schedule } from "../drawing.js";
import {
  copy,
  cut,
  duplicate,
  lengthen,
  lock,
  lockPart,
  makeLouder,
  moveInPitch,
  moveInTime,
  paste,
  quantise,
  remove,
  selectAll,
  selectBars,
  selectPart,
  setPart,
} from "./actions.js";

const GRIDS = [
  ["1/4", 1],
  ["1/8", 1 / 2],
  [t("{grid} triplet", { grid: "1/8" }), 1 / 3],
  ["1/16", 1 / 4],
  [t("{grid} triplet", { grid: "1/16" }), 1 / 6],
  ["1/32", 1 / 8],
];

const BUTTONS = [
  [
    [t("All"), t("Select all notes (Ctrl+A)"), selectAll],
    [t("Part"), t("Select all notes of the part (P)"), selectPart],
    [t("Bars"), t("Select the marked bars, or the bar of the note cursor (B)"), selectBars],
  ],
  [
    ["←", t("Earlier (←)"), (view) => moveInTime(view, -1)],
    ["→", t("Later (→)"), (view) => moveInTime(view, 1)],
    ["↑", t("Up a semitone (↑)"), (view) => moveInPitch(view, 1)],
    ["↓", t("Down a semitone (↓)"), (view) => moveInPitch(view, -1)],
    ["8va", t("Up an octave (Shift+↑)"), (view) => moveInPitch(view, 12)],
    ["8vb", t("Down an octave (Shift+↓)"), (view) => moveInPitch(view, -12)],
  ],
  [
    [t("Shorter"), t("Shorter by the grid (Alt+←)"), (view) => lengthen(view, -1)],
    [t("Longer"), t("Longer by the grid (Alt+→)"), (view) => lengthen(view, 1)],
    [t("Softer"), t("Softer (Alt+↓)"), (view) => makeLouder(view, -1)],
    [t("Louder"), t("Louder (Alt+↑)"), (view) => makeLouder(view, 1)],
    [t("Quantise"), t("Move the notes onto the grid (Q)"), quantise],
  ],
  [
    [
      t("Lock"),
      t("Lock the selected notes for when bars are written again, or let them go (H)"),
      lock,
    ],
    [
      t("Lock part"),
      t("Lock the part in the marked bars, or in the bar of the note cursor"),
      lockPart,
    ],
  ],
  [
    [t("Copy"), t("Copy (Ctrl+C)"), copy],
    [t("Cut"), t("Cut (Ctrl+X)"), cut],
    [t("Paste"), t("Paste at the note cursor (Ctrl+V)"), paste],
    [t("Duplicate"), t("Copies right behind (Ctrl+D)"), duplicate],
    [t("Delete"), t("Delete (Del)"), remove],
  ],
];

const labelled = (text, select) => {
  const label = make("label", "mf-field");
  label.append(make("span", "", text), select);
  return label;
};

const optionOf = (text, value) => {
  const option = make("option", "", text);
  option.value = String(value);
  return option;
};

const fillParts = (select, { state, editing }) => {
  const key = JSON.stringify(state.parts.map(({ number, name }) => [number, name]));
  if (select.dataset.parts !== key) {
    select.dataset.parts = key;
    select.replaceChildren(...state.parts.map(({ number, name }) => optionOf(name, number)));
  }
  select.value = String(editing.cursor.part);
};

// Fill the toolbar; returns what brings it up to date.
export const fillToolbar = (view) => {
  const { editing, part } = view;
  const parts = make("select");
  const grids = make("select");
  grids.append(...GRIDS.map(([text, value]) => optionOf(text, value)));
  grids.value = String(editing.grid);
  parts.addEventListener("change", () => setPart(view, Number(parts.value)));
  grids.addEventListener("change", () => {
    editing.grid = Number(grids.value);
    schedule(view);
  });
  const groups = BUTTONS.map((group) => {
    const box = make("span", "mf-group");
    for (const [text, title, act] of group) {
      const button = makeButton("mf-btn mf-word", text);
      button.title = title;
      button.setAttribute("aria-label", title.replace(/ ?[(（].*[)）]$/, ""));
      button.addEventListener("click", () => act(view));
      box.append(button);
    }
    return box;
  });
  part("editbar").append(labelled(t("Part"), parts), labelled(t("Grid"), grids), ...groups);
  return () => fillParts(parts, view);
};
