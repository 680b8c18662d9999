import assert from "node:assert/strict";
import { test } from "node:test";
import { newClock, observe, quarterAt, toSound } from "../../ui/static/compose/play_in/clock.js";
import { octavesOf, pitchOf, printedKeys, shifted } from "../../ui/static/compose/play_in/keys.js";
import { asText, hasPickup, lineOf } from "../../ui/static/compose/play_in/line.js";
import { barOf, barsFrom, beatOf, tempoUnit } from "../../ui/static/compose/play_in/metre.js";
import { readMessage } from "../../ui/static/compose/play_in/midi.js";
import {
  finished,
  newTake,
  pedalled,
  pressed,
  released,
  sounding,
} from "../../ui/static/compose/play_in/take.js";

const COMMON = { metre: "4/4", grid: 0.25, bars: 0, mostBars: 64 };

const takeOf = (...notes) =>
  notes.reduce(
    (take, [pitch, start, length]) =>
      released(pressed(take, pitch, 80, start), pitch, start + length),
    newTake(),
  );

const rows = ({ notes }) => notes.map(({ pitch, start, length }) => [pitch, start, length]);

test("keys are known by their place, and white and black ones follow as on a piano", () => {
  const plays = (code) => pitchOf({ code, key: "whatever" }, 60);
  assert.deepEqual(
    ["KeyA", "KeyS", "KeyD", "KeyF", "KeyG", "KeyH", "KeyJ", "KeyK"].map(plays),
    [60, 62, 64, 65, 67, 69, 71, 72],
  );
  assert.deepEqual(
    ["KeyW", "KeyE", "KeyT", "KeyY", "KeyU", "KeyO"].map(plays),
    [61, 63, 66, 68, 70, 73],
  );
  assert.equal(plays("KeyQ"), null);
  assert.equal(pitchOf({ code: "KeyA", ctrlKey: true }, 60), null);
});

test("two keys move by an octave, as far as there are octaves", () => {
  assert.deepEqual(
    ["KeyZ", "KeyX", "KeyA"].map((code) => octavesOf({ code })),
    [-1, 1, 0],
  );
  assert.equal(shifted(60, 1), 72);
  assert.equal(shifted(12, -1), 12);
  assert.equal(shifted(96, 1), 96);
});

test("keys say what is printed on them here", () => {
  assert.equal(printedKeys().join(""), "AWSEDFTGYHUJKOLP;'");
  assert.equal(printedKeys(new Map([["KeyY", "z"]]))[8], "Z");
});

test("bars, beats and what a tempo counts", () => {
  assert.deepEqual(["4/4", "6/8", "7/8", "3/8"].map(barOf), [4, 3, 3.5, 1.5]);
  assert.deepEqual(["4/4", "6/8", "7/8", "3/8"].map(beatOf), [1, 1.5, 0.5, 0.5]);
  assert.deepEqual(
    ["4/4", "12/8", "7/8"].map((metre) => tempoUnit(metre).sign),
    ["♩", "♩.", "♩"],
  );
  assert.deepEqual(barsFrom("3/4", -3, 2), [
    { start: -3, end: 0 },
    { start: 0, end: 3 },
  ]);
});

test("MIDI messages: notes, a note-on of velocity 0, the pedal; all else is left out", () => {
  assert.deepEqual(readMessage([0x93, 60, 101]), { kind: "on", pitch: 60, velocity: 101 });
  assert.deepEqual(readMessage([0x90, 60, 0]), { kind: "off", pitch: 60 });
  assert.deepEqual(readMessage([0x85, 60, 64]), { kind: "off", pitch: 60 });
  assert.deepEqual(readMessage([0xb0, 64, 127]), { kind: "pedal", isDown: true });
  assert.deepEqual(readMessage([0xb0, 64, 12]), { kind: "pedal", isDown: false });
  for (const other of [[0xf8], [0xfe], [0xb0, 1, 99], [0xe0, 0, 64], []]) {
    assert.equal(readMessage(other), null);
  }
});

test("a key that is struck again is let go first, and at the end all are", () => {
  let take = pressed(newTake(), 60, 80, 0);
  take = pressed(take, 60, 90, 1);
  take = released(pressed(take, 64, 70, 1), 67, 1.5); // a key that was never down
  assert.equal(sounding(take, 1.75).length, 3);
  take = finished(take, 2);
  assert.deepEqual(rows(take), [
    [60, 0, 1],
    [60, 1, 1],
    [64, 1, 1],
  ]);
  assert.deepEqual(take.held, []);
});

