import assert from "node:assert/strict";
import { test } from "node:test";
import { canShape, withShape } from "../../ui/static/compose/parts/rows.js";
import {
  badge,
  densityAt,
  dialAt,
  pitchName,
  plain,
  typedDensity,
  withPitch,
} from "../../ui/static/compose/parts/shape.js";
import { KEY, typedVelocity, withTonic, withValue } from "../../ui/static/compose/shape/values.js";

test("the dial goes from a quarter of the notes to four times as many, and asks nothing in the middle", () => {
  assert.deepEqual([-2, -1, 0, 1, 2].map(densityAt), [0.25, 0.5, null, 2, 4]);
  assert.deepEqual([0.5, 1, 2, 8, 0.1].map(dialAt), [-1, 0, 1, 2, -2]);
  assert.equal(dialAt(undefined), 0);
});

test("a typed density is within what can be asked for, and empty asks for nothing", () => {
  assert.deepEqual(["", " ", "x", "0.7", "1", "99", "0"].map(typedDensity), [
    null,
    null,
    null,
    0.7,
    1,
    8,
    0.1,
  ]);
});

test("a range is never turned round", () => {
  assert.deepEqual(withPitch({ lowest: 40, highest: 50 }, "lowest", 60), {
    lowest: 60,
    highest: 60,
  });
  assert.deepEqual(withPitch({ lowest: 40 }, "highest", 30), { lowest: 30, highest: 30 });
  assert.deepEqual(withPitch({ highest: 50 }, "lowest", null), { lowest: null, highest: 50 });
});

test("a shape that asks for nothing is none, and one says itself in signs", () => {
  assert.equal(plain({ density: null, lowest: undefined }), null);
  assert.deepEqual(plain({ density: 0.5, most: null }), { density: 0.5 });
  assert.equal(badge({ density: 0.5, lowest: 28, highest: 52, most: 2 }), "×0.5 E1–E3 ≤2");
  assert.equal(badge({ lowest: 60 }), "C4–");
  assert.equal(pitchName(61), "D♭4");
});

test("the shape of a part belongs to its row, and only a part that plays has one", () => {
  const rows = [{ number: 0 }, { number: 8, shape: { most: 1 } }];
  assert.deepEqual(withShape(rows, 0, { density: 2 })[0], { number: 0, shape: { density: 2 } });
  assert.deepEqual(withShape(rows, 8, null)[1], { number: 8 });
  const presences = ["always", "free", "silent", "kept"];
  assert.deepEqual(
    presences.map((presence) => canShape({ presence })),
    [true, true, false, false],
  );
});

test("a scale has a root and a mode, and the key of the piece no mode", () => {
  const dorian = { tonic: 2, mode: "dorian", grid: "swing" };
  assert.deepEqual(withTonic({}, "2"), { tonic: 2, mode: "major" });
  assert.deepEqual(withTonic(dorian, "4"), { ...dorian, tonic: 4 });
  assert.deepEqual(withTonic(dorian, KEY), { tonic: KEY, grid: "swing" });
  assert.deepEqual(withTonic(dorian, ""), { grid: "swing" });
  assert.deepEqual(withValue(dorian, "grid", ""), { tonic: 2, mode: "dorian" });
  assert.deepEqual(["", "0", "200", "64.4", "x"].map(typedVelocity), [null, 1, 127, 64, null]);
});
