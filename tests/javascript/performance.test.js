import assert from "node:assert/strict";
import { test } from "node:test";
import {
  advance,
  begin,
  delayed,
  goOnWith,
  horizonOf,
  isAtEnd,
  jump,
  quarterNow,
  settled,
} from "../../ui/static/compose/player/performance.js";

const CLOCK = [
  [0, 0],
  [4, 2],
  [8, 6],
]; // 120 quarters a minute, from the second bar on 60
const note = (start, length, pitch, part = 0) => ({ part, start, length, pitch, velocity: 80 });
const listOf = (...notes) => ({
  notes,
  longest: notes.reduce((most, { length }) => Math.max(most, length), 0),
});
const musicOf = (notes, changes = {}) => ({
  lists: [listOf(...notes)],
  clicks: null,
  isDrum: (part) => part === 1024,
  end: 8,
  loop: null,
  ...changes,
});
const said = ({ events }) =>
  events.map(({ time, isOn, pitch }) => [Number(time.toFixed(3)), isOn ? "on" : "off", pitch]);
const started = (music, quarter = 0, changes = {}) =>
  begin(music, { quarter, time: 10, rate: 1, clock: CLOCK, ...changes });

test("notes are sent as the clock says, each once, whatever the steps", () => {
  const music = musicOf([note(0, 1, 60), note(1, 3, 62), note(4, 1, 64)]);
  const whole = advance(started(music), music, 14);
  assert.deepEqual(said(whole), [
    [10, "on", 60],
    [10.5, "off", 60],
    [10.5, "on", 62],
    [12, "off", 62],
    [12, "on", 64],
    [13, "off", 64],
  ]);
  let steps = started(music);
  const heard = [];
  for (let time = 10; time < 14; time += 0.07) {
    steps = advance(settled(steps, time - 0.1), music, time);
    heard.push(...said(steps));
  }
  assert.deepEqual(heard, said(whole));
});

test("a rate stretches all", () => {
  const music = musicOf([note(4, 1, 64)]);
  const slow = advance(started(music, 0, { rate: 0.5 }), music, 30);
  assert.deepEqual(said(slow), [
    [14, "on", 64],
    [16, "off", 64],
  ]);
});

test("a key that is struck again is let go first", () => {
  const music = musicOf([note(0, 3, 60), note(1, 1, 60)]);
  assert.deepEqual(said(advance(started(music), music, 13)).slice(0, 3), [
    [10, "on", 60],
    [10.5, "off", 60],
    [10.5, "on", 60],
  ]);
});

test("from the middle of a long note it is begun there, but no drum", () => {
  const music = musicOf([note(0, 4, 60), note(0, 4, 38, 1024), note(0, 2.1, 64)]);
  assert.deepEqual(said(started(music, 2)), [[10, "on", 60]]);
});

test("a jump ends what sounds, where sending has come to", () => {
  const music = musicOf([note(0, 4, 60), note(6, 1, 67)]);
  const playing = settled(advance(started(music), music, 10.5), 10.4);
  const jumped = advance(jump(playing, music, 6), music, 10.6);
  assert.deepEqual(said(jumped), [
    [10.5, "off", 60],
    [10.5, "on", 67],
  ]);
  assert.equal(quarterNow(jumped, 10.25), 0.5);
  assert.equal(quarterNow(jumped, 10.6), 6.1);
});

test("another take goes on at the same place, and what both have sounds on", () => {
  const both = note(0, 8, 48);
  const one = musicOf([both, note(0, 4, 60)]);
  const other = musicOf([both, note(1, 3, 72)]);
  const playing = settled(advance(started(one), one, 11), 10.9);
  const next = goOnWith(playing, other, {});
  assert.deepEqual(said(next), [
    [11, "off", 60],
    [11, "on", 72],
  ]);
  assert.equal(quarterNow(next, 11), 2);
  assert.equal(horizonOf(next), 11);
});

test("a loop begins again without a gap, however short the steps, and counts its turns", () => {
  const music = musicOf([note(0, 1, 60), note(1, 1, 62), note(2, 1, 64)], { loop: [1, 2] });
  const once = advance(started(music), music, 11.6);
  assert.deepEqual(
    said(once).filter(([, kind]) => kind === "on"),
    [
      [10, "on", 60],
      [10.5, "on", 62],
      [11, "on", 62],
      [11.5, "on", 62],
    ],
  );
  assert.equal(once.turns, 2);
  assert.ok(quarterNow(once, 11.25) < 2);
});

test("a loop that lies before is not returned to, and a hair of one is none", () => {
  const music = musicOf([], { loop: [1, 2] });
  assert.equal(advance(started(music, 3), music, 11).at, 4.5);
  const hair = musicOf([], { loop: [1, 1.1] });
  assert.equal(advance(started(hair), hair, 11).turns, 0);
});

test("where the music is not there yet it stands still, and goes on when it is", () => {
  const short = musicOf([note(0, 6, 60)], { end: 4 });
  const waiting = advance(started(short), short, 13);
  assert.ok(isAtEnd(waiting, short));
  assert.equal(quarterNow(waiting, 20), 4);
  assert.deepEqual(said(waiting).at(-1), [14, "off", 60]);
  const longer = musicOf([note(0, 6, 60), note(4, 1, 64)]);
  const going = advance(delayed(settled(waiting, 20), 20.1), longer, 20.2);
  assert.deepEqual(said(going), [[20.1, "on", 64]]);
});
