// The parts picker. `props.value` is {rewrites, rows}; see `rows.js`.

import { make, makeButton, whenThemeChanges } from "../../dom.js";
import { t } from "../../language.js";
import { isDark, paint } from "../colours.js";
import { choicesOf, withAdded, withoutRow, withPresence } from "./rows.js";

const newChoice = (row, rewrites, group) => {
  const set = make("span", "mp-choice");
  set.setAttribute("role", "radiogroup");
  set.setAttribute("aria-label", row.name);
  for (const [value, text] of choicesOf(row, rewrites)) {
    const label = make("label");
    const input = make("input");
    input.type = "radio";
    input.name = group + row.number;
    input.value = value;
    input.checked = row.presence === value;
    input.dataset.number = row.number;
    input.setAttribute("aria-label", `${row.name}: ${text}`);
    label.append(input, make("span", "", text));
    set.append(label);
  }
  return set;
};

const newLine = (row, rewrites, group, dark) => {
  const line = make("div", "mp-row");
  const swatch = make("span", "mp-swatch");
  swatch.style.background = paint(row.colour, dark);
  const name = make("span", "mp-name", row.short || row.name);
  name.title = row.name;
  line.append(swatch, name, newChoice(row, rewrites, group));
  if (!row.own) {
    const off = makeButton("mp-off", "✕");
    off.dataset.off = row.number;
    off.setAttribute("aria-label", t("Remove {name}", row));
    line.append(off);
  }
  return line;
};

const familyOf = ({ family, choices }) => {
  const list = make("optgroup");
  list.label = family;
  list.append(...choices.map((one) => new Option(one.label, one.program)));
  return list;
};

export const mount = (element, { props, watch }) => {
  const part = (name) => element.querySelector(`[data-mp="${name}"]`);
  const group = `mp${Math.random().toString(36).slice(2)}`; // radios of two pickers stay apart
  const rows = () => props.value?.rows || [];
  const rewrites = () => Boolean(props.value?.rewrites);

  const showRows = () => {
    const dark = isDark(element);
    part("rows").replaceChildren(...rows().map((row) => newLine(row, rewrites(), group, dark)));
  };
  const show = () => {
    const held = document.activeElement;
    const { number } = held && element.contains(held) ? held.dataset : {};
    const value = held?.value;
    showRows();
    if (number) {
      part("rows").querySelector(`input[data-number="${number}"][value="${value}"]`)?.focus();
    }
    part("title").textContent = rewrites() ? t("Parts to write again") : t("Parts");
    part("add").disabled = rows().length === 0;
  };
  const setRows = (next) => {
    props.value = { ...props.value, rows: next };
    show();
  };

  part("add").append(...props.families.map(familyOf));
  part("rows").addEventListener("change", ({ target }) => {
    setRows(withPresence(rows(), Number(target.dataset.number), target.value));
  });
  part("rows").addEventListener("click", (event) => {
    const off = event.target.closest("[data-off]");
    if (off) setRows(withoutRow(rows(), Number(off.dataset.off)));
  });
  part("add").addEventListener("change", ({ target }) => {
    const program = target.value;
    const label = target.selectedOptions[0].textContent;
    target.value = "";
    if (program !== "") setRows(withAdded(rows(), { program: Number(program), label }, props));
  });
  whenThemeChanges(show);
  watch("value", show);
  show();
};
