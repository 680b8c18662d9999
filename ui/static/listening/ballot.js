// The two questions about a pair.

import { make } from "../dom.js";
import { t } from "../language.js";

const QUESTIONS = () => [
  {
    name: "liked",
    text: t("Which one do you like better?"),
    choices: [t("A"), t("Both equally"), t("B")],
    firstKey: 1,
  },
  {
    name: "real",
    text: t("Which one is how the piece really goes on?"),
    choices: [t("A"), t("Can't tell"), t("B")],
    firstKey: 4,
  },
];
const SIDES = ["a", "", "b"];

export const makeBallot = (changed) => {
  const root = make("div", "card ballot");
  const inputs = [];
  for (const { name, text, choices, firstKey } of QUESTIONS()) {
    const group = make("fieldset");
    const row = make("div", "choices");
    choices.forEach((said, place) => {
      const label = make("label");
      const input = make("input");
      Object.assign(input, { type: "radio", name, value: SIDES[place] });
      input.addEventListener("change", changed);
      inputs.push(input);
      label.append(input, make("span", "", said), make("kbd", "", String(firstKey + place)));
      row.append(label);
    });
    for (const key of row.querySelectorAll("kbd")) key.setAttribute("aria-hidden", "true");
    group.append(make("legend", "", text), row);
    root.append(group);
  }
  const chosen = (name) => inputs.find((input) => input.name === name && input.checked)?.value;
  return {
    root,
    answer: (name, value) => {
      const input = inputs.find((one) => one.name === name && one.value === value);
      if (input.closest("fieldset").disabled) return;
      input.checked = true;
      changed();
    },
    enable: (isOn) => {
      for (const group of root.querySelectorAll("fieldset")) group.disabled = !isOn;
    },
    show: (vote) => {
      for (const input of inputs) input.checked = vote?.[input.name] === input.value;
    },
    // Nothing until both are answered.
    vote: () => {
      const [liked, real] = [chosen("liked"), chosen("real")];
      return liked === undefined || real === undefined ? null : { liked, real };
    },
  };
};
