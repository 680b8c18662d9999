// The canvas: ground, notes, numbers of bars, seam, playhead. Only what is in sight is drawn.

import { t } from "../../language.js";
import { isDark, paint } from "../colours.js";
import { placeHandles } from "../player/handles.js";
import { drawLocks } from "./edit/lock_drawing.js";
import { drawEditing } from "./edit/overlay.js";
import { stepsBack } from "./state/focus.js";
import { boxOf, GUTTER, quarterAt, RULER, rowsOf, xOf } from "./state/geometry.js";
import { numberStep, stuck, thinned } from "./state/labels.js";
import { barQuarters, endOfPiece, notesBetween } from "./state/music.js";
import { nowQuarter } from "./state/playhead.js";
import { chordName, isChord } from "./state/words.js";

const MAX_RATIO = 2;
const BLACK_KEYS = [1, 3, 6, 8, 10];
const LEAST_BEAT = 9; // pixels; narrower ones get no line
const LEAST_NUMBER = 30; // pixels between numbers of bars
const [NUMBER_LINE, CHORD_LINE] = [10, 26]; // pixels from the top to the middles of their lines
const LABEL_LEFT = 4; // pixels from the bar line
const SANS = "ui-sans-serif, system-ui, sans-serif";
const FADED = 0.14; // of its colour
const BEHIND_SEAM = 0.3;
const HANDLE = 7; // pixels; the radius of the ends of what is marked
const SAME = 0.001;

const coloursOf = (root) => {
  const style = getComputedStyle(root);
  const get = (name) => style.getPropertyValue(name).trim();
  return {
    dark: isDark(root),
    paper: get("--mf-paper"),
    ink: get("--mf-ink"),
    dim: get("--mf-dim"),
    line: get("--mf-line"),
    soft: get("--mf-soft"),
    blue: get("--mf-blue"),
  };
};

// All that the parts of a drawing need to know.
const newFrame = (view, width, height) => {
  const { state, scroll, pen, mix, measure } = view;
  const left = scroll.scrollLeft;
  return {
    state,
    pen,
    mix,
    measure,
    width,
    height,
    left,
    colours: coloursOf(view.root),
    rows: rowsOf(state, height),
    from: quarterAt(GUTTER, state.zoom, left),
    until: quarterAt(width, state.zoom, left),
    x: (quarter) => xOf(quarter, state.zoom, left),
  };
};

// How much of its colour a note has: soft ones are paler, and those that will not be heard palest.
const shareOf = ({ state }, note, isNew) => {
  if (stepsBack(state, note.part)) return FADED;
  if (!isNew && !state.gap && note.start >= state.seam - SAME) return BEHIND_SEAM;
  return Math.round((0.5 + 0.5 * Math.min(1, note.velocity / 112)) * 12) / 12;
};

const outline = ({ pen, mix, colours }, colour, box, isNew) => {
  if (isNew) {
    pen.lineWidth = Math.min(1.4, Math.min(box.height, box.width) * 0.2);
    pen.strokeStyle = colours.dark ? "rgba(255,255,255,0.9)" : "rgba(20,20,24,0.85)";
    pen.stroke();
  } else if (!colours.dark) {
    pen.lineWidth = 1;
    pen.strokeStyle = mix(colour, "#000000", 0.75);
    pen.globalAlpha = 0.55;
    pen.stroke();
    pen.globalAlpha = 1;
  }
};

const drawNotes = (frame, notes, isNew) => {
  const { state, pen, mix, colours } = frame;
  const shown = notesBetween(notes, frame.from, frame.until).filter(
    ({ part }) => state.index.has(part) && !state.hidden.has(part),
  );
  for (const note of shown) {
    const share = shareOf(frame, note, isNew);
    const colour = paint(state.index.get(note.part).colour, colours.dark);
    const box = boxOf(note, state, frame.rows, frame.left);
    pen.beginPath();
    pen.roundRect(box.x, box.y, box.width, box.height, Math.min(2.5, box.height / 2));
    pen.fillStyle = mix(colour, colours.paper, share);
    pen.fill();
    if (share > BEHIND_SEAM) outline(frame, colour, box, isNew);
  }
  return shown.length;
};

