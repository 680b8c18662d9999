// Bars that are chosen to be written again: the first, from 0, and the one after the last.

import { t } from "../../../language.js";

const SAME = 0.001;

// New bars are no part of the piece until they are kept.
export const markableBars = (state) => {
  const end = state.takes.length && !state.gap ? state.seam : Number.POSITIVE_INFINITY;
  return state.bars.slice(0, -1).filter((start) => start < end - SAME).length;
};

// The markable bar at a moment, or the nearest.
export const markableBarAt = (state, quarter) => {
  const last = markableBars(state) - 1;
  let bar = 0;
  while (bar < last && state.bars[bar + 1] <= quarter) bar += 1;
  return bar;
};

// The bar where a drag began, and as many on the way to `to` as can be written at once.
export const dragged = (from, to, most) => {
  const end = Math.max(from - most + 1, Math.min(from + most - 1, to));
  return [Math.min(from, end), Math.max(from, end) + 1];
};

// The bar that stays when one end of the choice is taken hold of; null where none is. `ends` are their
// places and `reach` how far beside them counts, in pixels.
export const heldBar = ([first, last], ends, x, reach) => {
  const [left, right] = ends.map((end) => Math.abs(x - end));
  if (Math.min(left, right) > reach) return null;
  return left < right ? last - 1 : first;
};

// One bar more or less at the end; without a choice, the bar `here`. Null where none can be chosen.
export const extended = (state, by, here) => {
  const count = markableBars(state);
  if (!state.mostAgain || !count) return null;
  if (!state.chosen) {
    const bar = Math.min(here, count - 1);
    return [bar, bar + 1];
  }
  const [first, last] = state.chosen;
  const longest = Math.min(count, first + state.mostAgain);
  return [first, Math.max(first + 1, Math.min(longest, last + by))];
};

export const chosenText = (chosen, firstNumber = 1) =>
  chosen
    ? t("Bars {first} to {last} chosen", {
        first: chosen[0] + firstNumber,
        last: chosen[1] - 1 + firstNumber,
      })
    : t("No bars chosen");
