// The buttons below a training or some music: rename, export, delete. They are drawn into a box of
// the component, whose style has `PREFIX-btn`, `PREFIX-tools` and `PREFIX-naming`.

import { make, makeButton, replaceKeepingFocus, write } from "../dom.js";
import { t } from "../language.js";

const SURE_MS = 6000; // how long a button waits to be pressed once more
const LONGEST_PACKING_MS = 120000;
const LONGEST_NAME = 60;

const newForm = (prefix) => {
  const form = make("form", `${prefix}-naming`);
  const label = make("label", "", t("New name"));
  const input = make("input");
  const save = make("button", `${prefix}-btn`, t("Save name"));
  const cancel = makeButton(`${prefix}-btn`, t("Cancel"));
  input.type = "text";
  input.maxLength = LONGEST_NAME;
  input.required = true;
  label.append(input);
  form.append(label, save, cancel);
  form.hidden = true;
  return { form, input, cancel };
};

// `ask(what, value)` tells the app. What comes back is shown by `show({ key, name, tools, file })`:
// whose buttons they are, its name, the buttons, and the ZIP if it has been packed.
export const newTools = (box, prefix, ask) => {
  const row = make("div", `${prefix}-tools`);
  const { form, input, cancel } = newForm(prefix);
  const link = make("a", `${prefix}-link`);
  link.hidden = true;
  box.replaceChildren(row, form, link);
  const state = { key: "", name: "", tools: [], file: null, sure: "", packing: 0, drawn: "" };
  let forget = 0;

  const isPacking = () => state.packing && Date.now() - state.packing < LONGEST_PACKING_MS;

  const newButton = ({ what, label, confirm }) => {
    const waits = what === "export" && isPacking();
    const isSure = state.sure === what;
    const button = makeButton(`${prefix}-btn`, waits ? t("Packing…") : isSure ? confirm : label);
    button.dataset.key = what;
    button.disabled = Boolean(waits);
    button.classList.toggle(`${prefix}-sure`, isSure);
    return button;
  };

  const draw = () => {
    const drawn = JSON.stringify([state.key, state.tools, state.sure, Boolean(isPacking())]);
    if (drawn === state.drawn) return;
    state.drawn = drawn;
    replaceKeepingFocus(row, state.tools.map(newButton));
  };

  const setSure = (what) => {
    window.clearTimeout(forget);
    state.sure = what;
    if (what) forget = window.setTimeout(() => setSure(""), SURE_MS);
    draw();
  };

  const setNaming = (isNaming) => {
    if (form.hidden === !isNaming) return;
    form.hidden = !isNaming;
    if (isNaming) {
      input.value = state.name;
      input.focus();
      input.select();
    } else {
      row.querySelector('[data-key="rename"]')?.focus();
    }
  };

  const press = {
    rename: () => setNaming(form.hidden),
    export: () => {
      if (state.file) {
        link.click();
        return;
      }
      state.packing = Date.now();
      draw();
      ask("export", "");
    },
    delete: ({ what }) => {
      if (state.sure === what) {
        setSure("");
        ask(what, "");
      } else {
        setSure(what);
      }
    },
  };

  row.addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    const tool = button && state.tools.find((one) => one.what === button.dataset.key);
    if (tool) press[tool.what](tool);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (name && name !== state.name) ask("rename", name);
    setNaming(false);
  });
  cancel.addEventListener("click", () => setNaming(false));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") setNaming(false);
  });

  const show = ({ key, name, tools, file }) => {
    if (key !== state.key) {
      form.hidden = true;
      Object.assign(state, { sure: "", packing: 0 });
    }
    Object.assign(state, { key, name, tools, file });
    link.hidden = !file;
    if (file) {
      link.href = file.url;
      link.download = `${name}.zip`;
      write(link, t("Download {name}.zip", { name }));
      if (isPacking()) link.click();
      state.packing = 0;
    }
    draw();
  };

  return { show };
};
