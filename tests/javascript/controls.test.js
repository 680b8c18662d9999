import assert from "node:assert/strict";
import { test } from "node:test";
import { bendOf } from "../../ui/static/compose/player/channels.js";
import { controlsBetween, restingAt, statesAt } from "../../ui/static/compose/player/controls.js";
import { advance, begin, jump } from "../../ui/static/compose/player/performance.js";
import { beginMessage, newBar, pieceMessage, stateAfter } from "./states.js";

const pedal = (start, value, part = 0) => ({ part, start, kind: "pedal", value });
const bend = (start, value, part = 0) => ({ part, start, kind: "bend", value });
const said = (controls) => controls.map(({ start, kind, value }) => [start, kind, value]);

const CONTROLS = [pedal(0, 1), bend(1, 0.5), pedal(2, 0), pedal(4, 1), bend(4, 0)];

test("controls of a stretch begin in it", () => {
  assert.deepEqual(said(controlsBetween(CONTROLS, 1, 4)), [
    [1, "bend", 0.5],
    [2, "pedal", 0],
  ]);
  assert.deepEqual(controlsBetween(CONTROLS, 5, 9), []);
});

test("before a moment all stands as it was moved last, or at rest", () => {
  assert.deepEqual(said(statesAt(CONTROLS, 1)), [
    [1, "pedal", 1],
    [1, "bend", 0],
  ]);
  assert.deepEqual(said(statesAt(CONTROLS, 9)), [
    [9, "pedal", 1],
    [9, "bend", 0],
  ]);
  assert.deepEqual(said(restingAt(CONTROLS, 3)), [
    [3, "pedal", 0],
    [3, "bend", 0],
  ]);
});

const music = {
  lists: [{ notes: [{ part: 0, start: 0, length: 1, pitch: 60, velocity: 80 }], longest: 1 }],
  controls: CONTROLS,
  clicks: null,
  isDrum: () => false,
  end: 8,
  loop: null,
};
const CLOCK = [
  [0, 0],
  [8, 8],
];
const sent = ({ events }) =>
  events.map(({ time, control, value, isOn }) => [time, control ?? (isOn ? "on" : "off"), value]);

test("a performance sends controls at their time, before the notes that they are for", () => {
  const begun = begin(music, { quarter: 0, time: 10, rate: 1, clock: CLOCK });
  const events = sent(advance(begun, music, 12.5));
  assert.deepEqual(
    events.filter(([, what]) => what !== "off"),
    [
      [10, "pedal", 0],
      [10, "bend", 0],
      [10, "pedal", 1],
      [11, "bend", 0.5],
      [12, "pedal", 0],
      [10, "on", undefined],
    ],
  );
});

test("a jump lets go of the pedal, and presses it again where it is down", () => {
  const begun = begin(music, { quarter: 0, time: 10, rate: 1, clock: CLOCK });
  const played = { ...advance(begun, music, 10.5), events: [] };
  assert.deepEqual(sent(jump(played, music, 5)), [
    [10.5, "off", undefined],
    [10.5, "pedal", 0],
    [10.5, "bend", 0],
    [10.5, "pedal", 1],
    [10.5, "bend", 0],
  ]);
});

const FLAT = [0, 0, 1, 1, 0, 7, 1, 0, 0, 8, 1, 1, 0, 11, 1, 0];

test("new bars have no pedal", () => {
  const piece = pieceMessage({ controls: FLAT });
  assert.deepEqual(said(stateAfter(piece).controlled), [
    [0, "pedal", 1],
    [7, "pedal", 0],
    [8, "pedal", 1],
    [11, "pedal", 0],
  ]);
  const continued = stateAfter(piece, beginMessage({ seam: 6 }));
  assert.deepEqual(said(continued.controlled), [
    [0, "pedal", 1],
    [6, "pedal", 0],
  ]);
});

test("behind bars that are written again the pedal is as it was", () => {
  const gap = { end: 9, parts: [0] };
  const begun = [pieceMessage({ controls: FLAT }), beginMessage({ seam: 6, gap })];
  const bars = { kind: "bars", run: 2, parts: [], bars: [newBar(0, 0, 0)] };
  assert.deepEqual(said(stateAfter(...begun, bars).controlled), [
    [0, "pedal", 1],
    [6, "pedal", 0],
    [9, "pedal", 1],
    [11, "pedal", 0],
  ]);
  const others = beginMessage({ seam: 6, gap: { end: 9, parts: [1024] } });
  assert.equal(stateAfter(begun[0], others, bars).controlled.length, 4);
});

test("bends are sent within the range that is set, and cut off beyond it", () => {
  assert.deepEqual([0, 24, -24, 12, -40].map(bendOf), [8192, 16383, 0, 12288, 0]);
});
