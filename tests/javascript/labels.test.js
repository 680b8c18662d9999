import assert from "node:assert/strict";
import { test } from "node:test";
import { stepsBack } from "../../ui/static/compose/roll/state/focus.js";
import { newMeasure, thinned } from "../../ui/static/compose/roll/state/labels.js";

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
