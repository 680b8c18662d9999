// The chosen training: what it does, and what may be done with it.

import { make, makeButton, replaceKeepingFocus, write } from "../../dom.js";
import { t } from "../../language.js";

const SURE_MS = 6000; // how long a button waits to be pressed once more
const COPIED_MS = 2000;
const NEAR_THE_END = 24; // pixels

export const showDetail = (view) => {
  const { part, root, state } = view;
  const { run } = state;
  part("run").hidden = !run;
  root.dataset.status = run ? run.status : "";
  if (!run) return;
  part("run").dataset.status = run.status;
  write(part("name"), run.name);
  write(part("about"), run.about.join(" · "));
  write(part("title"), run.title);
  write(part("sentence"), run.sentence);
  write(part("pace"), run.pace);
  part("pace").hidden = !run.pace;
  write(part("verdict"), run.verdict.words);
  part("verdict").dataset.mood = run.verdict.mood;
  part("verdict").hidden = !run.verdict.words;
  write(part("reason"), run.reason);
  part("reason").hidden = !run.reason;
  showProgress(view);
  showFigures(part("figures"), run.figures);
  showActions(view);
  view.tools.show({
    key: run.name,
    name: run.name,
    tools: run.tools || [],
    file: run.export || null,
  });
  showLog(part("log"), run.log);
  write(part("command"), run.command);
};

const showProgress = ({ part, state: { run } }) => {
  const percent = Math.round(100 * run.fraction);
  part("bar").setAttribute("aria-valuenow", String(percent));
  part("bar").setAttribute("aria-valuetext", `${percent} %, ${run.title}`);
  part("filled").style.width = `${percent}%`;
};

const newFigure = () => {
  const cell = make("div");
  const number = make("dd");
  number.append(make("span"), make("small"));
  cell.append(make("dt"), number);
  return cell;
};

const showFigures = (list, figures) => {
  while (list.children.length < figures.length) list.append(newFigure());
  while (list.children.length > figures.length) list.lastElementChild.remove();
  figures.forEach(([label, value, unit], index) => {
    const [name, number] = list.children[index].children;
    write(name, label);
    write(number.children[0], value);
    write(number.children[1], unit ? ` ${unit}` : "");
  });
};

// A log that is read at its end stays there.
const showLog = (log, text) => {
  const isAtEnd = log.scrollTop + log.clientHeight > log.scrollHeight - NEAR_THE_END;
  write(log, text);
  if (isAtEnd) log.scrollTop = log.scrollHeight;
};

const newAction = (action, isSure) => {
  const button = makeButton("mt-btn", isSure ? action.confirm : action.label);
  button.dataset.key = action.what;
  button.disabled = !action.enabled;
  button.classList.toggle("mt-first", action.first);
  button.classList.toggle("mt-sure", isSure);
  return button;
};

const showActions = ({ part, state, changed }) => {
  const { run, sure } = state;
  if (!changed("actions", [run.name, run.actions, sure])) return;
  const buttons = run.actions.map((action) => newAction(action, sure === action.what));
  replaceKeepingFocus(part("actions"), buttons);
};

const listenToActions = (view) => {
  const { part, state, trigger } = view;
  let forget = 0;
  part("actions").addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    const action = button && state.run.actions.find((one) => one.what === button.dataset.key);
    if (!action) return;
    window.clearTimeout(forget);
    if (action.confirm && state.sure !== action.what) {
      state.sure = action.what;
      forget = window.setTimeout(() => {
        state.sure = null;
        if (state.run) showActions(view);
      }, SURE_MS);
      showActions(view);
      return;
    }
    state.sure = null;
    action.enabled = false; // until the answer is here
    showActions(view);
    trigger("ask", { run: state.run.name, what: action.what });
  });
};

const listenToCopy = ({ part }) => {
  part("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(part("command").textContent);
    } catch {
      window.getSelection().selectAllChildren(part("command"));
      return;
    }
    write(part("copy"), t("Copied"));
    window.setTimeout(() => write(part("copy"), t("Copy")), COPIED_MS);
  });
};

export const listenToDetail = (view) => {
  listenToActions(view);
  listenToCopy(view);
};
