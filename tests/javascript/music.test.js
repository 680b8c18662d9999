import assert from "node:assert/strict";
import { test } from "node:test";
import { barAt, notesBetween, pitchRange } from "../../ui/static/compose/roll/state/music.js";
import { beginMessage, newBar, pieceMessage, stateAfter } from "./states.js";

const bars = (...all) => ({ kind: "bars", run: 2, parts: pieceMessage().parts, bars: all });
const kinds = (state) => state.all.map((bar) => bar.kind);

test("a piece has its bars, and a run adds those to come", () => {
  assert.deepEqual(kinds(stateAfter(pieceMessage())), ["given", "given", "given", "given"]);
  const state = stateAfter(pieceMessage(), beginMessage({ seam: 6 }), bars(newBar(0, 0, 0, "F")));
  assert.deepEqual(kinds(state), ["given", "given", "new", "coming"]);
  assert.deepEqual(state.all[2], { start: 6, end: 9, kind: "new", chord: "F" });
  assert.equal(state.end, 12);
});

test("behind bars that are written again the piece goes on", () => {
  const gap = { end: 9, parts: [0] };
  const begun = [pieceMessage(), beginMessage({ seam: 3, gap })];
  assert.deepEqual(kinds(stateAfter(...begun)), ["given", "coming", "coming", "given"]);
  const state = stateAfter(...begun, bars(newBar(0, 0, 0)));
  assert.deepEqual(kinds(state), ["given", "new", "coming", "given"]);
  const starts = state.given.notes.map((note) => [note.part, note.start]);
  assert.deepEqual(starts, [
    [0, 0],
    [1024, 3],
    [0, 9],
  ]);
  assert.deepEqual(
    state.made.notes.map((note) => note.start),
    [3],
  );
});

test("given bars have their chords, and lose them where they give way", () => {
  const chords = ["C", "Am", "N", "G"];
  const piece = pieceMessage({ chords });
  const chordsOf = (state) => state.all.map((bar) => bar.chord);
  assert.deepEqual(chordsOf(stateAfter(piece)), chords);
  const gap = { end: 9, parts: [0] };
  const begun = [piece, beginMessage({ seam: 3, gap })];
  assert.deepEqual(chordsOf(stateAfter(...begun)), ["C", "", "", "G"]);
  const state = stateAfter(...begun, bars(newBar(0, 0, 0, "Dm")));
  assert.deepEqual(chordsOf(state), ["C", "Dm", "", "G"]);
});

test("notes behind the seam are not heard with a take, and are without one", () => {
  assert.equal(stateAfter(pieceMessage()).given.notes.length, 4);
  assert.equal(stateAfter(pieceMessage(), beginMessage({ seam: 3 })).given.notes.length, 1);
});

test("pitches span at least two octaves, drums aside, over all takes", () => {
  const range = pitchRange(stateAfter(pieceMessage()));
  assert.ok(range.high - range.low >= 24);
  assert.deepEqual(range.drums, [38]);
  const low = { ...newBar(1, 0, 0), notes: [0, 0, 1, 20, 80] };
  const other = stateAfter(pieceMessage(), beginMessage(), bars(low));
  assert.ok(other.low <= 20);
  assert.ok(pitchRange(stateAfter()).low < pitchRange(stateAfter()).high);
});

test("notes in sight are found, long ones that began before it too", () => {
  const notes = Array.from({ length: 1000 }, (_, start) => ({ start, length: start ? 1 : 500 }));
  const found = notesBetween({ notes, longest: 500 }, 400.5, 402);
  assert.deepEqual(
    found.map((note) => note.start),
    [0, 400, 401],
  );
  for (const [from, until] of [
    [0, 3],
    [498, 502],
    [999.5, 2000],
    [2000, 3000],
  ]) {
    assert.deepEqual(
      notesBetween({ notes, longest: 500 }, from, until),
      notes.filter((note) => note.start < until && note.start + note.length >= from),
    );
  }
});

test("a moment is in its bar, and behind the end in the last", () => {
  const state = stateAfter(pieceMessage());
  assert.deepEqual(
    [0, 2.99, 3, 11, 50].map((quarter) => barAt(state, quarter)),
    [0, 0, 1, 3, 3],
  );
});