const drawGround = ({ state, pen, colours, width, height, rows }) => {
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, width, height);
  for (let pitch = state.low; pitch <= state.high; pitch += 1) {
    const y = rows.bottom - (pitch - state.low + 1) * rows.row;
    if (BLACK_KEYS.includes(pitch % 12)) {
      pen.fillStyle = colours.dark ? "rgba(255,255,255,0.025)" : "rgba(0,0,0,0.022)";
      pen.fillRect(GUTTER, y, width, rows.row);
    }
    if (pitch % 12 === 0) {
      pen.fillStyle = colours.line;
      pen.fillRect(GUTTER, Math.round(y + rows.row), width, 1);
    }
  }
  if (rows.drumHeight) {
    pen.fillStyle = colours.soft;
    pen.globalAlpha = 0.55;
    pen.fillRect(GUTTER, rows.bottom, width, rows.drumHeight);
    pen.globalAlpha = 1;
  }
};

const barsInSight = ({ state, from, until }) =>
  state.all
    .map((bar, index) => ({ ...bar, index }))
    .filter((bar) => bar.end >= from && bar.start <= until);

const drawBars = (frame) => {
  const { state, pen, mix, colours, height, x } = frame;
  const hasBeats = state.zoom * state.beat >= LEAST_BEAT;
  for (const bar of barsInSight(frame)) {
    if (bar.kind !== "given") {
      pen.fillStyle = mix(colours.blue, colours.paper, bar.kind === "new" ? 0.07 : 0.04);
      pen.globalCompositeOperation = colours.dark ? "lighten" : "multiply";
      pen.fillRect(x(bar.start), RULER, (bar.end - bar.start) * state.zoom, height);
      pen.globalCompositeOperation = "source-over";
    }
    if (hasBeats) {
      pen.fillStyle = colours.line;
      pen.globalAlpha = 0.45;
      for (let beat = bar.start + state.beat; beat < bar.end - 0.01; beat += state.beat) {
        pen.fillRect(Math.round(x(beat)), RULER, 1, height);
      }
      pen.globalAlpha = 1;
    }
    pen.fillStyle = colours.line;
    pen.fillRect(Math.round(x(bar.start)), RULER - 6, 1, height);
  }
};

// Which bars have a number.
const numbering = (state) => {
  const every = numberStep(barQuarters(state) * state.zoom, LEAST_NUMBER);
  return (index) => (index + state.firstNumber - 1) % every === 0;
};

const placeOf = ({ state, left }, { start, end }, width) =>
  GUTTER + LABEL_LEFT - left + stuck(start * state.zoom, width, left, end * state.zoom);

const drawRuler = (frame) => {
  const { state, pen, colours, width } = frame;
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, width, RULER - 6);
  const isNumbered = numbering(state);
  pen.textBaseline = "middle";
  pen.font = `600 11px ${SANS}`;
  for (const bar of barsInSight(frame)) {
    if (!isNumbered(bar.index)) continue;
    const number = String(bar.index + state.firstNumber);
    const at = placeOf(frame, bar, frame.measure(number));
    pen.fillStyle = bar.kind === "given" ? colours.dim : colours.blue;
    if (at >= GUTTER) pen.fillText(number, at, NUMBER_LINE);
  }
};

// Chords that were recognised are quieter than those that were written.
const drawChords = (frame) => {
  const { state, pen, colours, width } = frame;
  pen.textBaseline = "middle";
  pen.font = `600 12px ${SANS}`;
  const isNumbered = numbering(state);
  const labels = state.all
    .map((bar, index) => ({ ...bar, text: chordName(bar.chord), isFirst: isNumbered(index) }))
    .filter((bar) => isChord(bar.chord))
    .map((bar) => ({ ...bar, x: bar.start * state.zoom, width: frame.measure(bar.text) }));
  for (const label of thinned(labels)) {
    const at = placeOf(frame, label, label.width);
    if (at < GUTTER || at > width) continue; // half a name says something else
    pen.fillStyle = label.kind === "given" ? colours.dim : colours.ink;
    pen.fillText(label.text, at, CHORD_LINE);
  }
};

const drawGutter = ({ state, pen, colours, height, rows }) => {
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, GUTTER, height);
  pen.fillStyle = colours.line;
  pen.fillRect(GUTTER - 1, RULER - 6, 1, height);
  pen.font = `11px ${SANS}`;
  pen.fillStyle = colours.dim;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  for (let pitch = state.low; pitch <= state.high; pitch += 1) {
    if (pitch % 12 !== 0) continue;
    const y = rows.bottom - (pitch - state.low + 0.5) * rows.row;
    if (y > RULER) pen.fillText(`C${pitch / 12 - 1}`, GUTTER - 7, y);
  }
  if (rows.drumHeight > 14) {
    pen.fillText(t("drums"), GUTTER - 4, rows.bottom + rows.drumHeight / 2);
  }
  pen.textAlign = "left";
};

