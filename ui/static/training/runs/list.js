// The list of trainings.

import { make, makeButton, replaceKeepingFocus, write } from "../../dom.js";
import { stopSound } from "./samples.js";
import { turnTo } from "./view.js";

const newRow = (run) => {
  const button = makeButton("mt-row");
  button.dataset.key = run.name;
  const [dot, track] = [make("span", "mt-dot"), make("span", "mt-rowbar")];
  track.append(make("span"));
  for (const node of [dot, track]) node.setAttribute("aria-hidden", "true");
  button.append(dot, make("span", "mt-rowname", run.name), make("span", "mt-rowwords"), track);
  return button;
};

const fillRow = (button, run, isChosen) => {
  button.dataset.status = run.status;
  button.setAttribute("aria-pressed", String(isChosen));
  write(button.children[2], run.words);
  button.children[3].firstElementChild.style.width = `${100 * run.fraction}%`;
};

export const showList = ({ part, root, state, changed }) => {
  root.dataset.runs = state.runs.length;
  part("nothing").hidden = state.runs.length > 0;
  const list = part("list");
  const names = state.runs.map((run) => run.name);
  if (changed("list", names)) replaceKeepingFocus(list, state.runs.map(newRow));
  state.runs.forEach((run, index) => {
    fillRow(list.children[index], run, run.name === state.chosen);
  });
};

export const listenToList = (view) => {
  const { part, state, trigger } = view;
  part("list").addEventListener("click", (event) => {
    const row = event.target.closest("[data-key]");
    if (!row || row.dataset.key === state.chosen) return;
    turnTo(view, row.dataset.key);
    stopSound(view);
    state.sure = null;
    state.asked = Date.now();
    showList(view);
    trigger("choose", { run: state.chosen });
  });
};
