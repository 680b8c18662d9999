// Models from other machines, and what was deleted and can be brought back.

import { make, makeButton, replaceKeepingFocus, write } from "../../dom.js";
import { t } from "../../language.js";
import { refusalOf } from "../../refusal.js";
import { megabytes } from "./scale.js";

const SAID_MS = 20000;
const SURE_MS = 6000;

const newModel = ({ name, label, words }, sure) => {
  const row = make("li");
  const use = makeButton("mt-btn", t("Use in Compose"));
  const remove = makeButton("mt-btn", sure === name ? t("Really delete?") : t("Delete"));
  use.dataset.key = `use ${name}`;
  remove.dataset.key = `delete ${name}`;
  remove.classList.toggle("mt-sure", sure === name);
  use.setAttribute("aria-label", t("Use {label} in Compose", { label }));
  if (sure !== name) remove.setAttribute("aria-label", t("Delete {name}", { name: label }));
  const text = make("span");
  text.append(make("b", "", label), make("small", "", words));
  row.append(text, use, remove);
  return row;
};

const newDeleted = ({ key, words }) => {
  const row = make("li");
  const back = makeButton("mt-btn", t("Bring back"));
  back.dataset.key = key;
  back.setAttribute("aria-label", t("Bring back {words}", { words }));
  row.append(make("span", "", words), back);
  return row;
};

// What has just been done stays to be read while the page looks again every other second.
const showSaid = ({ part, state }, said) => {
  if (said) Object.assign(state, { said, saidAt: Date.now() });
  const isFresh = Date.now() - state.saidAt < SAID_MS;
  write(part("said"), isFresh ? state.said : "");
};

const say = (view, text) => showSaid(view, text);

export const showUpkeep = (view, message) => {
  const { part, state, changed } = view;
  const { models = [], deleted = [], said = "" } = message;
  if (state.deleted && deleted.length > state.deleted.length) part("deleted").open = true;
  state.models = models;
  state.deleted = deleted;
  part("models").hidden = !models.length;
  if (changed("models", [models, state.sureModel])) {
    replaceKeepingFocus(
      part("modellist"),
      models.map((one) => newModel(one, state.sureModel)),
    );
  }
  part("deleted").hidden = !deleted.length;
  write(part("deletedhead"), t("Deleted, kept for a week ({count})", { count: deleted.length }));
  if (changed("deleted", deleted)) {
    replaceKeepingFocus(part("deletedlist"), deleted.map(newDeleted));
  }
  showSaid(view, said);
};

const importModel = async (view, file) => {
  const { part, props, state, trigger, upload } = view;
  if (file.size > props.most_bytes) {
    const sizes = { size: megabytes(file.size), most: megabytes(props.most_bytes) };
    say(view, t("This is {size}; up to {most} are taken.", sizes));
    return;
  }
  part("import").disabled = true;
  say(view, t("Bringing {name}…", { name: file.name }));
  try {
    const { path } = await upload(file);
    trigger("bring", { path, run: state.chosen });
  } catch (error) {
    const lost = t("The file did not arrive. Is the app still running? Choose it once more.");
    say(view, refusalOf(error) || lost);
  }
  part("import").disabled = false;
};

export const listenToUpkeep = (view) => {
  const { part, state, trigger } = view;
  let forget = 0;
  part("import").addEventListener("click", () => part("importinput").click());
  part("importinput").addEventListener("change", ({ target }) => {
    const [file] = target.files;
    if (file) importModel(view, file);
    target.value = "";
  });
  const redraw = () => showUpkeep(view, { models: state.models, deleted: state.deleted || [] });
  part("modellist").addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key || "";
    const [what, ...rest] = key.split(" ");
    const model = rest.join(" ");
    if (!model) return;
    window.clearTimeout(forget);
    if (what === "delete" && state.sureModel !== model) {
      state.sureModel = model;
      forget = window.setTimeout(() => {
        state.sureModel = "";
        redraw();
      }, SURE_MS);
      redraw();
      return;
    }
    state.sureModel = "";
    trigger("model", { model, what, run: state.chosen });
  });
  part("deletedlist").addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    if (button) trigger("restore", { key: button.dataset.key, run: state.chosen });
  });
};