test("notes go to the grid with their ends, and short ones stay short", () => {
  const take = takeOf([60, 0.06, 0.9], [62, 0.97, 1.1], [64, 2.1, 0.11]);
  assert.deepEqual(rows(lineOf(take, COMMON)), [
    [60, 0, 1],
    [62, 1, 1],
    [64, 2, 0.11],
  ]);
  assert.deepEqual(rows(lineOf(take, { ...COMMON, grid: 1 })), [
    [60, 0, 1],
    [62, 1, 1],
    [64, 2, 0.11],
  ]);
});

test("triplets and eighths are grids of their own, and off leaves all as it was played", () => {
  const take = takeOf([60, 0.31, 0.3], [62, 0.7, 0.3]);
  assert.deepEqual(rows(lineOf(take, { ...COMMON, grid: 1 / 3 })), [
    [60, 0.333333, 0.333334],
    [62, 0.666667, 0.333333],
  ]);
  assert.deepEqual(rows(lineOf(take, { ...COMMON, grid: 0.5 })), [
    [60, 0.5, 0.3],
    [62, 0.5, 0.5],
  ]);
  assert.deepEqual(rows(lineOf(take, { ...COMMON, grid: 0 })), [
    [60, 0.31, 0.3],
    [62, 0.7, 0.3],
  ]);
});

test("of two notes that come together on one key the longer stays", () => {
  const take = takeOf([60, 0, 0.2], [60, 0.22, 0.9]);
  assert.deepEqual(rows(lineOf(take, { ...COMMON, grid: 1 })), [[60, 0, 1]]);
});

test("a grid counts from the bar line, in 7/8 too", () => {
  const take = takeOf([60, 3.4, 0.9]);
  assert.deepEqual(rows(lineOf(take, { ...COMMON, metre: "7/8", grid: 1 })), [[60, 3.5, 1]]);
});

test("there are as many bars as were asked for, or as many as were played", () => {
  const take = takeOf([60, 0, 1], [62, 4.5, 0.4]);
  assert.equal(lineOf(take, { ...COMMON, bars: 8 }).bars, 8);
  assert.equal(lineOf(take, COMMON).bars, 2);
  // Who lets go a hair behind the bar line has played one bar.
  assert.equal(lineOf(takeOf([60, 0, 4.2]), { ...COMMON, grid: 0 }).bars, 1);
  assert.equal(lineOf(takeOf([60, 0, 4.5]), { ...COMMON, grid: 0 }).bars, 2);
});

test("nothing is outside the bars", () => {
  const line = lineOf(takeOf([60, 3.5, 2], [62, 3.97, 1]), { ...COMMON, bars: 1 });
  assert.deepEqual(rows(line), [[60, 3.5, 0.5]]);
});

test("a hair early belongs to the first bar, and what is earlier is a pickup with a bar of its own", () => {
  const early = takeOf([60, -0.1, 1]);
  assert.equal(hasPickup(early, "4/4"), false);
  assert.deepEqual(rows(lineOf(early, COMMON)), [[60, 0, 1]]);
  const pickup = takeOf([55, -1, 1], [60, 0, 4]);
  const line = lineOf(pickup, { ...COMMON, bars: 1 });
  assert.equal(line.bars, 2);
  assert.deepEqual(rows(line), [
    [55, 3, 1],
    [60, 4, 4],
  ]);
});

test("the pedal stands as it did when the music begins, and comes up at the end", () => {
  let take = pedalled(pedalled(takeOf([60, 0, 1]), true, -2), false, -1);
  take = pedalled(pedalled(take, true, -0.5), false, 1.25);
  take = pedalled(take, true, 3);
  assert.deepEqual(lineOf(take, { ...COMMON, bars: 1 }).pedal, [
    { start: 0, value: 1 },
    { start: 1.25, value: 0 },
    { start: 3, value: 1 },
    { start: 4, value: 0 },
  ]);
});

test("the app is told a tempo in quarters", () => {
  const line = lineOf(takeOf([60, 0, 1]), { ...COMMON, metre: "6/8", bars: 1 });
  const told = JSON.parse(asText(line, { name: "a", program: 4, metre: "6/8", tempo: 80 }));
  assert.deepEqual(told, {
    name: "a",
    program: 4,
    metre: "6/8",
    qpm: 120,
    bars: 1,
    notes: [[0, 1, 60, 80]],
    pedal: [],
  });
});

test("what is played to a click is placed where the click was heard", () => {
  const timing = { begins: 10, qpm: 120, latency: 0.1 };
  assert.ok(Math.abs(quarterAt(timing, 10.6) - 1) < 1e-9);
  const clock = [
    [5, 4.99],
    [5.01, 5],
    [5.01, 5.009],
  ].reduce((seen, [sound, page]) => observe(seen, sound, page), newClock());
  assert.ok(Math.abs(toSound(clock, 6) - 6.01) < 1e-9);
});
