// One roll on the page: its elements, its state, its player, and what Gradio has handed over.

import { newMixer } from "../colours.js";
import { newLive } from "../player/live.js";
import { newLockedNow } from "./edit/lock_values.js";
import { newMeasure } from "./state/labels.js";
import { newState } from "./state/state.js";

export const newView = (element, { props, trigger, upload }) => {
  const part = (name) => element.querySelector(`[data-mf="${name}"]`);
  const canvas = part("canvas");
  const pen = canvas.getContext("2d");
  return {
    part,
    props,
    trigger,
    upload,
    canvas,
    root: part("root"),
    scroll: part("scroll"),
    audio: part("audio"),
    pen,
    mix: newMixer(),
    measure: newMeasure((text) => pen.measureText(text).width),
    calm: window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    state: newState(),
    player: {
      playing: null, // "live", "studio" or null
      rest: 0, // where the playhead rests while nothing plays, in quarters
      rate: 1, // of the tempo
      hasClick: false,
      hasCountIn: false,
      wantsStudio: false,
      live: newLive(),
      sound: null, // the studio sound that is loaded or loading
    },
    pending: { draw: 0, refresh: 0, mark: 0, mix: 0, tick: 0 }, // what is to be done soon, by its handle
    drawn: { legend: "", takes: "" }, // what the buttons were last made of
    lockedNow: newLockedNow(), // the notes that are locked
    drag: null,
    pinch: null, // of two fingers: {zoom, distance, quarter} as it began
  };
};

// Say something to a screen reader.
export const announce = (view, text) => {
  view.part("live").textContent = text;
};
