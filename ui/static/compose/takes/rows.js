// The rows of the list of versions, and the elements that show them.

import { make, makeButton } from "../../dom.js";
import { t, tn } from "../../language.js";

// The deepest indentation that leaves room for words on a phone.
const DEEPEST = 6;

export const countText = (rows) => {
  const count = rows.filter((row) => row.id !== 0).length;
  return tn("{count} version", "{count} versions", count);
};

const labelled = (className, act, row, text, label) => {
  const button = makeButton(className, text);
  button.dataset.act = act;
  if (row.revision) button.dataset.revision = row.revision;
  else button.dataset.take = row.id;
  button.dataset.key = `${act}:${row.revision ? `edit-${row.revision}` : row.id}`; // focus stays
  button.setAttribute("aria-label", label);
  button.title = label;
  return button;
};

const starOf = (row) => {
  const label = t("{name}: star", row);
  const button = labelled("mt-star", "star", row, row.starred ? "★" : "☆", label);
  button.setAttribute("aria-pressed", String(row.starred));
  return button;
};

const wordsOf = (row) => {
  const words = make("span", "mt-words");
  words.append(make("b", "", row.name));
  if (row.facts?.length) words.append(make("i", "", row.facts.join(" · ")));
  if (row.present) words.append(make("em", "", t("continued from here")));
  else if (row.shown) words.append(make("em", "", t("shown")));
  return words;
};

const actsOf = (row, busy) => {
  const acts = [];
  if (row.id && !row.shown) {
    acts.push(labelled("mt-act", "show", row, t("Show"), t("Show {name}", row)));
  }
  if (!row.present) {
    acts.push(labelled("mt-act", "go", row, t("Go on from here"), t("Go on from {name}", row)));
  }
  if (row.id) {
    acts.push(labelled("", "rename", row, "✎", t("Rename {name}", row)));
    acts.push(labelled("", "remove", row, "✕", t("Delete {name}", row)));
  }
  for (const button of acts) button.disabled = busy && button.dataset.act !== "rename";
  return acts;
};

const nameField = (row) => {
  const field = make("input");
  field.type = "text";
  field.maxLength = 60;
  field.value = row.name;
  field.dataset.named = row.id;
  field.dataset.key = `rename:${row.id}`; // of the button that it stands for
  field.setAttribute("aria-label", t("New name of {name}", row));
  return field;
};

// The row that the page shows: a version, or what is continued while no version is looked at.
export const hereOf = (rows) => rows.find((row) => row.shown) || rows.find((row) => row.present);

export const rowElement = (row, { busy, renaming, here }) => {
  const line = make("li", "mt-row");
  line.style.setProperty("--mt-depth", Math.min(row.depth, DEEPEST));
  if (row === here) line.setAttribute("aria-current", "true");
  if (row.id) line.append(starOf(row));
  else if (row.revision) line.append(make("span", "mt-no-star"));
  line.append(renaming === row.id ? nameField(row) : wordsOf(row));
  line.append(...(renaming === row.id ? [] : actsOf(row, busy)));
  return line;
};
