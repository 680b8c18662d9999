// Where the music is. An anchor {time, quarter, rate, clock} says that at a time of the audio clock,
// in seconds, the music is at a quarter, and goes on from there at a rate of its own tempo.

import { toQuarters, toSeconds } from "../roll/state/clock.js";

export const timeAt = (anchor, quarter) => {
  const { time, rate, clock } = anchor;
  return time + (toSeconds(clock, quarter) - toSeconds(clock, anchor.quarter)) / rate;
};

export const quarterAtTime = (anchor, time) => {
  const { quarter, rate, clock } = anchor;
  return toQuarters(clock, toSeconds(clock, quarter) + (time - anchor.time) * rate);
};

// The anchors are sorted by time; before the first of them the music stands where it begins.
export const positionAt = (anchors, time) => {
  const anchor = anchors.findLast((one) => one.time <= time);
  return anchor ? quarterAtTime(anchor, time) : anchors[0].quarter;
};

// Those that are still in force at a time, or come later.
export const withoutPast = (anchors, time) => {
  const first = anchors.findLastIndex((one) => one.time <= time);
  return first > 0 ? anchors.slice(first) : anchors;
};
