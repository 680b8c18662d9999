// Locked notes on the roll: a second outline, and a padlock where there is room for one.

import { boxOf, GUTTER } from "../state/geometry.js";

const LEAST_HEIGHT = 5; // pixels of a note that has a padlock in it
const LEAST_WIDTH = 9;

const drawPadlock = (pen, x, y, height) => {
  const size = Math.min(9, height - 1);
  const [width, body] = [size * 0.8, size * 0.55];
  const top = y + (height - size) / 2;
  pen.fillRect(x, top + size - body, width, body);
  pen.lineWidth = Math.max(1, size / 7);
  pen.beginPath();
  pen.arc(x + width / 2, top + size - body, width * 0.28, Math.PI, 0);
  pen.stroke();
};

export const drawLocks = (frame, locked) => {
  if (!locked.size) return;
  const { state, pen, rows, left, width, colours } = frame;
  for (const note of locked) {
    if (state.hidden.has(note.part)) continue;
    const box = boxOf(note, state, rows, left);
    if (box.x > width || box.x + box.width < GUTTER) continue;
    for (const [by, colour] of [
      [2.5, colours.ink],
      [1.2, colours.paper],
    ]) {
      pen.strokeStyle = colour;
      pen.lineWidth = 1.3;
      pen.strokeRect(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by);
    }
    if (box.height < LEAST_HEIGHT || box.width < LEAST_WIDTH) continue;
    pen.fillStyle = colours.ink;
    pen.strokeStyle = colours.ink;
    drawPadlock(pen, box.x + 2, box.y, box.height);
  }
};
