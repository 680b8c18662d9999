// What the musician does to the notes that are selected, or to the one at the note cursor.

import { t, tn } from "../../../language.js";
import { schedule } from "../drawing.js";
import { isInSight, showQuarter } from "../scrolling.js";
import { barAt, barQuarters } from "../state/music.js";
import { nowQuarter } from "../state/playhead.js";
import { announce } from "../view.js";
import { audition, heardIn } from "./audition.js";
import {
  behind,
  deleted,
  drawn,
  lengthened,
  louder,
  moved,
  nearestLine,
  pasted,
  quantised,
} from "./changes.js";
import {
  cursorText,
  notesAt,
  noteText,
  selectionText,
  steppedInPitch,
  steppedInTime,
} from "./cursor.js";
import { choose, perform, shownNotes } from "./editing.js";
import { toggleLocks } from "./locks.js";
import { keyOf } from "./notes.js";
import { neighbour, ofBars, ofPart, toggled } from "./selection.js";

const VELOCITY = 80; // of a note that is drawn
const LOUDER = 8;
const EDGE = 0.9; // of the width, behind which the cursor is brought back into sight

const isDrum = (view) => (part) => view.state.drumParts.has(part);

const lines = ({ state }) => state.all.map((bar) => bar.start);

const targets = (view) => {
  const { chosen, cursor } = view.editing;
  return chosen.length ? chosen : notesAt(shownNotes(view), cursor);
};

const show = (view, quarter) => {
  if (!isInSight(view, quarter, EDGE)) showQuarter(view, quarter, 0.2);
  schedule(view);
};

const tell = (view, text) => {
  announce(view, text);
  schedule(view);
};

export const tellCursor = (view) => {
  const { state, editing } = view;
  const keys = new Set(editing.chosen.map(keyOf));
  const notes = shownNotes(view);
  const said = cursorText(state, editing.cursor, notes, (note) => keys.has(keyOf(note)));
  const [here] = notesAt(notes, editing.cursor);
  tell(view, view.lockedNow(view).has(here) ? t("{note}, locked", { note: said }) : said);
};

// Apply a change to the targets, and say what they are now. Without a selection none comes of it.
const change = (view, make) => {
  const notes = targets(view);
  const isChosen = view.editing.chosen.length > 0;
  const changes = make(notes);
  const gone = new Set(changes.map(([from]) => keyOf(from)));
  const now = [
    ...notes.filter((note) => !gone.has(keyOf(note))),
    ...changes.flatMap(([, to]) => (to ? [to] : [])),
  ];
  if (!perform(view, changes, isChosen ? now : [])) {
    tell(view, notes.length ? selectionText(view.state, notes) : t("Nothing selected"));
    return;
  }
  audition(view, heardIn(changes));
  if (now.length) tell(view, selectionText(view.state, now));
  if (now.length) show(view, Math.min(...now.map(({ start }) => start)));
};

const moveCursor = (view, place) => {
  view.editing.cursor = place;
  tellCursor(view);
  show(view, place.quarter);
};

const cursorPitch = (view, by) => {
  const { cursor } = view.editing;
  const { drums, low, high } = view.state;
  if (!isDrum(view)(cursor.part)) {
    const { pitch } = steppedInPitch(cursor, by);
    return { ...cursor, pitch: Math.min(high, Math.max(low, pitch)) };
  }
  const row = drums.indexOf(cursor.pitch) - Math.sign(by); // high drums first
  return { ...cursor, pitch: drums[Math.min(drums.length - 1, Math.max(0, row))] };
};

export const moveInTime = (view, steps, size = view.editing.grid) => {
  const { editing, state } = view;
  if (editing.chosen.length) change(view, (notes) => moved(notes, steps * size, 0));
  else moveCursor(view, steppedInTime(state, editing.cursor, steps, size));
};

export const moveByBars = (view, bars) => moveInTime(view, bars, barQuarters(view.state));

export const moveInPitch = (view, semitones) => {
  if (!view.editing.chosen.length) moveCursor(view, cursorPitch(view, semitones));
  else change(view, (notes) => moved(notes, 0, semitones, isDrum(view)));
};

export const lengthen = (view, steps) =>
  change(view, (notes) => lengthened(notes, steps * view.editing.grid));

export const makeLouder = (view, by) => change(view, (notes) => louder(notes, by * LOUDER));

export const quantise = (view) =>
  change(view, (notes) => quantised(notes, view.editing.grid, lines(view)));