const drawFlag = ({ pen, colours, height, x }, quarter) => {
  const at = Math.round(x(quarter));
  if (at < GUTTER - 2) return;
  pen.fillStyle = colours.blue;
  pen.fillRect(at - 1, RULER - 10, 2.5, height);
  pen.beginPath();
  pen.moveTo(at - 6, RULER - 14);
  pen.lineTo(at + 6, RULER - 14);
  pen.lineTo(at, RULER - 5);
  pen.fill();
};

const drawSeam = (frame) => {
  const { state } = frame;
  if (!state.takes.length && state.seam >= endOfPiece(state) - SAME) return;
  drawFlag(frame, state.seam);
  if (state.takes.length && state.gap) drawFlag(frame, state.gap.end);
};

const drawChosen = ({ state, pen, colours, height, x }) => {
  if (!state.chosen) return;
  const [first, last] = state.chosen;
  const left = Math.max(GUTTER, x(state.bars[first]));
  const right = x(state.bars[last]);
  if (right <= GUTTER) return;
  pen.fillStyle = colours.blue;
  pen.globalAlpha = 0.2;
  pen.fillRect(left, 0, right - left, RULER - 6);
  pen.globalAlpha = 0.07;
  pen.fillRect(left, RULER - 6, right - left, height);
  pen.globalAlpha = 1;
  pen.fillRect(left - 1, 0, 2, height);
  pen.fillRect(right - 1, 0, 2, height);
  for (const at of [x(state.bars[first]), right]) {
    if (at >= GUTTER) drawHandle(pen, at, colours);
  }
};

const drawHandle = (pen, x, colours) => {
  pen.beginPath();
  pen.arc(x, RULER - 6, HANDLE, 0, 7);
  pen.fill();
  pen.strokeStyle = colours.paper;
  pen.lineWidth = 2;
  pen.stroke();
};

const drawLoop = ({ state, pen, colours, height, x }) => {
  if (!state.isLooping || !state.loop) return;
  const [left, right] = state.loop.map(x);
  pen.fillStyle = colours.dark ? "#ffb454" : "#b3261e";
  pen.globalAlpha = 0.3;
  pen.fillRect(left, RULER - 10, right - left, 4);
  pen.globalAlpha = 0.7;
  for (const at of [left, right]) pen.fillRect(Math.round(at), RULER - 10, 1, height);
  pen.globalAlpha = 1;
};

const drawPlayhead = ({ pen, colours, height, x }, view) => {
  const at = x(nowQuarter(view));
  if (at < GUTTER - 1) return;
  pen.fillStyle = colours.dark ? "#ffb454" : "#b3261e";
  pen.fillRect(at - 1, RULER - 8, 2, height);
  pen.beginPath();
  pen.arc(at, RULER - 8, 4.5, 0, 7);
  pen.fill();
};

const fitCanvas = ({ canvas, pen }, width, height) => {
  const ratio = Math.min(window.devicePixelRatio || 1, MAX_RATIO);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
};

export const draw = (view) => {
  view.pending.draw = 0;
  const [width, height] = [view.scroll.clientWidth, view.canvas.clientHeight];
  if (!width || !height) return;
  fitCanvas(view, width, height);
  const frame = newFrame(view, width, height);
  let drawn = 0;
  if (!view.state.name) {
    view.pen.fillStyle = frame.colours.paper;
    view.pen.fillRect(0, 0, width, height);
  } else {
    drawGround(frame);
    drawBars(frame);
    drawn += drawNotes(frame, view.state.given, false);
    drawn += drawNotes(frame, view.state.made, true);
    drawLocks(frame, view.lockedNow(view));
    drawRuler(frame);
    drawChords(frame);
    drawChosen(frame);
    drawLoop(frame);
    drawSeam(frame);
    drawEditing(frame, view);
    drawPlayhead(frame, view);
    drawGutter(frame);
  }
  placeHandles(view, width, frame.x);
  view.root.dataset.drawn = String(drawn);
};

// However much changes, the roll is drawn once a frame.
export const schedule = (view) => {
  if (!view.pending.draw) view.pending.draw = requestAnimationFrame(() => draw(view));
};
