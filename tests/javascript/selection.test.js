import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chosenText,
  dragged,
  extended,
  heldBar,
  markableBarAt,
  markableBars,
} from "../../ui/static/compose/roll/state/selection.js";
import { beginMessage, newBar, pieceMessage, stateAfter } from "./states.js";

test("bars of the piece can be marked, and new ones only once they are kept", () => {
  assert.equal(markableBars(stateAfter(pieceMessage())), 4);
  const bars = { kind: "bars", run: 2, parts: [], bars: [newBar(0, 0, 0)] };
  const continued = stateAfter(pieceMessage(), beginMessage({ seam: 6 }), { ...bars });
  assert.equal(markableBars(continued), 2);
  const gap = { end: 9, parts: [0] };
  assert.equal(markableBars(stateAfter(pieceMessage(), beginMessage({ seam: 6, gap }))), 4);
});

test("a moment is in its bar, and beyond the ends in the first or the last", () => {
  const state = stateAfter(pieceMessage());
  assert.deepEqual(
    [-5, 0, 2.9, 3, 11, 99].map((quarter) => markableBarAt(state, quarter)),
    [0, 0, 0, 1, 3, 3],
  );
});

test("a drag goes both ways, from where it began, and no further than can be written at once", () => {
  assert.deepEqual(dragged(3, 5, 16), [3, 6]);
  assert.deepEqual(dragged(3, 1, 16), [1, 4]);
  assert.deepEqual(dragged(3, 3, 16), [3, 4]);
  assert.deepEqual(dragged(3, 90, 16), [3, 19]);
  assert.deepEqual(dragged(30, 0, 16), [15, 31]);
});

test("keys choose the bar at hand, then one more or one less, but always one", () => {
  const state = stateAfter(pieceMessage({ most_again: 2 }));
  assert.deepEqual(extended(state, 1, 9), [3, 4]);
  const first = { ...state, chosen: extended(state, 1, 1) };
  assert.deepEqual(first.chosen, [1, 2]);
  const second = { ...first, chosen: extended(first, 1, 1) };
  assert.deepEqual(second.chosen, [1, 3]);
  assert.deepEqual(extended(second, 1, 1), [1, 3]);
  assert.deepEqual(extended(first, -1, 1), [1, 2]);
});

test("a model that cannot write between bars lets none be chosen", () => {
  assert.equal(extended(stateAfter(pieceMessage({ most_again: 0 })), 1, 0), null);
  assert.equal(extended(stateAfter(), 1, 0), null);
});

test("what is chosen is said as musicians count", () => {
  assert.equal(chosenText([0, 3]), "Bars 1 to 3 chosen");
  assert.equal(chosenText(null), "No bars chosen");
});

test("a handle is taken hold of from beside it, and the other end stays", () => {
  const ends = [100, 220];
  assert.equal(heldBar([3, 7], ends, 90, 22), 6);
  assert.equal(heldBar([3, 7], ends, 235, 22), 3);
  assert.equal(heldBar([3, 7], ends, 160, 22), null);
  assert.equal(heldBar([3, 7], ends, 90, 8), null);
});
