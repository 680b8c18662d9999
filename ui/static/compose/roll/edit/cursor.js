// The note cursor: a place in time and pitch that the keyboard moves, and what is there, in words.

import { barAt } from "../state/music.js";
import { pitchName } from "../state/words.js";
import { MOST_PITCH, nearestLine, rounded } from "./changes.js";

const SAME = 0.001;
const lines = (state) => state.all.map((bar) => bar.start);

// A step of the grid on or back; it comes to lie on the grid of its bar.
export const steppedInTime = (state, { quarter, ...place }, by, grid) => {
  const wanted = Math.min(Math.max(0, quarter + by * grid), Math.max(0, state.end - grid));
  return { ...place, quarter: nearestLine(wanted, grid, lines(state)) };
};

export const steppedInPitch = ({ pitch, ...place }, by) => ({
  ...place,
  pitch: Math.min(MOST_PITCH, Math.max(0, pitch + by)),
});

export const notesAt = (notes, { quarter, pitch, part }) =>
  notes.filter(
    (note) =>
      note.part === part &&
      note.pitch === pitch &&
      note.start <= quarter + SAME &&
      note.start + note.length > quarter + SAME,
  );

const beatText = (value) => String(Math.round(value * 100) / 100);

// Bar and beat, as musicians count.
export const placeText = (state, quarter) => {
  const index = barAt(state, quarter + SAME);
  const bar = state.all[index];
  const beat = bar ? 1 + (quarter - bar.start) / state.beat : 1;
  return `bar ${index + state.firstNumber} beat ${beatText(beat)}`;
};

const soundName = (state, { part, pitch }) =>
  state.drumParts.has(part) ? `drum ${pitch}` : pitchName(pitch);

const lengthText = (state, length) => {
  const beats = beatText(rounded(length / state.beat));
  return `${beats} ${beats === "1" ? "beat" : "beats"} long`;
};

export const noteText = (state, note) =>
  `${soundName(state, note)}, ${placeText(state, note.start)}, ${lengthText(state, note.length)}, velocity ${note.velocity}`;

export const cursorText = (state, place, notes, isChosen) => {
  const name = state.index.get(place.part)?.name ?? "no part";
  const [here] = notesAt(notes, place);
  const where = `${soundName(state, place)}, ${placeText(state, place.quarter)}, ${name}`;
  if (!here) return `${where}: no note`;
  const starts = Math.abs(here.start - place.quarter) <= SAME ? "note" : "note sounds";
  return `${where}: ${starts}, ${lengthText(state, here.length)}, velocity ${here.velocity}${isChosen(here) ? ", selected" : ""}`;
};

export const selectionText = (state, chosen) => {
  if (!chosen.length) return "Nothing selected";
  if (chosen.length === 1) return noteText(state, chosen[0]);
  const first = Math.min(...chosen.map(({ start }) => start));
  return `${chosen.length} notes selected, from ${placeText(state, first)}`;
};
