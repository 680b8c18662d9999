import assert from "node:assert/strict";
import { test } from "node:test";
import { barText, chordName, pitchName } from "../../ui/static/compose/roll/state/words.js";
import { beginMessage, newBar, pieceMessage, stateAfter } from "./states.js";

test("pitches have their names", () => {
  assert.deepEqual([0, 60, 61, 69, 127].map(pitchName), ["C-1", "C4", "C♯4", "A4", "G9"]);
});

test("a bar is read out: who plays what", () => {
  const state = stateAfter(pieceMessage());
  assert.equal(barText(state, 0), "Bar 1: Piano C4");
  assert.equal(barText(state, 1), "Bar 2: Piano E4; Drums 1 hit");
  assert.equal(barText(state, 2), "Bar 3: rest");
  assert.equal(barText(state, 9), "");
});

test("chords are spelled with printed flats and sharps", () => {
  const names = ["Bbm7b5", "F#maj7", "B", "Dm7b5", "Eb"].map(chordName);
  assert.deepEqual(names, ["B♭m7♭5", "F♯maj7", "B", "Dm7♭5", "E♭"]);
});

test("a given bar is read out with its chord", () => {
  const state = stateAfter(pieceMessage({ chords: ["Bb", "N", "G", "G"] }));
  assert.equal(barText(state, 0), "Bar 1, B♭: Piano C4");
  assert.equal(barText(state, 1), "Bar 2: Piano E4; Drums 1 hit");
});

test("a new bar says so, with its chord, and one to come that it will", () => {
  const bars = { kind: "bars", run: 2, parts: pieceMessage().parts, bars: [newBar(0, 0, 0, "Am")] };
  const state = stateAfter(pieceMessage(), beginMessage(), bars);
  assert.equal(barText(state, 4), "Bar 5, new, Am: Piano C5");
  assert.equal(barText(state, 5), "Bar 6: to come");
});

test("of many notes the first twelve are named", () => {
  const notes = Array.from({ length: 14 }, (_, i) => [0, i / 8, 0.1, 60, 80]).flat();
  const state = stateAfter(pieceMessage({ notes }));
  assert.match(barText(state, 0), /^Bar 1: Piano (C4 ){12}and 2 more$/);
});
