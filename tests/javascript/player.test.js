import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CLICK,
  channelsNeeded,
  isDrumChannel,
  withChannels,
} from "../../ui/static/compose/player/channels.js";
import { clicksBetween, countIn } from "../../ui/static/compose/player/clicks.js";
import { loopBetween, loopText, wantedLoop, withEnd } from "../../ui/static/compose/player/loop.js";
import {
  gainOf,
  isNeutral,
  isSilent,
  levelsOf,
  mixOf,
  withChange,
} from "../../ui/static/compose/player/mix.js";
import { PARTS, pieceMessage, stateAfter } from "./states.js";

const pitched = (count) => Array.from({ length: count }, (_, number) => ({ number, drum: false }));

test("every part has a channel of its own, drums that of drums, however many there are", () => {
  const channels = withChannels(new Map(), [...pitched(40), { number: 1024, drum: true }]);
  assert.equal(new Set(channels.values()).size, 42);
  assert.equal(channels.get(1024), 9);
  assert.ok(pitched(40).every(({ number }) => !isDrumChannel(channels.get(number))));
  assert.ok(isDrumChannel(channels.get(CLICK)));
  assert.equal(channelsNeeded(channels), 48);
});

test("a part keeps its channel when others come", () => {
  const few = withChannels(new Map(), pitched(2));
  const more = withChannels(few, [{ number: 7, drum: false }, ...pitched(3)]);
  assert.deepEqual([more.get(0), more.get(1), more.get(7), more.get(2)], [0, 1, 2, 3]);
});

test("clicks fall on beats, the first of a bar is higher, and none is said twice", () => {
  const { all, beat } = stateAfter(pieceMessage());
  const [one, other] = [clicksBetween(all, beat, 0, 3.5), clicksBetween(all, beat, 3.5, 6)];
  assert.deepEqual(
    [...one, ...other].map(({ start, pitch }) => [start, pitch]),
    [
      [0, 76],
      [1, 77],
      [2, 77],
      [3, 76],
      [4, 77],
      [5, 77],
    ],
  );
});

test("a count-in ends where the music begins", () => {
  assert.deepEqual(
    countIn(3, 0.5, 10).map(({ time }) => time),
    [8.5, 9, 9.5],
  );
});

test("mute and solo silence, a volume is a square, and all untouched is neutral", () => {
  const mix = withChange({}, 0, { volume: 0.5 });
  assert.equal(gainOf(mix, 0), 0.25);
  assert.equal(gainOf(mix, 1), 1);
  const solo = withChange(mix, 0, { solo: true });
  assert.deepEqual([isSilent(solo, 0), isSilent(solo, 1)], [false, true]);
  assert.equal(gainOf(withChange(solo, 0, { muted: true }), 0), 0);
  assert.ok(!isNeutral(mix));
  assert.ok(isNeutral(withChange(mix, 0, { volume: 1 })));
});

test("a mix that was kept is read again, and nonsense is none", () => {
  const mix = withChange({}, 3, { muted: true });
  assert.deepEqual(mixOf(mix), mix);
  assert.deepEqual(mixOf({ 1: { volume: 9 }, 2: null }), {});
  assert.deepEqual(mixOf(null), {});
});

test("the loop is what is marked, else as before, else the new bars, else all", () => {
  const state = { ...stateAfter(pieceMessage()), chosen: [1, 3], loop: [0, 3] };
  assert.deepEqual(wantedLoop(state, 12), [3, 9]);
  assert.deepEqual(wantedLoop({ ...state, chosen: null }, 12), [0, 3]);
  const fresh = { ...state, chosen: null, loop: null };
  assert.deepEqual(wantedLoop(fresh, 12), [0, 12]);
  assert.deepEqual(wantedLoop({ ...fresh, takes: [new Map()], seam: 6 }, 12), [6, 12]);
});

test("handles move by bars and never meet", () => {
  const state = { ...stateAfter(pieceMessage({ parts: PARTS })), loop: [3, 6], isLooping: true };
  assert.deepEqual(withEnd(state, 1, 10.4), [3, 9]);
  assert.deepEqual(withEnd(state, 1, 0), [3, 6]);
  assert.deepEqual(withEnd(state, 0, 11), [3, 6]);
  assert.deepEqual(loopBetween(state, 7, 4), [3, 9]);
  assert.deepEqual(loopBetween(state, 4, 4), [3, 6]);
  assert.equal(loopText(state), "Loop: bars 2 to 2");
});

test("the app hears of the parts that were touched, in decibels", () => {
  const mix = withChange(withChange(withChange({}, 3, { volume: 0.5 }), 4, { volume: 0 }), 5, {});
  const levels = levelsOf(mix);
  assert.deepEqual(Object.keys(levels), ["3", "4"]);
  assert.equal(levels[3].gain_db.toFixed(1), "-12.0");
  assert.deepEqual(levels[4], { muted: true, solo: false, gain_db: -60 });
});
