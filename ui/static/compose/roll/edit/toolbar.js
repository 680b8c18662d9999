// The buttons of the edit mode: all that the keyboard does, for pointers and fingers.

import { make, makeButton } from "../../../dom.js";
import { schedule } from "../drawing.js";
import {
  copy,
  cut,
  duplicate,
  lengthen,
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
  ["1/8 triplet", 1 / 3],
  ["1/16", 1 / 4],
  ["1/16 triplet", 1 / 6],
  ["1/32", 1 / 8],
];

const BUTTONS = [
  [
    ["All", "Select all notes (Ctrl+A)", selectAll],
    ["Part", "Select all notes of the part (P)", selectPart],
    ["Bars", "Select the marked bars, or the bar of the note cursor (B)", selectBars],
  ],
  [
    ["←", "Earlier (←)", (view) => moveInTime(view, -1)],
    ["→", "Later (→)", (view) => moveInTime(view, 1)],
    ["↑", "Up a semitone (↑)", (view) => moveInPitch(view, 1)],
    ["↓", "Down a semitone (↓)", (view) => moveInPitch(view, -1)],
    ["8va", "Up an octave (Shift+↑)", (view) => moveInPitch(view, 12)],
    ["8vb", "Down an octave (Shift+↓)", (view) => moveInPitch(view, -12)],
  ],
  [
    ["Shorter", "Shorter by the grid (Alt+←)", (view) => lengthen(view, -1)],
    ["Longer", "Longer by the grid (Alt+→)", (view) => lengthen(view, 1)],
    ["Softer", "Softer (Alt+↓)", (view) => makeLouder(view, -1)],
    ["Louder", "Louder (Alt+↑)", (view) => makeLouder(view, 1)],
    ["Quantise", "Move the notes onto the grid (Q)", quantise],
  ],
  [
    ["Copy", "Copy (Ctrl+C)", copy],
    ["Cut", "Cut (Ctrl+X)", cut],
    ["Paste", "Paste at the note cursor (Ctrl+V)", paste],
    ["Duplicate", "Copies right behind (Ctrl+D)", duplicate],
    ["Delete", "Delete (Del)", remove],
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
      button.setAttribute("aria-label", title.replace(/ \(.*\)$/, ""));
      button.addEventListener("click", () => act(view));
      box.append(button);
    }
    return box;
  });
  part("editbar").append(labelled("Part", parts), labelled("Grid", grids), ...groups);
  return () => fillParts(parts, view);
};
