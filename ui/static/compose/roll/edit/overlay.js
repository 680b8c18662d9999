// What editing adds to the drawing: what is selected, what is being dragged, the cursor.

import { boxOf, GUTTER, RULER } from "../state/geometry.js";
import { after } from "./changes.js";

const strokeNotes = ({ state, pen, rows, left, width }, notes, colour, lineWidth) => {
  pen.strokeStyle = colour;
  pen.lineWidth = lineWidth;
  for (const note of notes) {
    const box = boxOf(note, state, rows, left);
    if (box.x > width || box.x + box.width < GUTTER) continue;
    pen.beginPath();
    pen.roundRect(box.x - 1, box.y - 1, box.width + 2, box.height + 2, 3);
    pen.stroke();
  }
};

const drawCursor = (frame, { cursor, grid }) => {
  const { state, pen, rows, left, colours } = frame;
  if (!state.index.has(cursor.part)) return;
  const box = boxOf({ ...cursor, start: cursor.quarter, length: grid }, state, rows, left);
  pen.fillStyle = colours.blue;
  pen.globalAlpha = 0.14;
  pen.fillRect(box.x, RULER, Math.max(2, box.width), frame.height);
  pen.fillRect(GUTTER, box.y, frame.width, box.height);
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.blue;
  pen.lineWidth = 1.5;
  pen.setLineDash([4, 3]);
  pen.strokeRect(box.x - 0.5, box.y - 0.5, Math.max(4, box.width + 1), box.height + 1);
  pen.setLineDash([]);
};

export const drawEditing = (frame, { editing }) => {
  if (!editing?.on) return;
  const { pen, colours } = frame;
  const accent = colours.dark ? "#ffb454" : "#b3261e";
  drawCursor(frame, editing);
  strokeNotes(frame, editing.chosen, accent, 2);
  const { drag } = editing;
  if (drag?.changes) {
    pen.setLineDash([3, 2]);
    strokeNotes(frame, after(drag.changes), colours.ink, 1.5);
    pen.setLineDash([]);
  }
  if (drag?.rectangle) {
    const { x, y, right, bottom } = drag.rectangle;
    pen.fillStyle = colours.blue;
    pen.globalAlpha = 0.12;
    pen.fillRect(x, y, right - x, bottom - y);
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.blue;
    pen.lineWidth = 1;
    pen.strokeRect(x + 0.5, y + 0.5, right - x, bottom - y);
  }
};
