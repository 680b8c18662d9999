// Rolls as tests need them: four bars of 3/4 for a piano and drums.

import { derived } from "../../ui/static/compose/roll/state/music.js";
import { reduce } from "../../ui/static/compose/roll/state/reduce.js";
import { newState } from "../../ui/static/compose/roll/state/state.js";

export const PARTS = [
  { number: 0, name: "Piano", short: "Piano", drum: false, colour: "#0072B2" },
  { number: 1024, name: "Drums", short: "Drums", drum: true, colour: "#D55E00" },
];

export const pieceMessage = (changes = {}) => ({
  kind: "piece",
  run: 1,
  name: "tune",
  parts: PARTS,
  bars: [0, 3, 6, 9, 12],
  seam: 12,
  beat: 1,
  beats: 3,
  planned: 0,
  selected: 0,
  notes: [0, 0, 1, 60, 80, 0, 3, 2, 64, 80, 1024, 3, 0.5, 38, 90, 0, 9, 3, 67, 80],
  takes: [],
  gap: null,
  most_again: 16,
  sounds: [],
  ...changes,
});

export const beginMessage = (changes = {}) => ({
  kind: "begin",
  run: 2,
  planned: 2,
  candidates: 2,
  seam: 12,
  gap: null,
  parts: PARTS,
  ...changes,
});

// A new bar of one note, which begins `start` quarters after the seam.
export const newBar = (take, bar, start, chord = "N") => ({
  take,
  bar,
  start,
  length: 3,
  chord,
  notes: [0, start, 1, 72, 80],
});

export const stateAfter = (...messages) => {
  const state = messages.reduce(reduce, newState());
  return { ...state, ...derived(state) };
};
