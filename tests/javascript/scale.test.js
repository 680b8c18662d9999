import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bestOf,
  clock,
  digitsOf,
  nearest,
  niceStep,
  pathOf,
  rangeOf,
  short,
  ticksOf,
  timeStep,
  timeUnit,
} from "../../ui/static/training/runs/scale.js";

test("ticks stand at round values inside the axis", () => {
  assert.equal(niceStep(10, 4), 2.5);
  assert.equal(niceStep(0.9, 3), 0.5);
  assert.deepEqual(ticksOf(0.3, 2.1, 0.5), [0.5, 1, 1.5, 2]);
  assert.deepEqual(ticksOf(0, 3, 1), [0, 1, 2, 3]);
});

test("two ticks never read the same", () => {
  for (const span of [0.004, 0.05, 0.7, 3, 40]) {
    const step = niceStep(span, 4);
    const digits = step >= 1 ? 0 : digitsOf(step, 2);
    const words = ticksOf(1, 1 + span, step).map((value) => short(value, digits));
    assert.equal(new Set(words).size, words.length);
  }
});

test("numbers get shorter as they grow", () => {
  assert.deepEqual(
    [1.234, 123.4, 1234, 56789].map((one) => short(one, 2)),
    ["1.23", "123", "1,234", "57k"],
  );
});

test("time has the unit that fits, and ticks that do not touch", () => {
  assert.deepEqual(
    [60, 600, 20000, 1e6].map((end) => timeUnit(end).name),
    ["seconds", "minutes", "hours", "days"],
  );
  for (const end of [60, 600, 20000, 1e6]) assert.ok(end / timeStep(end, 640) <= 10);
  assert.equal(timeStep(1e9, 640), 604800);
});

test("an axis leaves room, begins at nothing where that means something, and is never flat", () => {
  const [low, high] = rangeOf([1, 2], false);
  assert.ok(low < 1 && high > 2);
  assert.equal(rangeOf([1, 2], true)[0], 0);
  const [flat, above] = rangeOf([3, 3], false);
  assert.ok(flat < above);
});

test("an axis does not magnify what is no change, and holds what is one", () => {
  const [low, high] = rangeOf([4.0, 4.008], false, 0.1); // 0.2 %
  assert.ok(high - low >= 0.4);
  assert.ok(low < 4.0 && 4.008 < high);
  assert.ok(Math.abs((low + high) / 2 - 4.004) < 1e-9);
  assert.deepEqual(rangeOf([2, 4], false, 0.1), rangeOf([2, 4], false));
  assert.deepEqual(rangeOf([2, 4], true, 0.1), rangeOf([2, 4], true));
});

test("the best is a checkpoint, never the model before training", () => {
  assert.equal(bestOf([4, 3, 2, 3], false), 2);
  assert.equal(bestOf([2, 4, 3, 5], true), 2);
  assert.equal(bestOf([2], true), -1);
  assert.equal(bestOf([2], false), 0);
  assert.equal(bestOf([], false), -1);
});

test("a path goes through its points, and the nearest of them is found", () => {
  assert.equal(pathOf([0, 1.25], [2, 3]), "M0.0 2.0L1.3 3.0");
  assert.equal(nearest([0, 10, 20], 14), 1);
  assert.equal(nearest([5], 100), 0);
});

test("hours are written only where there are some", () => {
  assert.deepEqual([59.6, 3599, 3661].map(clock), ["1:00", "59:59", "1:01:01"]);
});
