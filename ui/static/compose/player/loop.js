// The stretch that is repeated: from a quarter to a quarter, bar lines both.

import { t } from "../../language.js";

const SAME = 0.001;

const linesOf = ({ all }) => (all.length ? [...all.map((bar) => bar.start), all.at(-1).end] : [0]);

const nearest = (lines, quarter) =>
  lines.reduce((best, line) => (Math.abs(line - quarter) < Math.abs(best - quarter) ? line : best));

// What L repeats: the marked bars, else what was repeated before, else the new bars, else all.
export const wantedLoop = (state, endOfNew) => {
  if (state.chosen) return state.chosen.map((bar) => state.bars[bar]);
  if (state.loop && state.loop[1] <= state.end + SAME) return state.loop;
  if (state.takes.length && endOfNew > state.seam + SAME) return [state.seam, endOfNew];
  return state.end > 0 ? [0, state.end] : null;
};

// One end moved to the bar line next to a quarter; at least one bar stays.
export const withEnd = (state, index, quarter) => {
  const lines = linesOf(state);
  const other = state.loop[1 - index];
  const free = lines.filter((line) => (index ? line > other + SAME : line < other - SAME));
  if (!free.length) return state.loop;
  const line = nearest(free, quarter);
  return index ? [other, line] : [line, other];
};

// From the bar line before one moment to that after another.
export const loopBetween = (state, from, to) => {
  const lines = linesOf(state);
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const start = lines.findLast((line) => line <= low + SAME) ?? lines[0];
  const end = lines.find((line) => line >= high - SAME && line > start + SAME) ?? lines.at(-1);
  return end > start ? [start, end] : null;
};

export const loopText = (state) => {
  if (!state.isLooping || !state.loop) return t("Loop off");
  const [first, last] = state.loop.map((quarter) =>
    linesOf(state).findIndex((line) => Math.abs(line - quarter) < SAME),
  );
  return t("Loop: bars {first} to {last}", {
    first: first + state.firstNumber,
    last: last - 1 + state.firstNumber,
  });
};
