// Fingers on the roll: one moves it, or marks bars on their numbers; two zoom.

import { abandonDrag } from "./marking.js";
import { quarterInView, setZoom } from "./scrolling.js";
import { pinchedZoom, spanOf } from "./state/pinch.js";

const spanIn = ({ canvas }, event) => spanOf(event.touches, canvas.getBoundingClientRect().left);

const beginPinch = (view, event) => {
  abandonDrag(view);
  const span = spanIn(view, event);
  const quarter = quarterInView(view, span.x);
  view.pinch = { zoom: view.state.zoom, distance: span.distance, quarter };
};

export const listenToTouch = (view) => {
  const { canvas, state } = view;
  const isActive = { passive: false }; // what is drawn here must not scroll as well
  canvas.addEventListener(
    "touchstart",
    (event) => {
      if (event.touches.length !== 2 || !state.name) return;
      event.preventDefault();
      beginPinch(view, event);
    },
    isActive,
  );
  canvas.addEventListener(
    "touchmove",
    (event) => {
      const isMine = view.pinch || view.drag?.isHeld || view.drag?.isOfLoop;
      if (isMine && event.cancelable) event.preventDefault();
      if (!view.pinch || event.touches.length !== 2) return;
      const span = spanIn(view, event);
      setZoom(view, pinchedZoom(view.pinch, span), span.x, view.pinch.quarter);
    },
    isActive,
  );
  for (const name of ["touchend", "touchcancel"]) {
    canvas.addEventListener(name, (event) => {
      if (event.touches.length < 2) view.pinch = null;
    });
  }
};
