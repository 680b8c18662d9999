// What is in sight, and how wide.

import { schedule } from "./drawing.js";
import { clampZoom, fitZoom, GUTTER, quarterAt, xOf } from "./state/geometry.js";

export const widthOf = ({ scroll }) => scroll.clientWidth - GUTTER;

export const xInView = ({ state, scroll }, quarter) => xOf(quarter, state.zoom, scroll.scrollLeft);

export const quarterInView = ({ state, scroll }, x) => quarterAt(x, state.zoom, scroll.scrollLeft);

// Make room for the whole piece.
export const layOut = ({ state, scroll, part }) => {
  const wanted = GUTTER + state.end * state.zoom + 12;
  part("wide").style.width = `${Math.max(scroll.clientWidth, wanted)}px`;
};

// `anchor` is in pixels, by default the middle; `held` is the quarter that is to be there, by default
// that which is.
export const setZoom = (view, zoom, anchor = undefined, held = undefined) => {
  const x = anchor === undefined ? GUTTER + widthOf(view) / 2 : anchor;
  const quarter = held === undefined ? quarterInView(view, x) : held;
  view.state.zoom = clampZoom(zoom, widthOf(view), view.state.end);
  layOut(view);
  view.scroll.scrollLeft = quarter * view.state.zoom - (x - GUTTER);
  schedule(view);
};

// Fit what has been resized.
export const resize = (view) => {
  if (view.state.name) {
    view.state.zoom = Math.max(view.state.zoom, fitZoom(widthOf(view), view.state.end));
    layOut(view);
  }
  schedule(view);
};

// Scroll so that a moment is at this share of the width.
export const showQuarter = (view, quarter, share) => {
  const left = quarter * view.state.zoom - widthOf(view) * share;
  view.scroll.scrollTo({ left: Math.max(0, left), behavior: "instant" });
};

// Whether a moment is in sight, and not in the last part of the width.
export const isInSight = (view, quarter, share = 1) => {
  const x = xInView(view, quarter);
  return x >= GUTTER && x <= GUTTER + widthOf(view) * share;
};
