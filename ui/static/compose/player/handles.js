// The two ends of the loop: handles on the bar numbers, which are sliders for the keyboard.

import { GUTTER } from "../roll/state/geometry.js";
import { barAt } from "../roll/state/music.js";

export const HANDLES = ["loopstart", "loopend"]; // their names in the template

const SAME = 0.01; // quarters

const sayBar = (handle, state, bar) => {
  handle.setAttribute("aria-valuenow", String(bar));
  handle.setAttribute("aria-valuetext", `bar ${bar}`);
  handle.setAttribute("aria-valuemin", String(state.firstNumber));
  handle.setAttribute("aria-valuemax", String(state.all.length - 1 + state.firstNumber));
};

// `x` turns quarters into pixels of a view that is `width` wide.
export const placeHandles = ({ part, state }, width, x) => {
  for (const [end, name] of HANDLES.entries()) {
    const handle = part(name);
    const at = state.isLooping && state.loop ? x(state.loop[end]) : -1;
    handle.hidden = at < GUTTER - 1 || at > width;
    if (handle.hidden) continue;
    handle.style.transform = `translateX(${Math.round(at)}px)`;
    sayBar(handle, state, barAt(state, state.loop[end] - (end ? SAME : 0)) + state.firstNumber);
  }
};
