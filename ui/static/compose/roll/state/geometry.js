// Where things are on the canvas, in pixels. `zoom` is pixels to the quarter, `left` the pixels
// that are scrolled away.

export const GUTTER = 40; // left of the music: names of octaves
export const RULER = 44; // above it: numbers of bars, and chords under them
const DRUM_ROW = 7;
const DRUM_SHARE = 0.28; // of the height, at most
const DRUM_PADDING = 10;
const MAX_ZOOM = 160;
const LEAST_AT_SEAM = 9; // pixels to the quarter; notes stay wide enough to read
const FRESH_ZOOM = 26;
const FRESH_BARS = 5;
const EMPTY_ZOOM = 24;

export const xOf = (quarter, zoom, left) => GUTTER + quarter * zoom - left;

export const quarterAt = (x, zoom, left) => (x - GUTTER + left) / zoom;

export const fitZoom = (width, end) => (end ? Math.max(1, width / (end + 0.5)) : EMPTY_ZOOM);

export const freshZoom = (width, end, barQuarters) =>
  Math.max(fitZoom(width, end), Math.min(FRESH_ZOOM, width / (barQuarters * FRESH_BARS)));

export const clampZoom = (zoom, width, end) =>
  Math.min(MAX_ZOOM, Math.max(fitZoom(width, end), zoom));

// Two bars before the seam and all that is to come.
export const seamZoom = (zoom, width, end, barQuarters, planned) =>
  Math.min(
    zoom,
    Math.max(LEAST_AT_SEAM, fitZoom(width, end), width / (barQuarters * (planned + 2.3))),
  );

// A row for each pitch, and below them one for each drum.
export const rowsOf = ({ low, high, drums }, height) => {
  const wanted = drums.length * DRUM_ROW + DRUM_PADDING;
  const drumHeight = drums.length ? Math.min(wanted, height * DRUM_SHARE) : 0;
  return {
    drumHeight,
    row: (height - RULER - drumHeight) / (high - low + 1),
    bottom: height - drumHeight,
    drumRow: drums.length ? (drumHeight - DRUM_PADDING) / drums.length : 0,
  };
};

export const boxOf = (note, state, rows, left) => {
  const x = xOf(note.start, state.zoom, left);
  const width = Math.max(2, note.length * state.zoom - 1);
  if (state.drumParts.has(note.part)) {
    return {
      x,
      y: rows.bottom + 6 + state.drums.indexOf(note.pitch) * rows.drumRow,
      width: Math.max(3, Math.min(width, state.zoom * 0.22)),
      height: Math.max(2, rows.drumRow - 1.5),
    };
  }
  return {
    x,
    y: rows.bottom - (note.pitch - state.low + 1) * rows.row,
    width,
    height: Math.max(2.5, rows.row - 1),
  };
};

export const isInside = (x, y, box) =>
  x >= box.x - 1 && x <= box.x + box.width + 1 && y >= box.y - 1 && y <= box.y + box.height + 1;
