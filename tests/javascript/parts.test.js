import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choicesOf,
  withAdded,
  withoutRow,
  withPresence,
} from "../../ui/static/compose/parts/rows.js";

const PROPS = { instances: 8, drums: 128, palette: ["red", "blue"] };
const OWN = { number: 0, name: "Piano", presence: "always", usual: "free", own: true };
const values = (row, rewrites) => choicesOf(row, rewrites).map(([value]) => value);

test("a part plays in every bar, or is free to, or rests", () => {
  assert.deepEqual(values(OWN, false), ["always", "free", "silent"]);
});

test("where bars are written again a part is written as usual there, or kept", () => {
  assert.deepEqual(values(OWN, true), ["free", "kept"]);
  assert.deepEqual(values({ ...OWN, own: false }, true), ["always", "free"]);
});

test("a choice changes one row, and removing takes one away", () => {
  const rows = [OWN, { ...OWN, number: 8 }];
  assert.deepEqual(
    withPresence(rows, 8, "silent").map((row) => row.presence),
    ["always", "silent"],
  );
  assert.equal(rows[1].presence, "always");
  assert.deepEqual(withoutRow(rows, 0), [rows[1]]);
});

test("an instrument joins under the next free number, as often as there are players", () => {
  const vibraphone = { program: 11, label: "Vibraphone" };
  let rows = [OWN];
  for (let i = 0; i < 10; i += 1) rows = withAdded(rows, vibraphone, PROPS);
  assert.equal(rows.length, 9);
  assert.deepEqual(rows[1], {
    number: 88,
    name: "Vibraphone",
    colour: "blue",
    presence: "always",
    own: false,
  });
  assert.equal(rows[2].name, "Vibraphone 2");
});

test("there is one drum kit", () => {
  const drums = { program: 128, label: "Drums" };
  const rows = withAdded([], drums, PROPS);
  assert.equal(withAdded(rows, drums, PROPS), rows);
});
