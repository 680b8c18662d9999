// Which notes are chosen.

import { keyOf } from "./notes.js";

const SAME = 0.001;

// Those of which something is in a rectangle {x, y, right, bottom}, in pixels.
export const inRectangle = (notes, rectangle, boxOf) =>
  notes.filter((note) => {
    const box = boxOf(note);
    const isBeside = box.x > rectangle.right || box.x + box.width < rectangle.x;
    return !isBeside && box.y <= rectangle.bottom && box.y + box.height >= rectangle.y;
  });

export const ofPart = (notes, part) => notes.filter((note) => note.part === part);

// Those that begin in bars; `lines` are the starts of all bars and the end of the last.
export const ofBars = (notes, [first, last], lines) =>
  notes.filter(({ start }) => start >= lines[first] - SAME && start < lines[last] - SAME);

// Those chosen and others: all together, or, where all others are chosen already, without them.
export const toggled = (chosen, others) => {
  const keys = new Set(chosen.map(keyOf));
  const fresh = others.filter((note) => !keys.has(keyOf(note)));
  if (fresh.length) return [...chosen, ...fresh];
  const gone = new Set(others.map(keyOf));
  return chosen.filter((note) => !gone.has(keyOf(note)));
};

// The note before or behind a place, in the order of time and pitch.
export const neighbour = (notes, { quarter, pitch }, by) => {
  const isBehind = (note) =>
    note.start > quarter + SAME || (Math.abs(note.start - quarter) <= SAME && note.pitch > pitch);
  const isBefore = (note) =>
    note.start < quarter - SAME || (Math.abs(note.start - quarter) <= SAME && note.pitch < pitch);
  const order = (a, b) => a.start - b.start || a.pitch - b.pitch;
  const sorted = [...notes].sort(order);
  return (by > 0 ? sorted.find(isBehind) : sorted.findLast(isBefore)) ?? null;
};
