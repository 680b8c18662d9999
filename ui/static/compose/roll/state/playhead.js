// Where the sound is.

import { liveQuarter } from "../../player/live.js";
import { toQuarters } from "./clock.js";

// Take -1 is the piece.
export const wantedSound = ({ state }) =>
  state.sounds.get(state.takes.length && !state.composing ? state.selected : -1);

// Whether the sound that was made on the server is there.
export const isPlayable = ({ player, audio }) => player.sound !== null && !audio.dataset.waiting;

export const nowQuarter = ({ player, audio }) => {
  if (player.playing === "live") return liveQuarter(player) ?? player.rest;
  if (player.playing === "studio") return toQuarters(player.sound.clock, audio.currentTime);
  return player.rest;
};
