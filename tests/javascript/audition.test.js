import assert from "node:assert/strict";
import { test } from "node:test";
import { firstOf, heardIn } from "../../ui/static/compose/roll/edit/audition.js";

const note = (start, pitch, velocity = 80) => ({ part: 0, start, length: 1, pitch, velocity });

test("of many notes those that begin first are heard, and of a cluster only so many", () => {
  assert.deepEqual(firstOf([note(2, 60), note(1, 62), note(1.0004, 65)]), [
    note(1, 62),
    note(1.0004, 65),
  ]);
  assert.equal(firstOf(Array.from({ length: 30 }, (_, i) => note(0, 40 + i))).length, 8);
  assert.deepEqual(firstOf([]), []);
});

test("notes that are drawn, or sound otherwise than before, are heard, others are not", () => {
  const changes = [
    [null, note(0, 60)],
    [note(1, 60), note(1, 61)],
    [note(2, 60), note(2, 60, 99)],
    [note(3, 60), note(4, 60)],
    [note(5, 60), null],
  ];
  assert.deepEqual(heardIn(changes), [note(0, 60), note(1, 61), note(2, 60, 99)]);
});
