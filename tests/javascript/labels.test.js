import assert from "node:assert/strict";
import { test } from "node:test";
import { stepsBack } from "../../ui/static/compose/roll/state/focus.js";
import {
  newMeasure,
  numberStep,
  stuck,
  thinned,
} from "../../ui/static/compose/roll/state/labels.js";

const every = (step, width) => Array.from({ length: 200 }, (_, i) => ({ x: i * step, width }));

test("labels that have room are all there", () => {
  assert.equal(thinned(every(60, 40)).length, 200);
});

test("however narrow bars are, some labels are left and none lies over another", () => {
  for (const step of [40, 12, 3, 0.5]) {
    for (const width of [9, 31, 58]) {
      const left = thinned(every(step, width), 6);
      assert.equal(left[0].x, 0);
      assert.ok(left.every(({ x }, i) => i === 0 || x >= left[i - 1].x + width + 6));
    }
  }
});

test("labels of numbered bars take their room before the others", () => {
  const labels = Array.from({ length: 12 }, (_, i) => ({
    x: i * 10,
    width: 14,
    isFirst: i % 4 === 0,
  }));
  const xs = thinned(labels, 6).map(({ x }) => x);
  assert.deepEqual(xs, [0, 20, 40, 60, 80, 100]);
  const wide = labels.map((label) => ({ ...label, width: 30 }));
  assert.deepEqual(
    thinned(wide, 6).map(({ x }) => x),
    [0, 40, 80],
  );
  const first = labels.map((label) => ({ ...label, width: 50 }));
  assert.deepEqual(
    thinned(first, 6).map(({ x }) => x),
    [0, 80],
  );
});

test("a label stays in sight while its bar does, and leaves with the end of the bar", () => {
  assert.equal(stuck(100, 20, 0, 400), 100);
  assert.equal(stuck(100, 20, 150, 400), 150);
  assert.equal(stuck(100, 20, 390, 400, 6), 374);
  assert.equal(stuck(100, 20, 150, 110), 100);
});

test("numbers are so many bars apart that they have room", () => {
  assert.equal(numberStep(40, 30), 1);
  assert.equal(numberStep(11, 30), 4);
  assert.equal(numberStep(0.001, 30), 512);
});

test("a text is measured once", () => {
  const asked = [];
  const measure = newMeasure((text) => asked.push(text) * 10);
  assert.deepEqual(["Am", "F", "Am"].map(measure), [10, 20, 10]);
  assert.deepEqual(asked, ["Am", "F"]);
});

test("the others step back from the part under the pointer, unless that is hidden", () => {
  const hidden = new Set();
  assert.ok(!stepsBack({ focusPart: null, hidden }, 0));
  assert.deepEqual(
    [0, 8].map((part) => stepsBack({ focusPart: 0, hidden }, part)),
    [false, true],
  );
  hidden.add(0);
  assert.ok(!stepsBack({ focusPart: 0, hidden }, 8));
});
