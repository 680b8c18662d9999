// The line that comes of a take: its notes on the grid that was chosen, in whole bars. Times are in
// quarters from the start of the line.

import { nearestLine, rounded } from "../roll/edit/changes.js";
import { barOf, barsFrom, beatOf, tempoUnit } from "./metre.js";

const LEAST = 1 / 12; // of a note
const SHORT = 0.5; // of a step of the grid; shorter notes are staccato, and stay so
const SAME = 1e-6;
const LATE = 0.25; // of a beat; who lets go so late behind a bar line means it

// Who plays earlier than half a beat before the first bar plays a pickup.
export const hasPickup = (take, metre) =>
  take.notes.some(({ start }) => start < -beatOf(metre) / 2);

const quantisedNote = (note, grid, lines) => {
  const start = nearestLine(note.start, grid, lines);
  const end = nearestLine(note.start + note.length, grid, lines);
  const isShort = note.length < SHORT * grid || end <= start + SAME;
  return { ...note, start, length: isShort ? note.length : rounded(end - start) };
};

const order = (a, b) => a.start - b.start || a.pitch - b.pitch || b.length - a.length;

// Of several that begin together on one key the longest stays.
const withoutDoubles = (notes) =>
  [...notes]
    .sort(order)
    .filter(
      ({ start, pitch }, i, all) =>
        i === 0 || all[i - 1].start !== start || all[i - 1].pitch !== pitch,
    );

// How many bars there are, where nobody has said: up to the last note and its end.
const barsNeeded = (notes, metre) => {
  const bar = barOf(metre);
  const lastStart = Math.max(0, ...notes.map(({ start }) => start));
  const lastEnd = Math.max(0, ...notes.map(({ start, length }) => start + length));
  const ringing = lastEnd - LATE * beatOf(metre);
  return Math.max(Math.floor(lastStart / bar + SAME) + 1, Math.ceil(ringing / bar - SAME));
};

const movedPedal = (pedal, by, end) => {
  const moved = pedal.map(({ start, value }) => ({
    start: rounded(Math.min(end, Math.max(0, start + by))),
    value,
  }));
  // How it stands when the music begins is said once.
  const before = moved.filter(({ start }) => start === 0);
  const kept = [...before.slice(-1), ...moved.filter(({ start }) => start > 0)];
  const isDown = kept.at(-1)?.value === 1;
  return isDown ? [...kept, { start: end, value: 0 }] : kept;
};

// `bars` is how many were asked for, 0 for as many as were played; `grid` is 0 for none.
export const lineOf = (take, { metre, grid, bars, mostBars }) => {
  const bar = barOf(metre);
  const pickup = hasPickup(take, metre) ? 1 : 0;
  const by = pickup * bar;
  const lines = barsFrom(metre, 0, mostBars + 1).map(({ start }) => start);
  const placed = take.notes
    .map((note) => ({ ...note, start: rounded(Math.max(0, note.start + by)) }))
    .map((note) => (grid ? quantisedNote(note, grid, lines) : note))
    .map((note) => ({ ...note, length: rounded(Math.max(LEAST, note.length)) }));
  const count = Math.min(mostBars, bars ? bars + pickup : barsNeeded(placed, metre));
  const end = count * bar;
  const notes = withoutDoubles(placed.filter(({ start }) => start < end - SAME));
  return {
    bars: count,
    pickup: Boolean(pickup),
    notes: notes.map((note) => ({ ...note, length: Math.min(note.length, end - note.start) })),
    pedal: movedPedal(take.pedal, by, end),
  };
};

// As the app reads it; `tempo` counts what the metre's does.
export const asText = ({ notes, pedal, bars }, { name, program, metre, tempo }) =>
  JSON.stringify({
    name,
    program,
    metre,
    qpm: tempo * tempoUnit(metre).quarters,
    bars,
    notes: notes.map(({ start, length, pitch, velocity }) => [start, length, pitch, velocity]),
    pedal: pedal.map(({ start, value }) => [start, value]),
  });
