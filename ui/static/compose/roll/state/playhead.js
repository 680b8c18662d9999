// Where the sound is.

import { toQuarters } from "./clock.js";

// Take -1 is the piece.
export const wantedSound = ({ state }) =>
  state.sounds.get(state.takes.length && !state.composing ? state.selected : -1);

export const isPlayable = ({ player, audio }) => player.sound !== null && !audio.dataset.waiting;

export const nowQuarter = (view) =>
  isPlayable(view) ? toQuarters(view.player.sound.clock, view.audio.currentTime) : view.player.rest;
