import assert from "node:assert/strict";
import { test } from "node:test";
import {
  followedLocks,
  lockedNotes,
  lockOf,
  newLockedNow,
  packedLock,
  toggledLocks,
  unpackedLocks,
} from "../../ui/static/compose/roll/edit/lock_values.js";

const note = (start, pitch, part = 0) => ({ part, start, length: 1, pitch, velocity: 80 });
const NOTES = [note(0, 60), note(1, 62), note(1, 65, 8), note(2, 60)];

test("notes are locked, and let go where all of them are locked", () => {
  const one = toggledLocks([], [NOTES[0]], NOTES);
  assert.deepEqual(one, [{ part: 0, start: 0, pitch: 60 }]);
  const three = toggledLocks(one, NOTES.slice(0, 3), NOTES);
  assert.deepEqual(lockedNotes(three, NOTES), NOTES.slice(0, 3));
  assert.deepEqual(toggledLocks(three, [NOTES[2]], NOTES), three.slice(0, 2));
});

test("a lock finds its note a hair off, and none where it is gone", () => {
  const [near] = [note(0.04, 60)];
  assert.deepEqual(lockedNotes([lockOf(NOTES[0])], [near]), [near]);
  assert.deepEqual(lockedNotes([lockOf(NOTES[0])], [note(0.5, 60), note(0, 61)]), []);
});

test("a lock goes with its note and is there again when that is undone", () => {
  const locks = [lockOf(NOTES[1])];
  const moved = { ...NOTES[1], pitch: 74 };
  const after = followedLocks(locks, [[NOTES[1], moved]], NOTES);
  assert.deepEqual(lockedNotes(after, [NOTES[0], moved]), [moved]);
  assert.deepEqual(lockedNotes(after, NOTES), [NOTES[1]]);
  assert.equal(followedLocks(locks, [[NOTES[0], moved]], NOTES), locks);
});

test("locks are sent as they come back, and what is none is left out", () => {
  const rows = NOTES.map(lockOf).map(packedLock);
  assert.deepEqual(unpackedLocks(rows), NOTES.map(lockOf));
  assert.deepEqual(unpackedLocks([7, [1], ["a", 1, 2], null]), []);
  assert.deepEqual(unpackedLocks(undefined), []);
});

test("what is locked is looked up anew only when notes or locks are others", () => {
  const lockedNow = newLockedNow();
  const state = { given: { notes: NOTES }, made: { notes: [] }, locks: [lockOf(NOTES[3])] };
  const found = lockedNow({ state });
  assert.deepEqual([...found], [NOTES[3]]);
  assert.equal(lockedNow({ state }), found);
  assert.deepEqual([...lockedNow({ state: { ...state, locks: [] } })], []);
});
