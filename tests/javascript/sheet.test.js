import assert from "node:assert/strict";
import { test } from "node:test";
import { moveCursor, onsetsOf, placeAt } from "../../ui/static/compose/sheet/cursor.js";

const ONSETS = [0, 1, 1.5, 2, 4];

const displayOf = (quarters) => {
  const iterator = {
    at: 0,
    get EndReached() {
      return this.at >= quarters.length;
    },
    get currentTimeStamp() {
      return { RealValue: quarters[this.at] / 4 };
    },
    moveToNextVisibleVoiceEntry() {
      this.at += 1;
    },
  };
  const cursor = { iterator, drawn: [] };
  cursor.resetIterator = () => {
    iterator.at = 0;
  };
  cursor.reset = cursor.resetIterator;
  cursor.update = () => cursor.drawn.push(quarters[iterator.at]);
  return { cursor };
};

test("places begin where notes do, and the last that has begun counts", () => {
  assert.deepEqual(onsetsOf(displayOf(ONSETS)), ONSETS);
  const quarters = [-1, 0, 0.9, 1, 1.49, 1.5, 3.9, 4, 99];
  assert.deepEqual(
    quarters.map((quarter) => placeAt(ONSETS, quarter)),
    [0, 0, 0, 1, 1, 2, 3, 4, 4],
  );
  assert.equal(placeAt([], 3), 0);
});

test("the cursor goes on, and back, and is drawn once for each", () => {
  const { cursor } = displayOf(ONSETS);
  moveCursor(cursor, 0, 3);
  moveCursor(cursor, 3, 4);
  moveCursor(cursor, 4, 1);
  assert.deepEqual(cursor.drawn, [2, 4, 1]);
});
