// What the app hears of the mixer.

import { levelsOf } from "../player/mix.js";

const WAIT_MS = 200; // while a fader moves

// For downloads that are to sound as it is heard.
export const sendMix = ({ pending, state, trigger }) => {
  window.clearTimeout(pending.mix);
  pending.mix = window.setTimeout(() => trigger("mix", { levels: levelsOf(state.mix) }), WAIT_MS);
};
