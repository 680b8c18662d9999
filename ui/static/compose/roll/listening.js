// How the piece is listened to, mixer and loop: the app hears of it and keeps it with the piece.

import { isNeutral, levelsOf, mixOf } from "../player/mix.js";
import { unpackedLocks } from "./edit/lock_values.js";
import { derived } from "./state/music.js";

const WAIT_MS = 200; // while a fader or a handle moves

const soon = (pending, name, send) => {
  window.clearTimeout(pending[name]);
  pending[name] = window.setTimeout(send, WAIT_MS);
};

// Also for downloads that are to sound as it is heard.
export const sendMix = ({ pending, state, trigger }) =>
  soon(pending, "mix", () => trigger("mix", { mixer: state.mix, levels: levelsOf(state.mix) }));

export const sendLoop = ({ pending, state, trigger }) =>
  soon(pending, "loop", () => trigger("loop", { loop: state.loop, on: state.isLooping }));

const isLoop = (loop, { end }) => loop?.[0] >= 0 && loop[0] < loop[1] && loop[1] <= end;

// What was kept with a piece; whatever is not understood any more is left out.
export const listenAsKept = (view, { mixer, loop, locks }) => {
  const { state } = view;
  state.mix = mixOf(mixer);
  state.locks = unpackedLocks(locks);
  state.loop = isLoop(loop?.loop, derived(state)) ? loop.loop : null;
  state.isLooping = Boolean(state.loop && loop.on);
  if (!isNeutral(state.mix)) sendMix(view);
};
