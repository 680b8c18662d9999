// The rows of the parts picker: {number, name, short, colour, presence, usual, own, shape}; of the shape,
// see `shape.js`. Where bars are written again, a part of the piece is written as usual there, or kept as it is.

import { t } from "../../language.js";

const CHOICES = [
  ["always", t("Every bar")],
  ["free", t("Free")],
  ["silent", t("Silent")],
];
const KEPT = ["kept", t("Keep")];

// The choices of a row: what is sent, and what it is called.
export const choicesOf = (row, rewrites) => {
  if (!rewrites) return CHOICES;
  return row.own ? [[row.usual, t("Again")], KEPT] : CHOICES.slice(0, 2);
};

export const withPresence = (rows, number, presence) =>
  rows.map((row) => (row.number === number ? { ...row, presence } : row));

// What is asked of a part beyond that; null asks for nothing.
export const withShape = (rows, number, shape) =>
  rows.map(({ shape: before, ...row }) => {
    const own = row.number === number ? shape : before;
    return own ? { ...row, shape: own } : row;
  });

// A part that does not play, or stays as it is, has none.
export const canShape = ({ presence }) => presence !== "silent" && presence !== KEPT[0];

export const withoutRow = (rows, number) => rows.filter((row) => row.number !== number);

// One more player of an instrument, as long as there are numbers for them.
export const withAdded = (rows, { program, label }, { instances, drums, palette }) => {
  const most = program === drums ? 1 : instances;
  const used = new Set(rows.map((row) => row.number));
  for (let i = 0; i < most; i += 1) {
    const number = program * instances + i;
    if (used.has(number)) continue;
    const name = i === 0 ? label : `${label} ${i + 1}`;
    const colour = palette[rows.length % palette.length];
    return [...rows, { number, name, colour, presence: "always", own: false }];
  }
  return rows;
};
