// The note cursor: a place in time and pitch that the keyboard moves, and what is there, in words.

import { t } from "../../../language.js";
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
  return t("bar {bar} beat {beat}", { bar: index + state.firstNumber, beat: beatText(beat) });
};

const soundName = (state, { part, pitch }) =>
  state.drumParts.has(part) ? t("drum {pitch}", { pitch }) : pitchName(pitch);

const lengthText = (state, length) => {
  const beats = beatText(rounded(length / state.beat));
  return beats === "1" ? t("1 beat long") : t("{beats} beats long", { beats });
};

export const noteText = (state, note) =>
  t("{sound}, {place}, {length}, velocity {velocity}", {
    sound: soundName(state, note),
    place: placeText(state, note.start),
    length: lengthText(state, note.length),
    velocity: note.velocity,
  });

export const cursorText = (state, place, notes, isChosen) => {
  const name = state.index.get(place.part)?.name ?? t("no part");
  const [here] = notesAt(notes, place);
  const where = `${soundName(state, place)}, ${placeText(state, place.quarter)}, ${name}`;
  if (!here) return t("{where}: no note", { where });
  const fields = { where, length: lengthText(state, here.length), velocity: here.velocity };
  const said =
    Math.abs(here.start - place.quarter) <= SAME
      ? t("{where}: note, {length}, velocity {velocity}", fields)
      : t("{where}: note sounds, {length}, velocity {velocity}", fields);
  return isChosen(here) ? t("{note}, selected", { note: said }) : said;
};

export const selectionText = (state, chosen) => {
  if (!chosen.length) return t("Nothing selected");
  if (chosen.length === 1) return noteText(state, chosen[0]);
  const first = Math.min(...chosen.map(({ start }) => start));
  return t("{count} notes selected, from {place}", {
    count: chosen.length,
    place: placeText(state, first),
  });
};
