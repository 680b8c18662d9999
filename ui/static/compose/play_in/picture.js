// The picture of what is played: bars, beats, notes, and where the music is.

import { barOf, beatOf } from "./metre.js";

const LEAST_PITCHES = 14;
const MARGIN = 2; // pitches above and below
const LEAST_WIDTH = 3; // pixels

const colourOf = (style, name) => style.getPropertyValue(`--pi-${name}`).trim();

const rowsOf = (notes) => {
  const pitches = notes.map(({ pitch }) => pitch);
  const low = pitches.length ? Math.min(...pitches) : 60;
  const high = pitches.length ? Math.max(...pitches) : 72;
  const missing = Math.max(0, LEAST_PITCHES - (high - low + 1 + 2 * MARGIN));
  return { low: low - MARGIN - missing / 2, high: high + MARGIN + missing / 2 };
};

const fit = (canvas) => {
  const scale = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
};

const drawLines = ({ pen, height, style, x }, metre, from, until) => {
  const [bar, beat] = [barOf(metre), beatOf(metre)];
  for (let start = from; start < until - 0.001; start += bar) {
    for (let i = 0; i * beat < bar - 0.001; i += 1) {
      pen.fillStyle = colourOf(style, i === 0 ? "bar" : "beat");
      pen.fillRect(Math.round(x(start + i * beat)), 0, 1, height);
    }
  }
};

// `from` and `until` are the quarters at the edges; `now` is where the music is, or null.
export const drawPicture = (canvas, { notes, metre, from, until, now }) => {
  const frame = fit(canvas);
  const { pen, width, height } = frame;
  const style = getComputedStyle(canvas);
  const x = (quarter) => ((quarter - from) / (until - from)) * width;
  drawLines({ pen, height, style, x }, metre, from, until);
  if (from < 0) {
    pen.fillStyle = colourOf(style, "count");
    pen.fillRect(0, 0, x(0), height);
  }
  const { low, high } = rowsOf(notes);
  const row = height / (high - low + 1);
  pen.fillStyle = colourOf(style, "note");
  for (const { start, length, pitch, velocity } of notes) {
    pen.globalAlpha = 0.45 + (0.55 * velocity) / 127;
    const wide = Math.max(LEAST_WIDTH, x(start + length) - x(start) - 1);
    pen.beginPath();
    pen.roundRect(x(start), height - (pitch - low + 1) * row, wide, Math.max(3, row - 1), 2);
    pen.fill();
  }
  pen.globalAlpha = 1;
  if (now === null) return;
  pen.fillStyle = colourOf(style, "now");
  pen.fillRect(x(now) - 1, 0, 2, height);
};
