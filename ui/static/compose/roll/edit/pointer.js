// Editing with mouse, pen and finger: select, move, lengthen, draw. A finger selects by a tap; what
// it drags is the roll.

import { schedule } from "../drawing.js";
import { quarterInView } from "../scrolling.js";
import { boxOf, GUTTER, isInside, RULER, rowsOf } from "../state/geometry.js";
import { notesBetween } from "../state/music.js";
import { draw, select, selectHeard, selectNone, tellCursor } from "./actions.js";
import { audition } from "./audition.js";
import { lengthened, moved, rounded } from "./changes.js";
import { perform, shownNotes } from "./editing.js";
import { keyOf } from "./notes.js";
import { inRectangle, toggled } from "./selection.js";

const LEAST_DRAG = 4; // pixels; less is a click
const EDGE = 6; // pixels at the end of a note that is wide enough, by which it is lengthened

const placeOf = ({ canvas }, event) => {
  const box = canvas.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
};

const isOnNotes = (view, { x, y }) =>
  view.editing.on && Boolean(view.state.name) && x >= GUTTER && y >= RULER;

const rowsIn = ({ state, canvas }) => rowsOf(state, canvas.clientHeight);

const boxIn = (view) => {
  const rows = rowsIn(view);
  return (note) => boxOf(note, view.state, rows, view.scroll.scrollLeft);
};

const noteUnder = (view, { x, y }) => {
  const { state } = view;
  const [quarter, box] = [quarterInView(view, x), boxIn(view)];
  return [state.given, state.made]
    .flatMap((notes) => notesBetween(notes, quarter - 0.3, quarter + 0.3))
    .filter(({ part }) => !state.hidden.has(part))
    .findLast((note) => isInside(x, y, box(note)));
};

// The pitch or the drum of a row.
export const pitchAt = (y, { low, high, drums }, rows) => {
  if (drums.length && y >= rows.bottom) {
    const row = Math.floor((y - rows.bottom - 6) / rows.drumRow);
    return drums[Math.min(drums.length - 1, Math.max(0, row))];
  }
  return Math.min(high, Math.max(low, low + Math.floor((rows.bottom - y) / rows.row)));
};

// The line of the grid before a place.
const lineBefore = ({ state, editing }, quarter) => {
  const bar = state.all.findLast(({ start }) => start <= quarter)?.start ?? 0;
  return rounded(bar + Math.floor((quarter - bar) / editing.grid + 1e-6) * editing.grid);
};

const placeUnder = (view, { x, y }) => {
  const { state, editing } = view;
  const rows = rowsIn(view);
  const isDrum = state.drums.length > 0 && y >= rows.bottom;
  const fits = (part) => state.drumParts.has(part) === isDrum;
  const part = fits(editing.cursor.part)
    ? editing.cursor.part
    : (state.parts.find(({ number }) => fits(number))?.number ?? editing.cursor.part);
  const quarter = Math.max(0, lineBefore(view, quarterInView(view, x)));
  return { quarter, part, pitch: pitchAt(y, state, rows) };
};

// What a drag does to the notes so far, as changes.
const dragChanges = (view, drag, event) => {
  const { editing, state } = view;
  const at = placeOf(view, event);
  const free = event.altKey;
  const far = quarterInView(view, at.x) - drag.quarter;
  const quarters = free ? far : Math.round(far / editing.grid) * editing.grid;
  if (drag.kind === "length") return lengthened(editing.chosen, quarters);
  const isDrum = (part) => state.drumParts.has(part);
  // A drum stays among the drums, other notes stay above them.
  const rows = rowsIn(view);
  const y = isDrum(drag.note.part) ? Math.max(at.y, rows.bottom) : Math.min(at.y, rows.bottom - 1);
  return moved(editing.chosen, quarters, pitchAt(y, state, rows) - drag.note.pitch, isDrum);
};

