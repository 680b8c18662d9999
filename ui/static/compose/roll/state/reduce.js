// What a message of `meloformer/app/compose/roll_messages.py` changes about the state.

import { unpackedLocks } from "../edit/lock_values.js";
import { newState } from "./state.js";

// Part, start, length, pitch, velocity, part, start, …
export const unpack = (flat, offset) => {
  const notes = [];
  for (let i = 0; i + 4 < flat.length; i += 5) {
    notes.push({
      part: flat[i],
      start: flat[i + 1] + offset,
      length: flat[i + 2],
      pitch: flat[i + 3],
      velocity: flat[i + 4],
    });
  }
  return notes;
};

// Part, start, whether it is a pedal, value, part, start, …
export const unpackControls = (flat = []) => {
  const controls = [];
  for (let i = 0; i + 3 < flat.length; i += 4) {
    const [part, start, isPedal, value] = flat.slice(i, i + 4);
    controls.push({ part, start, kind: isPedal ? "pedal" : "bend", value });
  }
  return controls;
};

const withBars = (takes, bars, seam) => {
  const next = takes.map((take) => new Map(take));
  for (const { take, bar, start, length, chord, notes } of bars) {
    while (next.length <= take) next.push(new Map());
    next[take].set(bar, { start: seam + start, length, chord, notes: unpack(notes, seam) });
  }
  return next;
};

const byTake = (sounds) => new Map(sounds.map((sound) => [sound.take, sound]));

export const isSamePiece = (state, message) =>
  message.name === state.name && message.bars.length === state.bars.length;

const REDUCERS = {
  empty: () => {
    const { run, parts, notes, controls, bars, takes, planned, name, gap, chosen, sounds } =
      newState();
    return { run, parts, notes, controls, bars, takes, planned, name, gap, chosen, sounds };
  },
  piece: (state, message) => ({
    run: message.run,
    parts: message.parts,
    bars: message.bars,
    chords: message.chords ?? [],
    firstNumber: message.first_number ?? 1,
    seam: message.seam,
    beat: message.beat,
    beats: message.beats,
    planned: message.planned,
    name: message.name,
    selected: message.selected,
    notes: unpack(message.notes, 0),
    controls: unpackControls(message.controls),
    takes: withBars([], message.takes.flat(), message.seam),
    composing: Boolean(message.composing),
    begun: message.composing ? message.run : (message.ended ?? state.begun),
    gap: message.gap,
    mostAgain: message.most_again,
    clock: message.clock ?? newState().clock,
    takeClock: message.take_clock ?? null,
    sounds: byTake(message.sounds),
    ...("chosen" in message ? { chosen: message.chosen } : {}),
    ...(isSamePiece(state, message) ? {} : { hidden: new Set(), zoom: 0 }),
    ...(message.name === state.name ? {} : { loop: null, isLooping: false }),
  }),
  begin: (_, message) => ({
    run: message.run,
    begun: message.run,
    planned: message.planned,
    seam: message.seam,
    takes: Array.from({ length: message.candidates }, () => new Map()),
    selected: 0,
    parts: message.parts,
    composing: true,
    follow: true,
    gap: message.gap,
    takeClock: message.take_clock ?? null,
  }),
  bars: (state, message) => ({
    parts: message.parts,
    takes: withBars(state.takes, message.bars, state.seam),
  }),
  chosen: (_, message) => ({ chosen: message.chosen }),
  locks: (_, message) => ({ locks: unpackedLocks(message.locks) }),
  sound: (_, message) => ({ sounds: byTake(message.sounds) }),
  status: () => ({}),
  stopping: () => ({}),
};

// Bars and sounds belong to a run; those of an earlier one come too late.
const OF_A_RUN = ["bars", "sound"];

export const isKnown = (message) => Boolean(message) && Object.hasOwn(REDUCERS, message.kind);

export const isLate = (state, message) =>
  OF_A_RUN.includes(message.kind) && message.run !== state.run;

// The next state. Neither the state nor the message is changed.
export const reduce = (state, message) =>
  isLate(state, message) ? state : { ...state, ...REDUCERS[message.kind](state, message) };
