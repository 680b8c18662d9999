import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boxOf,
  clampZoom,
  fitZoom,
  freshZoom,
  GUTTER,
  isInside,
  quarterAt,
  RULER,
  rowsOf,
  seamZoom,
  xOf,
} from "../../ui/static/compose/roll/state/geometry.js";
import { pieceMessage, stateAfter } from "./states.js";

test("pixels and quarters turn into each other, wherever the roll is scrolled to", () => {
  assert.equal(xOf(2, 10, 5), GUTTER + 15);
  for (const quarter of [0, 1.5, 100]) assert.equal(quarterAt(xOf(quarter, 16, 7), 16, 7), quarter);
});

test("the whole piece fits at the least zoom, and no zoom is out of bounds", () => {
  assert.ok(fitZoom(600, 40) * 40 < 600);
  assert.equal(fitZoom(600, 0), 24);
  assert.equal(fitZoom(600, 10000), 1);
  assert.equal(clampZoom(0, 600, 40), fitZoom(600, 40));
  assert.equal(clampZoom(1e6, 600, 40), 160);
});

test("a fresh piece shows five bars, or all of it if that is less", () => {
  assert.equal(freshZoom(600, 400, 6), 20);
  assert.equal(freshZoom(600, 6, 3), fitZoom(600, 6));
});

test("at the seam all that is to come is in sight, but never too small to read", () => {
  const zoom = seamZoom(26, 600, 400, 4, 8);
  assert.ok(zoom * 4 * (8 + 2) < 600);
  assert.equal(seamZoom(26, 600, 400, 4, 64), 9);
  assert.equal(seamZoom(10, 600, 400, 4, 1), 10);
});

test("higher pitches are drawn higher, and drums below all of them", () => {
  const state = { ...stateAfter(pieceMessage()), zoom: 20 };
  const rows = rowsOf(state, 300);
  const [low, high, drum] = [
    { part: 0, pitch: 60, start: 0, length: 1 },
    { part: 0, pitch: 67, start: 0, length: 1 },
    { part: 1024, pitch: 38, start: 0, length: 4 },
  ].map((note) => boxOf(note, state, rows, 0));
  assert.ok(RULER <= high.y && high.y < low.y && low.y < rows.bottom && rows.bottom < drum.y);
  assert.ok(drum.y + drum.height <= 300);
  assert.equal(low.width, 19);
  assert.ok(drum.width < low.width);
});

test("without drums the pitches have the whole height", () => {
  const rows = rowsOf({ low: 50, high: 59, drums: [] }, RULER + 200);
  assert.deepEqual(rows, { drumHeight: 0, row: 20, bottom: RULER + 200, drumRow: 0 });
});

test("a note is hit at its edge, and not beside it", () => {
  const box = { x: 10, y: 10, width: 20, height: 5 };
  assert.ok(isInside(9, 15, box));
  assert.ok(!isInside(8, 12, box));
  assert.ok(!isInside(15, 17, box));
});
