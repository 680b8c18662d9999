// Bars to write again, marked on the bar numbers or by keyboard.

import { schedule } from "./drawing.js";
import { isInSight, quarterInView, showQuarter } from "./scrolling.js";
import { RULER } from "./state/geometry.js";
import { barAt } from "./state/music.js";
import { nowQuarter } from "./state/playhead.js";
import { chosenText, dragged, extended, markableBarAt, markableBars } from "./state/selection.js";
import { announce } from "./view.js";

const LEAST_DRAG = 4; // pixels; less is a click
const WAIT_MS = 150; // however fast the keys are pressed, the app hears of it once

const isInRuler = ({ canvas }, event) => event.clientY - canvas.getBoundingClientRect().top < RULER;

const barUnder = (view, event) => {
  const x = event.clientX - view.canvas.getBoundingClientRect().left;
  return markableBarAt(view.state, quarterInView(view, x));
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
    view.drag = null;
    // A finger on the roll moves it.
    if (event.pointerType === "touch" || event.button !== 0) return;
    if (!state.name || !state.mostAgain || state.composing) return;
    if (!isInRuler(view, event) || !markableBars(state)) return;
    view.drag = { x: event.clientX, bar: barUnder(view, event), isHeld: true, isFar: false };
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
