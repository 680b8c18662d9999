// The parts picker. `props.value` is {rewrites, rows}; see `rows.js`.

import { make, makeButton, whenThemeChanges } from "../../dom.js";
import { t } from "../../language.js";
import { isDark, paint } from "../colours.js";
import { canShape, choicesOf, withAdded, withoutRow, withPresence, withShape } from "./rows.js";
import { badge, newShape } from "./shape.js";

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

// The button that unfolds what is asked of a part, and says it in signs while it is folded up.
const newMore = (row, isOpen) => {
  const more = makeButton("mp-more", "");
  const signs = row.shape ? badge(row.shape) : "";
  if (signs && !isOpen) more.append(make("span", "mp-badge", signs));
  more.append(make("span", "mp-arrow", "▾"));
  more.dataset.more = row.number;
  more.dataset.key = `more:${row.number}`;
  more.setAttribute("aria-expanded", String(isOpen));
  const name = row.short || row.name;
  more.setAttribute("aria-label", t("{name}: density, range, notes at once", { name }));
  more.title = t("Density, range, notes at once");
  return more;
};

const newLine = (row, rewrites, group, dark, isOpen) => {
  const line = make("div", "mp-row");
  const swatch = make("span", "mp-swatch");
  swatch.style.background = paint(row.colour, dark);
  const name = make("span", "mp-name", row.short || row.name);
  name.title = row.name;
  line.append(swatch, name, newChoice(row, rewrites, group));
  if (canShape(row)) line.append(newMore(row, isOpen));
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

  let open = null; // the number of the part that is unfolded
  let shown = null; // its controls
  let drawn = "";

  const keyOfRows = () => {
    const plain = rows().map(({ shape, ...row }) =>
      row.number === open ? row : { ...row, shape },
    );
    return JSON.stringify([plain, rewrites(), open, isDark(element)]);
  };
  const showRows = () => {
    const dark = isDark(element);
    shown = null;
    const lines = rows().flatMap((row) => {
      const isOpen = row.number === open && canShape(row);
      const line = newLine(row, rewrites(), group, dark, isOpen);
      if (!isOpen) return [line];
      const isDrum = Math.floor(row.number / props.instances) === props.drums;
      shown = newShape(row, isDrum, (shape) => {
        props.value = { ...props.value, rows: withShape(rows(), row.number, shape) };
      });
      return [line, shown.box];
    });
    part("rows").replaceChildren(...lines);
  };
  const show = () => {
    // While only what is unfolded changes, its controls stay: one of them may be held.
    const key = keyOfRows();
    if (key === drawn) {
      shown?.show(rows().find(({ number }) => number === open)?.shape);
      return;
    }
    drawn = key;
    const held = document.activeElement;
    const { number, key: name } = held && element.contains(held) ? held.dataset : {};
    const value = held?.value;
    showRows();
    if (name) part("rows").querySelector(`[data-key="${name}"]`)?.focus();
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
    if (target.dataset.number === undefined) return;
    setRows(withPresence(rows(), Number(target.dataset.number), target.value));
  });
  part("rows").addEventListener("click", (event) => {
    const more = event.target.closest("[data-more]");
    if (more) {
      const number = Number(more.dataset.more);
      open = open === number ? null : number;
      show();
    }
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
