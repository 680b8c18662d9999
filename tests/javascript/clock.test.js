import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, toQuarters, toSeconds } from "../../ui/static/compose/roll/state/clock.js";

const CLOCK = [
  [0, 0],
  [4, 4], // 60 to the minute, from here 120
  [8, 6],
  [9, 7],
];

test("seconds follow the tempo, and go on behind the end", () => {
  assert.deepEqual(
    [0, 2, 4, 6, 8, 8.5, 10].map((quarter) => toSeconds(CLOCK, quarter)),
    [0, 2, 4, 5, 6, 6.5, 8],
  );
});

test("quarters and seconds turn into each other", () => {
  for (const quarter of [0, 0.25, 3.99, 4, 7.5, 12]) {
    assert.ok(Math.abs(toQuarters(CLOCK, toSeconds(CLOCK, quarter)) - quarter) < 1e-9);
  }
});

test("a clock that stands still divides by nothing", () => {
  assert.equal(
    toSeconds(
      [
        [0, 0],
        [0, 0],
      ],
      3,
    ),
    0,
  );
});

test("time is written in minutes and seconds", () => {
  assert.deepEqual([0, 9.9, 60, 754, -1, Number.NaN].map(clockText), [
    "0:00",
    "0:09",
    "1:00",
    "12:34",
    "0:00",
    "0:00",
  ]);
});
