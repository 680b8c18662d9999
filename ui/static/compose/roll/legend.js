// What stands around the canvas: facts, takes, and the bars as text.

import { make, makeButton, replaceKeepingFocus } from "../../dom.js";
import { t } from "../../language.js";
import { barText } from "./state/words.js";

export const showFacts = ({ part }, name, facts) => {
  part("facts").replaceChildren(make("b", "", name), ...facts.map((fact) => make("i", "", fact)));
};

const takeButton = (index, isSelected) => {
  const button = makeButton("mf-btn", String(index + 1));
  button.dataset.take = index;
  button.dataset.key = `take:${index}`;
  button.setAttribute("aria-label", t("Continuation {number}", { number: index + 1 }));
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
  const shown = count > 1 ? [make("span", "mf-label", t("Compare")), ...buttons] : [];
  replaceKeepingFocus(part("takes"), shown);
};

export const writeText = ({ part, state }) => {
  const lines = state.all.map((_, index) => make("li", "", barText(state, index)));
  part("text").replaceChildren(...lines);
};
