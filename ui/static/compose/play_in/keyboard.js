// The keys on the screen, for fingers and mice; they show what is played on other keyboards, too.

import { make, makeButton } from "../../dom.js";
import { pitchName } from "../roll/state/words.js";
import { NUM_KEYS } from "./keys.js";

const BLACK = new Set([1, 3, 6, 8, 10]);
const TAP_S = 0.3; // of a key that is pressed by a screen reader

const keyOf = (pitch, semitone, printed) => {
  const isBlack = BLACK.has(semitone % 12);
  const key = makeButton(isBlack ? "pi-black" : "pi-white");
  key.dataset.pitch = String(pitch);
  key.tabIndex = -1; // the computer keyboard plays without the focus
  key.setAttribute("aria-label", pitchName(pitch));
  key.append(make("span", "pi-letter", printed[semitone]));
  if (semitone % 12 === 0) key.append(make("span", "pi-name", pitchName(pitch)));
  return key;
};

// White keys in a row, each with the black one at its right.
export const drawKeys = (root, base, printed) => {
  const steps = [];
  for (let semitone = 0; semitone < NUM_KEYS; semitone += 1) {
    const key = keyOf(base + semitone, semitone, printed);
    if (key.className === "pi-white") steps.push(make("span", "pi-step"));
    steps.at(-1).append(key);
  }
  root.replaceChildren(...steps);
};

export const lightKey = (root, pitch, isDown) => {
  root.querySelector(`[data-pitch="${pitch}"]`)?.classList.toggle("pi-down", isDown);
};

const keyAt = (root, { clientX, clientY }) => {
  const key = document.elementFromPoint(clientX, clientY)?.closest("[data-pitch]");
  return key && root.contains(key) ? Number(key.dataset.pitch) : null;
};

// Each finger plays one key, and the next where it slides there. `press` and `lift` are given a name of
// the finger, and `press` the pitch.
export const listenToKeys = (root, press, lift) => {
  const fingers = new Map(); // pitches by pointer
  const move = (event) => {
    const pitch = keyAt(root, event);
    if (pitch === fingers.get(event.pointerId)) return;
    fingers.set(event.pointerId, pitch);
    lift(`finger ${event.pointerId}`, event.timeStamp);
    if (pitch !== null) press(`finger ${event.pointerId}`, pitch, event.timeStamp);
  };
  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.target.releasePointerCapture?.(event.pointerId);
    move(event);
  });
  window.addEventListener("pointermove", (event) => {
    if (fingers.has(event.pointerId)) move(event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    window.addEventListener(name, (event) => {
      if (fingers.delete(event.pointerId)) lift(`finger ${event.pointerId}`, event.timeStamp);
    });
  }
  root.addEventListener("click", (event) => {
    const key = event.target.closest("[data-pitch]");
    if (!key || event.detail !== 0) return; // a finger has played it
    press("click", Number(key.dataset.pitch), event.timeStamp);
    window.setTimeout(() => lift("click", event.timeStamp + 1000 * TAP_S), 1000 * TAP_S);
  });
};
