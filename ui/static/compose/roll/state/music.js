// The music of a roll, made of its state: bars, notes, pitches. Nothing here is drawn.

import { restingAt, statesAt } from "../../player/controls.js";

const EARLY = 1 / 24; // a note so little before a bar line is played early
const SAME = 0.001;
const LEAST_PITCHES = 24;

export const takeBars = (state) => {
  const take = state.takes[state.selected] || new Map();
  return [...take.values()].sort((a, b) => a.start - b.start);
};

export const barQuarters = (state) => state.beat * state.beats;

export const endOfPiece = (state) => state.bars[state.bars.length - 1] || 0;

const endOfTake = (state, made) => {
  const last = made[made.length - 1];
  return last ? last.start + last.length : state.seam;
};

const pieceBars = ({ bars, chords }, kind = () => "given") =>
  bars.slice(0, -1).map((start, i) => {
    const own = { start, end: bars[i + 1], kind: kind(start) };
    return { ...own, chord: (own.kind === "given" && chords[i]) || "" };
  });

// The clock of what is heard: new bars have a tempo of their own.
export const clockOf = ({ takes, clock, takeClock }) => (takes.length && takeClock) || clock;

// How far the music can be played: up to the bar that is being written next.
export const playableEnd = (state) =>
  state.composing && !state.gap ? endOfTake(state, takeBars(state)) : state.end;

// One beat before the first new bar.
export const leadIn = ({ seam, beat }) => Math.max(0, seam - beat);

// Bars of the piece up to the seam, then those of the take, then those still to come; behind bars
// that are written again, the piece goes on.
export const allBars = (state) => {
  const given = pieceBars(state);
  const made = takeBars(state);
  const isCut = state.takes.length > 0;
  const before = isCut ? given.filter((bar) => bar.start < state.seam - SAME) : given;
  const bars = made.map(({ start, length, chord }) => ({
    start,
    end: start + length,
    kind: "new",
    chord,
  }));
  const at = endOfTake(state, made);
  return [...before, ...bars, ...barsBehind(state, isCut, made.length, at)];
};

const barsBehind = (state, isCut, numMade, at) => {
  if (isCut && state.gap) {
    const isComing = (start) => state.composing && start < state.gap.end - SAME;
    const kind = (start) => (isComing(start) ? "coming" : "given");
    return pieceBars(state, kind).filter((bar) => bar.start >= at - SAME);
  }
  if (!state.composing) return [];
  const length = barQuarters(state);
  return Array.from({ length: Math.max(0, state.planned - numMade) }, (_, i) => ({
    start: at + i * length,
    end: at + (i + 1) * length,
    kind: "coming",
    chord: "",
  }));
};

// Notes of the piece that are heard with the selected take.
export const givenNotes = (state) => {
  if (!state.takes.length) return state.notes;
  if (!state.gap) return state.notes.filter((note) => note.start < state.seam - EARLY);
  // Old notes stay until the bar is there that takes their place.
  const until = endOfTake(state, takeBars(state));
  const again = new Set(state.gap.parts);
  return state.notes.filter(
    ({ part, start }) => !again.has(part) || start < state.seam - EARLY || start >= until - EARLY,
  );
};

// Pedals and bends that are heard with the selected take: new notes have none.
export const heardControls = (state) => {
  const { controls, seam, gap, takes } = state;
  if (!takes.length || !controls.length) return controls;
  const until = gap ? endOfTake(state, takeBars(state)) : Number.POSITIVE_INFINITY;
  const again = gap && new Set(gap.parts);
  const isAgain = ({ part }) => !again || again.has(part);
  const within = controls.filter((one) => isAgain(one) && one.start < until);
  return [
    ...controls.filter((one) => !isAgain(one) || one.start < seam || one.start >= until),
    ...restingAt(within, seam),
    ...(gap ? statesAt(within, until) : []),
  ].sort((a, b) => a.start - b.start);
};

export const newNotes = (state) => takeBars(state).flatMap((bar) => bar.notes);

// Over everything, so that switching takes does not move the picture.
export const pitchRange = (state) => {
  const drumParts = new Set(state.parts.filter((part) => part.drum).map((part) => part.number));
  const drums = new Set();
  let low = 127;
  let high = 0;
  const look = (note) => {
    if (drumParts.has(note.part)) {
      drums.add(note.pitch);
      return;
    }
    low = Math.min(low, note.pitch);
    high = Math.max(high, note.pitch);
  };
  state.notes.forEach(look);
  for (const take of state.takes) for (const bar of take.values()) bar.notes.forEach(look);
  if (low > high) [low, high] = [54, 66];
  const missing = Math.max(0, LEAST_PITCHES - (high - low));
  return {
    low: Math.max(0, low - 2 - Math.floor(missing / 2)),
    high: Math.min(127, high + 2 + Math.ceil(missing / 2)),
    drums: [...drums].sort((a, b) => b - a),
    drumParts,
  };
};

// Notes with the length of the longest: how far before a moment one may begin and still sound.
const searchable = (notes) => ({
  notes,
  longest: notes.reduce((longest, note) => Math.max(longest, note.length), 0),
});

// What follows from the rest of the state.
export const derived = (state) => {
  const all = allBars(state);
  return {
    all,
    given: searchable(givenNotes(state)),
    made: searchable(newNotes(state)),
    controlled: heardControls(state),
    end: all.length ? all[all.length - 1].end : 0,
    index: new Map(state.parts.map((part) => [part.number, part])),
    ...pitchRange(state),
  };
};

const firstSounding = ({ notes, longest }, quarter) => {
  let low = 0;
  let high = notes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (notes[middle].start < quarter - longest) low = middle + 1;
    else high = middle;
  }
  return low;
};

// The notes that sound anywhere in a stretch; they are sorted by start.
export const notesBetween = (searched, from, until) => {
  const found = [];
  const { notes } = searched;
  for (let i = firstSounding(searched, from); i < notes.length && notes[i].start < until; i += 1) {
    if (notes[i].start + notes[i].length >= from) found.push(notes[i]);
  }
  return found;
};

// The number of the bar in `all` that holds a moment, or of the last one.
export const barAt = (state, quarter) => {
  const index = state.all.findIndex((bar) => quarter < bar.end - SAME);
  return index < 0 ? state.all.length - 1 : index;
};
