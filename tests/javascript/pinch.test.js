import assert from "node:assert/strict";
import { test } from "node:test";
import { pinchedZoom, spanOf, wheelZoom } from "../../ui/static/compose/roll/state/pinch.js";

const finger = (clientX, clientY = 0) => ({ clientX, clientY });

test("between two fingers is their middle, seen from the roll", () => {
  assert.deepEqual(spanOf([finger(120, 10), finger(200, 70)], 20), { x: 140, distance: 100 });
});

test("fingers twice as far apart show half as much, and back again all", () => {
  const begun = { zoom: 9, distance: 80 };
  assert.equal(pinchedZoom(begun, { distance: 160 }), 18);
  assert.equal(pinchedZoom(begun, { distance: 80 }), 9);
});

test("fingers that meet do not make the zoom jump", () => {
  const begun = { zoom: 9, distance: spanOf([finger(50), finger(51)], 0).distance };
  assert.equal(pinchedZoom(begun, spanOf([finger(50), finger(60)], 0)), 9);
});

test("the wheel zooms by steps, a trackpad by its own, and the way back ends where it began", () => {
  assert.ok(wheelZoom(100) === wheelZoom(25) && wheelZoom(100) > 0.7 && wheelZoom(100) < 1);
  assert.ok(wheelZoom(3) > 0.95);
  assert.ok(Math.abs(wheelZoom(12) * wheelZoom(-12) - 1) < 1e-12);
});
