// Two fingers on the roll: what was between them stays between them.

const LEAST_DISTANCE = 24; // pixels; fingers that are closer say nothing exact

// Where two fingers are: the middle, from the left edge of the roll, and how far apart.
export const spanOf = ([one, other], left) => ({
  x: (one.clientX + other.clientX) / 2 - left,
  distance: Math.max(
    LEAST_DISTANCE,
    Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
  ),
});

// The zoom now, of a pinch that began with {zoom, distance}.
export const pinchedZoom = (begun, { distance }) => (begun.zoom * distance) / begun.distance;

const WHEEL_STEP = 25; // pixels of one event, at most: a mouse sends a hundred, a trackpad a few
const ZOOM_OF_PIXEL = 0.01;

// What a turn of the wheel, or a pinch on a trackpad, multiplies the zoom with.
export const wheelZoom = (deltaY) =>
  Math.exp(-Math.max(-WHEEL_STEP, Math.min(WHEEL_STEP, deltaY)) * ZOOM_OF_PIXEL);
