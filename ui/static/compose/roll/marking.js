// Bars to write again, marked on the bar numbers or by keyboard.

import { schedule } from "./drawing.js";
import { isInSight, quarterInView, showQuarter, xInView } from "./scrolling.js";
import { RULER } from "./state/geometry.js";
import { barAt } from "./state/music.js";
import { nowQuarter } from "./state/playhead.js";
import {
  chosenText,
  dragged,
  extended,
  heldBar,
  markableBarAt,
  markableBars,
} from "./state/selection.js";
import { announce } from "./view.js";

const LEAST_DRAG = 4; // pixels; less is a click
const WAIT_MS = 150; // however fast the keys are pressed, the app hears of it once

const REACH = { mouse: 8, touch: 22 }; // pixels beside a handle that take hold of it

const isInRuler = ({ canvas }, event) => event.clientY - canvas.getBoundingClientRect().top < RULER;

const barUnder = (view, event) => {
  const x = event.clientX - view.canvas.getBoundingClientRect().left;
  return markableBarAt(view.state, quarterInView(view, x));
};

// The bar that a drag begins with: where it is, or the other end if it takes hold of a handle.
const firstBar = (view, event) => {
  const { chosen, bars } = view.state;
  if (chosen) {
    const ends = chosen.map((bar) => xInView(view, bars[bar]));
    const x = event.clientX - view.canvas.getBoundingClientRect().left;
    const held = heldBar(chosen, ends, x, REACH[event.pointerType] ?? REACH.mouse);
    if (held !== null) return held;
  }
  return barUnder(view, event);
};

// A second finger has come: nothing is marked.
export const abandonDrag = (view) => {
  if (!view.drag?.isHeld) return;
  view.state.chosen = view.drag.before;
  view.drag.isHeld = false;
  schedule(view);
};

const sayChosen = (view) => {
  const { state, pending, trigger } = view;
  window.clearTimeout(pending.mark);
  const [first, last] = state.chosen || [0, 0];
  pending.mark = window.setTimeout(() => trigger("mark", { first, last }), WAIT_MS);
  announce(view, chosenText(state.chosen, state.firstNumber));
};

export const showChosen = (view) => {
  const { bars, chosen } = view.state;
  if (!chosen.every((bar) => isInSight(view, bars[bar]))) showQuarter(view, bars[chosen[0]], 0.2);
};

export const letGo = (view) => {
  if (!view.state.chosen) return;
  view.state.chosen = null;
  sayChosen(view);
  schedule(view);
};

export const extendChosen = (view, by) => {
  const chosen = extended(view.state, by, barAt(view.state, nowQuarter(view) + 0.01));
  if (!chosen) return;
  view.state.chosen = chosen;
  showChosen(view);
  sayChosen(view);
  schedule(view);
};

export const listenToDrags = (view) => {
  const { canvas, state } = view;
  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return;
    view.drag = null;
    if (event.button !== 0) return;
    if (!state.name || !state.mostAgain || state.composing) return;
    if (!isInRuler(view, event) || !markableBars(state)) return;
    const bar = firstBar(view, event);
    view.drag = { x: event.clientX, bar, before: state.chosen, isHeld: true, isFar: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    canvas.style.cursor = state.mostAgain && isInRuler(view, event) ? "col-resize" : "";
    const { drag } = view;
    if (!drag?.isHeld) return;
    drag.isFar = drag.isFar || Math.abs(event.clientX - drag.x) >= LEAST_DRAG;
    if (!drag.isFar) return;
    state.chosen = dragged(drag.bar, barUnder(view, event), state.mostAgain);
    schedule(view);
  });
  const release = () => {
    if (!view.drag?.isHeld) return;
    if (view.drag.isFar) sayChosen(view);
    view.drag.isHeld = false; // the click that follows must know how far it went
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
};