const begin = (view, event) => {
  const { editing } = view;
  const at = placeOf(view, event);
  editing.drag = null;
  if (event.pointerType === "touch" || event.button !== 0 || !isOnNotes(view, at)) return;
  const note = noteUnder(view, at);
  const quarter = quarterInView(view, at.x);
  editing.drag = { kind: "band", ...at, quarter, note, isFar: false, kept: [], rectangle: null };
  editing.drag.heard = note?.pitch; // last
  view.canvas.setPointerCapture(event.pointerId);
  if (!note) {
    editing.drag.kept = event.shiftKey ? editing.chosen : [];
    return;
  }
  const box = boxIn(view)(note);
  const isWide = box.width > 3 * EDGE && !view.state.drumParts.has(note.part);
  editing.drag.kind = isWide && at.x > box.x + box.width - EDGE ? "length" : "move";
  editing.cursor = { quarter: note.start, pitch: note.pitch, part: note.part };
  const isChosen = editing.chosen.some((one) => keyOf(one) === keyOf(note));
  if (event.shiftKey) selectHeard(view, toggled(editing.chosen, [note]), [note]);
  else selectHeard(view, isChosen ? editing.chosen : [note], [note]);
};

// A note that is dragged is heard at each pitch it comes to.
const hearDragged = (view, drag) => {
  const key = keyOf(drag.note);
  const dragged = drag.changes.find(([from]) => keyOf(from) === key)?.[1] ?? drag.note;
  if (dragged.pitch === drag.heard) return;
  drag.heard = dragged.pitch;
  audition(view, [dragged]);
};

const go = (view, event) => {
  const { editing, canvas } = view;
  const { drag } = editing;
  const at = placeOf(view, event);
  if (isOnNotes(view, at)) canvas.style.cursor = noteUnder(view, at) ? "move" : "crosshair";
  if (!drag) return;
  drag.isFar = drag.isFar || Math.hypot(at.x - drag.x, at.y - drag.y) >= LEAST_DRAG;
  if (!drag.isFar) return;
  if (drag.kind === "band") {
    const left = drag.x + (quarterInView(view, drag.x) - drag.quarter) * -view.state.zoom;
    drag.rectangle = {
      x: Math.min(left, at.x),
      right: Math.max(left, at.x),
      y: Math.min(drag.y, at.y),
      bottom: Math.max(drag.y, at.y),
    };
    const inside = inRectangle(shownNotes(view), drag.rectangle, boxIn(view));
    const keys = new Set(drag.kept.map(keyOf));
    editing.chosen = [...drag.kept, ...inside.filter((note) => !keys.has(keyOf(note)))];
  } else {
    drag.changes = dragChanges(view, drag, event);
    hearDragged(view, drag);
  }
  schedule(view);
};

const end = (view, event) => {
  const { editing } = view;
  const { drag } = editing;
  editing.drag = null;
  if (!drag) return;
  if (drag.kind === "band") {
    if (drag.isFar) select(view, editing.chosen);
    else leaveFor(view, drag, event.shiftKey);
  } else if (drag.changes?.length) {
    const gone = new Set(drag.changes.map(([from]) => keyOf(from)));
    const others = editing.chosen.filter((note) => !gone.has(keyOf(note)));
    perform(view, drag.changes, [...others, ...drag.changes.map(([, to]) => to)]);
  }
  schedule(view);
};

// A click where no note is puts the cursor there.
const leaveFor = (view, at, keeps) => {
  if (!keeps) selectNone(view);
  view.editing.cursor = placeUnder(view, at);
  view.editing.partChanged?.();
  tellCursor(view);
};

const tap = (view, at) => {
  const note = noteUnder(view, at);
  if (note) selectHeard(view, toggled(view.editing.chosen, [note]), [note]);
  else leaveFor(view, at, false);
};

export const listenToEditPointer = (view) => {
  const { canvas, scroll, editing } = view;
  canvas.addEventListener("pointerdown", (event) => begin(view, event));
  canvas.addEventListener("pointermove", (event) => go(view, event));
  canvas.addEventListener("pointerup", (event) => end(view, event));
  canvas.addEventListener("pointercancel", () => {
    editing.drag = null;
    schedule(view);
  });
  const keep = (event) => {
    const at = placeOf(view, event);
    if (event.target !== canvas || !isOnNotes(view, at)) return;
    event.stopPropagation(); // a click does not move the playhead here
    if (event.type === "click" && event.pointerType === "touch") tap(view, at);
    if (event.type === "dblclick" && !noteUnder(view, at)) draw(view, placeUnder(view, at));
  };
  for (const name of ["click", "dblclick"]) scroll.addEventListener(name, keep, true);
};
