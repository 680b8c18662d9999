// The chosen training: what it does, and what may be done with it.

const showDetail = () => {
  const run = S.run;
  part_of("run").hidden = !run;
  root.dataset.status = run ? run.status : "";
  if (!run) return;
  part_of("run").dataset.status = run.status;
  write(part_of("name"), run.name);
  write(part_of("about"), run.about.join(" · "));
  write(part_of("title"), run.title);
  write(part_of("sentence"), run.sentence);
  write(part_of("reason"), run.reason);
  part_of("reason").hidden = !run.reason;
  const percent = Math.round(100 * run.fraction);
  const bar = part_of("bar");
  bar.setAttribute("aria-valuenow", String(percent));
  bar.setAttribute("aria-valuetext", percent + " %, " + run.title);
  part_of("filled").style.width = percent + "%";
  showFigures(run.figures);
  showActions();
  const log = part_of("log");
  const atEnd = log.scrollTop + log.clientHeight > log.scrollHeight - 24;
  write(log, run.log);
  if (atEnd) log.scrollTop = log.scrollHeight;
  write(part_of("command"), run.command);
};

const showFigures = (figures) => {
  const list = part_of("figures");
  figures.forEach(([label, value, unit], index) => {
    let cell = list.children[index];
    if (!cell) {
      cell = make("div");
      const number = make("dd");
      number.append(make("span"), make("small"));
      cell.append(make("dt"), number);
      list.append(cell);
    }
    write(cell.children[0], label);
    write(cell.children[1].children[0], value);
    write(cell.children[1].children[1], unit ? " " + unit : "");
  });
  while (list.children.length > figures.length) list.lastElementChild.remove();
};

const showActions = () => {
  if (changed("actions", [S.run.name, S.run.actions, S.sure])) {
    replaceKeepingFocus(part_of("actions"), S.run.actions.map(newAction));
  }
};

const newAction = (action) => {
  const sure = S.sure === action.what;
  const button = make("button", "mt-btn", sure ? action.confirm : action.label);
  button.type = "button";
  button.dataset.key = action.what;
  button.disabled = !action.enabled;
  button.classList.toggle("mt-first", action.first);
  button.classList.toggle("mt-sure", sure);
  return button;
};

let forget = 0;
part_of("actions").addEventListener("click", (event) => {
  const button = event.target.closest("[data-key]");
  const action = button && S.run.actions.find((one) => one.what === button.dataset.key);
  if (!action) return;
  window.clearTimeout(forget);
  if (action.confirm && S.sure !== action.what) {
    S.sure = action.what;
    forget = window.setTimeout(() => { S.sure = null; if (S.run) showActions(); }, 6000);
    showActions();
    return;
  }
  S.sure = null;
  action.enabled = false; // until the answer is here
  showActions();
  trigger("ask", { run: S.run.name, what: action.what });
});

part_of("copy").addEventListener("click", async () => {
  const text = part_of("command").textContent;
  try { await navigator.clipboard.writeText(text); } catch {
    window.getSelection().selectAllChildren(part_of("command"));
    return;
  }
  write(part_of("copy"), "Copied");
  window.setTimeout(() => write(part_of("copy"), "Copy"), 2000);
});
