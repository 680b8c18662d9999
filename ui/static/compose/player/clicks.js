// The metronome: a click on every beat, another on the first of a bar.

import { CLICK } from "./channels.js";

const [HIGH, LOW] = [76, 77]; // wood blocks of General MIDI
const LENGTH = 0.1; // quarters
const SAME = 0.001;

const click = (start, isFirst) => ({
  part: CLICK,
  start,
  length: LENGTH,
  pitch: isFirst ? HIGH : LOW,
  velocity: isFirst ? 120 : 90,
});

// The clicks of a stretch, as notes; `bars` are sorted and `beat` is in quarters.
export const clicksBetween = (bars, beat, from, until) => {
  const clicks = [];
  for (const bar of bars) {
    if (bar.end <= from || bar.start >= until) continue;
    for (let i = 0; bar.start + i * beat < bar.end - SAME; i += 1) {
      const start = bar.start + i * beat;
      if (start >= from && start < until) clicks.push(click(start, i === 0));
    }
  }
  return clicks;
};

// Events of one bar of clicks that ends at `time`, when the music begins.
export const countIn = (beats, beatSeconds, time) =>
  Array.from({ length: beats }, (_, i) => {
    const { part, pitch, velocity } = click(0, i === 0);
    return { time: time - (beats - i) * beatSeconds, isOn: true, part, pitch, velocity };
  });
