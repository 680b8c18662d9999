import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applied,
  asMessage,
  behind,
  composed,
  deleted,
  drawn,
  lengthened,
  louder,
  moved,
  pasted,
  quantised,
  rebased,
} from "../../ui/static/compose/roll/edit/changes.js";
import {
  cursorText,
  noteText,
  selectionText,
  steppedInTime,
} from "../../ui/static/compose/roll/edit/cursor.js";
import { comboOf } from "../../ui/static/compose/roll/edit/keys.js";
import { found } from "../../ui/static/compose/roll/edit/notes.js";
import { pitchAt } from "../../ui/static/compose/roll/edit/pointer.js";
import {
  inRectangle,
  neighbour,
  ofBars,
  ofPart,
  toggled,
} from "../../ui/static/compose/roll/edit/selection.js";

const note = (start, pitch, more = {}) => ({
  part: 0,
  start,
  length: 1,
  pitch,
  velocity: 80,
  ...more,
});
const after = (changes) => changes.map(([, to]) => to);

test("notes move together, and stop together at the edges", () => {
  const notes = [note(0.5, 60), note(2, 126)];
  assert.deepEqual(
    after(moved(notes, -1, 2)).map(({ start, pitch }) => [start, pitch]),
    [
      [0, 61],
      [1.5, 127],
    ],
  );
  assert.deepEqual(moved(notes, 0, 12), []); // no octave, no change
  assert.deepEqual(moved([], 1, 1), []);
});

test("drums keep their sound when others are transposed with them", () => {
  const notes = [note(0, 60), note(0, 36, { part: 1024 })];
  const isDrum = (part) => part === 1024;
  assert.deepEqual(
    after(moved(notes, 0, 3, isDrum)).map(({ pitch }) => pitch),
    [63],
  );
  assert.equal(after(moved([notes[1]], 0, 2, isDrum))[0].pitch, 38);
});

test("lengths and velocities stay what MIDI can say", () => {
  assert.equal(after(lengthened([note(0, 60)], -5))[0].length, 0.020833);
  assert.equal(after(louder([note(0, 60)], 100))[0].velocity, 127);
  assert.equal(after(louder([note(0, 60)], -100))[0].velocity, 1);
});

test("a grid counts from the bar line, and an early downbeat goes to its bar", () => {
  const lines = [0, 3.5, 7];
  const played = [note(0.9, 60), note(3.9, 60), note(3.2, 62), note(3.4, 64)];
  const starts = after(quantised(played, 1, lines));
  assert.deepEqual(
    starts.map(({ start }) => start),
    [1, 3.5, 3, 3.5],
  );
});

test("copies go where they are told, and duplicates right behind", () => {
  const notes = [note(1, 60), note(2.5, 64)];
  assert.deepEqual(
    after(pasted(notes, 8)).map(({ start }) => start),
    [8, 9.5],
  );
  assert.equal(behind(notes, 1), 4);
  assert.equal(behind([note(0, 60, { length: 0.25 })], 0.25), 0.25);
});

test("changes apply by value, one note for one change", () => {
  const twins = [note(0, 60), note(0, 60), note(1, 62)];
  const changes = [...deleted([twins[0]]), ...drawn(note(0.5, 70))];
  assert.deepEqual(
    applied(twins, changes).map(({ start, pitch }) => [start, pitch]),
    [
      [0, 60],
      [0.5, 70],
      [1, 62],
    ],
  );
});

test("two changes composed do what they do one after the other", () => {
  const notes = [note(0, 60), note(1, 62), note(2, 64)];
  const first = [...moved(notes.slice(0, 2), 1, 0), ...drawn(note(5, 50))];
  const middle = applied(notes, first);
  const second = [
    ...deleted(middle.filter(({ pitch }) => pitch === 50)),
    ...moved(
      middle.filter(({ pitch }) => pitch !== 50),
      0,
      1,
    ),
  ];
  assert.deepEqual(applied(notes, composed(first, second)), applied(middle, second));
  assert.deepEqual(composed(drawn(note(5, 50)), deleted([note(5, 50)])), []);
});