// The selected notes or that at the cursor; else those of its part in the marked bars.
export const lock = (view) => {
  const notes = targets(view);
  if (notes.length || !view.state.chosen) return toggleLocks(view, notes);
  return lockPart(view);
};

export const lockPart = (view) => {
  const { state, editing } = view;
  const here = barAt(state, editing.cursor.quarter + 0.001);
  const bars = state.chosen || [here, here + 1];
  const edges = [...lines(view), state.end];
  toggleLocks(view, ofBars(ofPart(shownNotes(view), editing.cursor.part), bars, edges));
};

export const remove = (view) => {
  const notes = targets(view);
  if (perform(view, deleted(notes))) {
    tell(view, tn("{count} note deleted", "{count} notes deleted", notes.length));
  }
};

export const copy = (view) => {
  view.editing.clipboard = targets(view);
  tell(view, tn("{count} note copied", "{count} notes copied", view.editing.clipboard.length));
};

export const cut = (view) => {
  copy(view);
  remove(view);
};

const put = (view, notes, quarter) => {
  const changes = notes.length ? pasted(notes, quarter) : [];
  if (!perform(view, changes)) return tell(view, t("Nothing to paste"));
  view.editing.cursor = { ...view.editing.cursor, quarter };
  tell(view, selectionText(view.state, view.editing.chosen));
  show(view, quarter);
};

// At the note cursor.
export const paste = (view) => put(view, view.editing.clipboard, view.editing.cursor.quarter);

export const duplicate = (view) => {
  const notes = targets(view);
  put(view, notes, notes.length ? behind(notes, view.editing.grid) : 0);
};

export const draw = (view, place, length = view.editing.grid) => {
  const note = {
    part: place.part,
    start: place.quarter,
    length,
    pitch: place.pitch,
    velocity: VELOCITY,
  };
  if (!perform(view, drawn(note), view.editing.chosen)) return;
  audition(view, [note]);
  tell(view, noteText(view.state, note));
};

// Draw a note at the cursor, or select the one that is there, or leave it.
export const drawOrSelect = (view) => {
  const here = notesAt(shownNotes(view), view.editing.cursor);
  if (here.length) selectHeard(view, toggled(view.editing.chosen, here), here);
  else draw(view, view.editing.cursor);
};

export const select = (view, notes) => {
  choose(view, notes);
  schedule(view);
};

// The same, and hear those that were picked, if they are selected now.
export const selectHeard = (view, notes, picked) => {
  select(view, notes);
  const keys = new Set(notes.map(keyOf));
  const heard = picked.filter((note) => keys.has(keyOf(note)));
  audition(view, heard);
};

export const selectAll = (view) => select(view, shownNotes(view));

export const selectPart = (view) =>
  select(view, ofPart(shownNotes(view), view.editing.cursor.part));

// Of the marked bars, or of that in which the cursor is.
export const selectBars = (view) => {
  const { state, editing } = view;
  const here = barAt(state, editing.cursor.quarter + 0.001);
  const edges = [...lines(view), state.end];
  select(view, ofBars(shownNotes(view), state.chosen || [here, here + 1], edges));
};

export const selectNone = (view) => select(view, []);

// The next note of the part: the cursor goes there, and it is selected, too.
export const step = (view, by) => {
  const { cursor } = view.editing;
  const next = neighbour(ofPart(shownNotes(view), cursor.part), cursor, by);
  if (!next) return tell(view, t("No more notes"));
  view.editing.cursor = { ...cursor, quarter: next.start, pitch: next.pitch };
  selectHeard(view, [next], [next]);
  show(view, next.start);
};

// Where the music is now, on the grid, and on a note of the part if it has any.
export const placeCursor = (view) => {
  const { state, editing } = view;
  const part = state.index.has(editing.cursor.part)
    ? editing.cursor.part
    : (state.parts[0]?.number ?? -1);
  const quarter = nearestLine(nowQuarter(view), editing.grid, lines(view));
  const near = neighbour(ofPart(shownNotes(view), part), { quarter: quarter - 0.01, pitch: 0 }, 1);
  editing.cursor = { quarter, part, pitch: near?.pitch ?? 60 };
};

export const setPart = (view, part) => {
  const near = ofPart(shownNotes(view), part)[0];
  view.editing.cursor = { ...view.editing.cursor, part, pitch: near?.pitch ?? 60 };
  tellCursor(view);
};
