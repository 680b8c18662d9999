import assert from "node:assert/strict";
import { test } from "node:test";
import { isKnown, isLate, reduce, unpack } from "../../ui/static/compose/roll/state/reduce.js";
import { newState } from "../../ui/static/compose/roll/state/state.js";
import { beginMessage, newBar, pieceMessage, stateAfter } from "./states.js";

const bars = (...all) => ({ kind: "bars", run: 2, parts: [], bars: all });
const frozen = (state) => Object.freeze({ ...state, takes: Object.freeze([...state.takes]) });

test("notes are unpacked five numbers at a time", () => {
  assert.deepEqual(unpack([0, 1, 2, 60, 80, 8, 0, 1], 12), [
    { part: 0, start: 13, length: 2, pitch: 60, velocity: 80 },
  ]);
});

test("a piece takes the place of all there was, takes among them", () => {
  const takes = [[newBar(0, 0, 0, "Am")], [newBar(1, 0, 0), newBar(1, 1, 3)]];
  const state = stateAfter(pieceMessage({ takes, selected: 1, sounds: [{ take: -1 }] }));
  assert.equal(state.takes.length, 2);
  assert.equal(state.takes[0].get(0).chord, "Am");
  assert.equal(state.takes[1].get(1).start, 15);
  assert.deepEqual([...state.sounds.keys()], [-1]);
  assert.equal(stateAfter(pieceMessage({ takes }), pieceMessage()).takes.length, 0);
});

test("another piece is shown afresh; the same one as it was left", () => {
  const left = { ...stateAfter(pieceMessage()), zoom: 33, hidden: new Set([0]), chosen: [1, 2] };
  const same = reduce(left, pieceMessage());
  assert.deepEqual([same.zoom, [...same.hidden], same.chosen], [33, [0], [1, 2]]);
  const other = reduce(left, pieceMessage({ name: "other", chosen: null }));
  assert.deepEqual([other.zoom, [...other.hidden], other.chosen], [0, [], null]);
});

test("bars come to their takes, the same one twice if need be", () => {
  const begun = stateAfter(pieceMessage(), beginMessage());
  assert.ok(begun.composing);
  const state = [
    bars(newBar(0, 0, 0), newBar(1, 0, 0)),
    bars(newBar(0, 0, 0), newBar(0, 1, 3)),
  ].reduce(reduce, begun);
  assert.deepEqual(
    state.takes.map((take) => take.size),
    [2, 1],
  );
  assert.equal(state.takes[0].get(1).notes[0].start, 15);
});

test("a run whose beginning was not seen is known by its end", () => {
  const { run } = beginMessage();
  const seen = stateAfter(pieceMessage(), beginMessage());
  assert.equal(seen.begun, run);
  assert.equal(stateAfter(pieceMessage({ run, composing: true })).begun, run);
  assert.equal(stateAfter(pieceMessage()).begun, newState().begun);
  assert.equal(stateAfter(pieceMessage(), pieceMessage({ run, ended: run })).begun, run);
});

test("neither the state nor the message is changed, only a new state made", () => {
  const state = frozen(stateAfter(pieceMessage(), beginMessage()));
  const next = reduce(state, Object.freeze(bars(newBar(0, 0, 0))));
  assert.equal(state.takes[0].size, 0);
  assert.equal(next.takes[0].size, 1);
  assert.notEqual(newState().hidden, newState().hidden);
});

test("what belongs to an earlier run comes too late", () => {
  const state = stateAfter(pieceMessage(), beginMessage());
  const late = { ...bars(newBar(0, 0, 0)), run: 1 };
  assert.ok(isLate(state, late));
  assert.equal(reduce(state, late), state);
  assert.ok(isLate(state, { kind: "sound", run: 1, sounds: [] }));
  assert.ok(!isLate(state, { kind: "status" }));
});

test("an empty session clears the music", () => {
  const state = reduce(stateAfter(pieceMessage({ sounds: [{ take: -1 }] })), { kind: "empty" });
  assert.deepEqual([state.name, state.notes, state.sounds.size], ["", [], 0]);
});

test("what is no message of ours is let be", () => {
  const others = [null, undefined, "", {}, { kind: "toString" }, { kind: "x" }];
  assert.deepEqual(
    others.map(isKnown),
    others.map(() => false),
  );
  assert.ok(isKnown({ kind: "stopping" }));
});
