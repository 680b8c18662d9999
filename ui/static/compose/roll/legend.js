// What stands around the canvas: facts, parts, takes, and the bars as text.

import { make, makeButton } from "../../dom.js";
import { isDark, paint } from "../colours.js";
import { barText } from "./state/words.js";

export const showFacts = ({ part }, name, facts) => {
  part("facts").replaceChildren(make("b", "", name), ...facts.map((fact) => make("i", "", fact)));
};

const chipOf = (part, isHidden, dark) => {
  const chip = makeButton("mf-chip");
  chip.dataset.part = part.number;
  chip.setAttribute("aria-pressed", String(!isHidden));
  chip.title = `${part.name}: show or hide`;
  const swatch = make("span", "mf-swatch");
  swatch.style.background = paint(part.colour, dark);
  chip.append(swatch, make("span", "mf-name", part.short));
  return chip;
};

export const drawLegend = ({ part, root, state, drawn }) => {
  const dark = isDark(root);
  const key = JSON.stringify([state.parts, [...state.hidden], dark]);
  if (drawn.legend === key) return;
  drawn.legend = key;
  const chips = state.parts.map((one) => chipOf(one, state.hidden.has(one.number), dark));
  part("legend").replaceChildren(...chips);
};

const takeButton = (index, isSelected) => {
  const button = makeButton("mf-btn", String(index + 1));
  button.dataset.take = index;
  button.setAttribute("aria-label", `Continuation ${index + 1}`);
  button.setAttribute("aria-pressed", String(isSelected));
  return button;
};

// With one take there is nothing to compare.
export const drawTakes = ({ part, state, drawn }) => {
  const count = state.takes.length;
  const key = `${count}:${state.selected}`;
  if (drawn.takes === key) return;
  drawn.takes = key;
  const buttons = state.takes.map((_, index) => takeButton(index, index === state.selected));
  const shown = count > 1 ? [make("span", "mf-label", "Compare"), ...buttons] : [];
  part("takes").replaceChildren(...shown);
};

export const writeText = ({ part, state }) => {
  const lines = state.all.map((_, index) => make("li", "", barText(state, index)));
  part("text").replaceChildren(...lines);
};
