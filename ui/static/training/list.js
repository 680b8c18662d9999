// The list of trainings.

const newRow = (run) => {
  const button = make("button", "mt-row");
  button.type = "button";
  button.dataset.key = run.name;
  const [dot, track] = [make("span", "mt-dot"), make("span", "mt-rowbar")];
  track.append(make("span"));
  [dot, track].forEach((node) => node.setAttribute("aria-hidden", "true"));
  button.append(dot, make("span", "mt-rowname", run.name), make("span", "mt-rowwords"), track);
  return button;
};

const fillRow = (button, run) => {
  button.dataset.status = run.status;
  button.setAttribute("aria-pressed", String(run.name === S.chosen));
  write(button.children[2], run.words);
  button.children[3].firstElementChild.style.width = 100 * run.fraction + "%";
};

const showList = () => {
  root.dataset.runs = S.runs.length;
  part_of("nothing").hidden = S.runs.length > 0;
  const list = part_of("list");
  if (changed("list", S.runs.map((run) => run.name))) replaceKeepingFocus(list, S.runs.map(newRow));
  S.runs.forEach((run, index) => fillRow(list.children[index], run));
};

part_of("list").addEventListener("click", (event) => {
  const row = event.target.closest("[data-key]");
  if (!row || row.dataset.key === S.chosen) return;
  remember(row.dataset.key);
  stopSound();
  S.sure = null;
  S.asked = Date.now();
  showList();
  trigger("choose", { run: S.chosen });
});
