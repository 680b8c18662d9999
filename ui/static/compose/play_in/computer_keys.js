// The computer keyboard while the panel is open: it plays, and Space records and stops.

import { octavesOf, pitchOf } from "./keys.js";
import { isRecording, lift, press } from "./recorder.js";

const VELOCITY = 80; // a computer key knows none
const FIELDS = "select, input:not([type=checkbox])";
const BUTTONS = "button:not([data-pi=record]), input[type=checkbox]";

// Fields and buttons that have the focus keep their keys, but not while it is recorded.
const isFor = (desk, event) => {
  if (isRecording(desk)) return true;
  return !event.target.closest?.(event.code === "Space" ? `${FIELDS}, ${BUTTONS}` : FIELDS);
};

const onDown = (desk, event, { toggle, shift }) => {
  if (!isFor(desk, event)) return false;
  const octaves = octavesOf(event);
  const pitch = pitchOf(event, desk.base);
  if (event.code === "Space" && !event.repeat) toggle();
  else if (octaves && !event.repeat) shift(octaves);
  else if (pitch !== null && !event.repeat) {
    press(desk, event.code, pitch, VELOCITY, event.timeStamp);
  }
  return event.code === "Space" || octaves !== 0 || pitch !== null;
};

// `toggle` records or stops, `shift` moves by octaves.
export const listenToComputerKeys = (desk, acts) => {
  let hasSpace = false; // the press of it was taken, so its end is, too
  // Before everything else on the page, where Space plays and letters are shortcuts.
  window.addEventListener(
    "keydown",
    (event) => {
      if (!desk.part("sheet").open) return;
      event.stopPropagation();
      const isTaken = onDown(desk, event, acts);
      if (isTaken) event.preventDefault();
      if (event.code === "Space") hasSpace = isTaken;
    },
    true,
  );
  window.addEventListener(
    "keyup",
    (event) => {
      lift(desk, event.code, event.timeStamp);
      if (event.code === "Space" && hasSpace) {
        hasSpace = false;
        event.preventDefault();
      }
    },
    true,
  );
};
