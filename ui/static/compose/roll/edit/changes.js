// What is done to notes, as changes: pairs of a note as it is and as it is to be, null where there
// is none. Nothing is changed in place.

import { byStart, keyOf, nearest, packed, withoutNotes } from "./notes.js";

export const [LEAST_VELOCITY, MOST_VELOCITY, MOST_PITCH] = [1, 127, 127];
export const MOST_CHANGES = 20_000;
const LEAST_LENGTH = 1 / 48;
const SAME = 1e-6;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export const rounded = (quarter) => Math.round(quarter * 1e6) / 1e6;

const changed = (notes, change) =>
  notes.map((note) => [note, { ...note, ...change(note) }]).filter(isChange);

const isChange = ([before, after]) => keyOf(before) !== keyOf(after);

// Drums keep their sound where pitched notes are moved with them.
const whoMoves = (notes, isDrum) => {
  const pitched = notes.filter((note) => !isDrum(note.part));
  return pitched.length ? pitched : notes;
};

// So many quarters later and semitones higher, as far as all of them can go together.
export const moved = (notes, quarters, semitones, isDrum = () => false) => {
  if (!notes.length) return [];
  const first = Math.min(...notes.map(({ start }) => start));
  const movers = new Set(whoMoves(notes, isDrum));
  const pitches = [...movers].map(({ pitch }) => pitch);
  const up = clamp(semitones, -Math.min(...pitches), MOST_PITCH - Math.max(...pitches));
  // An octave that leaves the keyboard is no octave.
  const by = Math.abs(semitones) >= 12 && up !== semitones ? 0 : up;
  const later = Math.max(quarters, -first);
  return changed(notes, (note) => ({
    start: rounded(note.start + later),
    pitch: movers.has(note) ? note.pitch + by : note.pitch,
  }));
};

export const lengthened = (notes, quarters) =>
  changed(notes, ({ length }) => ({
    length: rounded(Math.max(LEAST_LENGTH, length + quarters)),
  }));

export const louder = (notes, by) =>
  changed(notes, ({ velocity }) => ({
    velocity: clamp(velocity + by, LEAST_VELOCITY, MOST_VELOCITY),
  }));

// `lines` are the starts of bars: a grid counts from the bar line, and the next bar line is on it, too.
export const nearestLine = (quarter, grid, lines) => {
  const bar = lines.findLast((line) => line <= quarter + SAME) ?? 0;
  const next = lines.find((line) => line > bar + SAME) ?? Number.POSITIVE_INFINITY;
  const line = bar + Math.round((quarter - bar) / grid) * grid;
  return rounded(next - quarter < Math.abs(line - quarter) ? next : Math.min(next, line));
};

export const quantised = (notes, grid, lines) =>
  changed(notes, ({ start }) => ({ start: nearestLine(start, grid, lines) }));

export const deleted = (notes) => notes.map((note) => [note, null]);

export const drawn = (note) => [[null, note]];

// Copies, the first of which begins at `quarter`, or where it is from in its bar or beat.
export const pasted = (notes, quarter) => {
  const first = Math.min(...notes.map(({ start }) => start));
  return notes.map((note) => [
    null,
    { ...note, start: rounded(Math.max(0, note.start - first + quarter)) },
  ]);
};

// Where copies go that follow what they are of, on the next line of the grid.
export const behind = (notes, grid) => {
  const first = Math.min(...notes.map(({ start }) => start));
  const end = Math.max(...notes.map(({ start, length }) => start + length));
  return rounded(first + Math.max(1, Math.ceil((end - first) / grid - SAME)) * grid);
};

export const after = (changes) => changes.flatMap(([, note]) => (note ? [note] : []));

export const before = (changes) => changes.flatMap(([note]) => (note ? [note] : []));

// The notes once changes are made.
export const applied = (notes, changes) =>
  [...withoutNotes(notes, before(changes)), ...after(changes)].sort(byStart);

// One change that does what two do, one after the other.
export const composed = (first, second) => {
  const waiting = new Map();
  first.forEach(([, note], index) => {
    if (!note) return;
    const key = keyOf(note);
    if (!waiting.has(key)) waiting.set(key, []);
    waiting.get(key).push(index);
  });
  const both = first.map((change) => [...change]);
  const more = [];
  for (const [from, to] of second) {
    const index = from ? waiting.get(keyOf(from))?.pop() : undefined;
    if (index === undefined) more.push([from, to]);
    else both[index][1] = to;
  }
  return [...both, ...more].filter(
    ([from, to]) => (from || to) && !(from && to && keyOf(from) === keyOf(to)),
  );
};

// Changes of notes as they are shown now, which may be a hair off those that were changed. What
// is not there any more is left out.
export const rebased = (changes, notes) => {
  const now = nearest(before(changes), notes);
  let next = 0;
  return changes.flatMap(([from, to]) => {
    if (!from) return [[null, to]];
    const here = now[next];
    next += 1;
    if (!here) return [];
    if (!to) return [[here, null]];
    const start = to.start === from.start ? here.start : to.start;
    const length = to.length === from.length ? here.length : to.length;
    return [[here, { ...to, start, length }]];
  });
};

export const asMessage = (changes) =>
  changes.map((change) => change.map((note) => note && packed(note)));