test("changes are made of the notes that the app has answered with", () => {
  const was = note(1 / 3, 60);
  const is = note(0.333, 60, { length: 0.999 });
  const [[from, to]] = rebased(louder([was], 8), [is]);
  assert.deepEqual(from, is);
  assert.deepEqual(to, { ...is, velocity: 88 });
  assert.deepEqual(rebased(louder([was], 8), []), []);
  assert.deepEqual(found([was], [is, note(3, 60)]), [is]);
});

test("a message has five numbers a note, and null for none", () => {
  assert.deepEqual(asMessage(deleted([note(1, 60)])), [[[0, 1, 1, 60, 80], null]]);
});

test("notes are chosen by rectangle, part and bar, and shift adds or takes away", () => {
  const notes = [note(0, 60), note(4, 62, { part: 8 }), note(7.9, 64)];
  const box = ({ start, pitch }) => ({ x: start, y: pitch, width: 1, height: 1 });
  assert.deepEqual(inRectangle(notes, { x: 4.5, right: 8, y: 0, bottom: 99 }, box), notes.slice(1));
  assert.deepEqual(ofPart(notes, 8), [notes[1]]);
  assert.deepEqual(ofBars(notes, [1, 2], [0, 4, 8]), notes.slice(1));
  assert.deepEqual(toggled([notes[0]], [notes[0], notes[1]]), notes.slice(0, 2));
  assert.deepEqual(toggled(notes.slice(0, 2), [notes[0]]), [notes[1]]);
  assert.equal(neighbour(notes, { quarter: 0, pitch: 60 }, 1), notes[1]);
  assert.equal(neighbour(notes, { quarter: 0, pitch: 60 }, -1), null);
});

const STATE = {
  all: [
    { start: 0, end: 4 },
    { start: 4, end: 8 },
  ],
  end: 8,
  beat: 1,
  firstNumber: 1,
  drumParts: new Set(),
  index: new Map([[0, { name: "Violin" }]]),
};

test("the cursor goes along the grid, and says what is there", () => {
  const place = { quarter: 0.1, pitch: 60, part: 0 };
  assert.equal(steppedInTime(STATE, place, 1, 0.5).quarter, 0.5);
  assert.equal(steppedInTime(STATE, place, -1, 0.5).quarter, 0);
  assert.equal(steppedInTime(STATE, place, 99, 0.5).quarter, 7.5);
  const at = { ...place, quarter: 5 };
  assert.equal(
    cursorText(STATE, at, [], () => false),
    "C4, bar 2 beat 2, Violin: no note",
  );
  assert.equal(
    cursorText(STATE, at, [note(5, 60)], () => true),
    "C4, bar 2 beat 2, Violin: note, 1 beat long, velocity 80, selected",
  );
  assert.equal(noteText(STATE, note(0, 61)), "C♯4, bar 1 beat 1, 1 beat long, velocity 80");
  assert.equal(
    selectionText(STATE, [note(5, 60), note(6, 60)]),
    "2 notes selected, from bar 2 beat 2",
  );
});

test("keys have names with what is held", () => {
  assert.equal(comboOf({ key: "A", ctrlKey: true }), "Ctrl+a");
  assert.equal(comboOf({ key: "ArrowUp", shiftKey: true }), "Shift+ArrowUp");
  assert.equal(comboOf({ key: "Q", shiftKey: true }), "q");
});

test("a row is a pitch, and below them a drum", () => {
  const state = { low: 60, high: 69, drums: [42, 36] };
  const rows = { bottom: 144, row: 10, drumRow: 7 };
  assert.equal(pitchAt(143, state, rows), 60);
  assert.equal(pitchAt(50, state, rows), 69);
  assert.equal(pitchAt(152, state, rows), 42);
  assert.equal(pitchAt(170, state, rows), 36);
});
