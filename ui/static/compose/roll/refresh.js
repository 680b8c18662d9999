// Everything that follows from the state, brought up to date.

import { drawMixer } from "../player/mixer.js";
import { showPractice } from "../player/practice.js";
import { showTransport, updateMusic } from "../player/transport.js";
import { schedule } from "./drawing.js";
import { drawTakes, writeText } from "./legend.js";
import { layOut, showQuarter, widthOf, xInView } from "./scrolling.js";
import { fitZoom, freshZoom, GUTTER, seamZoom } from "./state/geometry.js";
import { barQuarters, derived, takeBars } from "./state/music.js";

export const refresh = (view) => {
  const { state, root, part } = view;
  Object.assign(state, derived(state));
  const width = widthOf(view);
  if (!state.zoom || state.zoom < fitZoom(width, state.end)) {
    state.zoom = freshZoom(width, state.end, barQuarters(state));
  }
  layOut(view);
  drawMixer(view);
  showPractice(view);
  drawTakes(view);
  updateMusic(view);
  showTransport(view);
  if (part("details").open) writeText(view);
  root.dataset.notes = String(state.given.notes.length);
  root.dataset.newNotes = String(state.made.notes.length);
  root.dataset.newBars = String(takeBars(state).length);
  root.dataset.state = state.composing ? "composing" : state.name ? "ready" : "empty";
  for (const name of ["in", "out", "fit"]) part(name).disabled = !state.name;
  schedule(view);
};

// However fast bars come, the page is made anew once a frame.
export const refreshSoon = (view) => {
  if (view.pending.refresh) return;
  view.pending.refresh = requestAnimationFrame(() => {
    view.pending.refresh = 0;
    refresh(view);
    if (view.state.follow && view.state.composing) showNewest(view);
  });
};

export const showSeam = (view) => {
  refresh(view);
  const { state } = view;
  const bar = barQuarters(state);
  state.zoom = seamZoom(state.zoom, widthOf(view), state.end, bar, state.planned);
  layOut(view);
  showQuarter(view, state.seam - 2 * bar, 0);
};

// On a phone the form is far below the roll.
export const showRoll = ({ root, part }) => {
  const { top, bottom } = part("stage").getBoundingClientRect();
  if (top < 0 || bottom > window.innerHeight) root.scrollIntoView({ block: "start" });
};

const showNewest = (view) => {
  const newest = takeBars(view.state).at(-1);
  if (!newest) return;
  const right = xInView(view, newest.start + newest.length * 2);
  if (right > GUTTER + widthOf(view)) showQuarter(view, newest.start + newest.length, 0.6);
};
