// Studio sound: what the app has rendered, in the page's audio element.

import { toSeconds } from "../roll/state/clock.js";
import { wantedSound } from "../roll/state/playhead.js";

// The browser may wait for a click.
const play = (audio) => audio.play().catch(() => {});

// Load what is wanted now. Returns whether that is another sound than before.
export const loadStudio = (view, onArrival) => {
  const { audio, player, root } = view;
  const next = wantedSound(view) || null;
  const url = next ? next.file.url || "" : "";
  if (player.sound ? next && player.sound.url === url : !next) return false;
  audio.pause();
  player.sound = next ? { ...next, url } : null;
  root.dataset.audio = next ? "loading" : "none";
  if (!player.sound) {
    audio.removeAttribute("src");
    return true;
  }
  audio.dataset.waiting = "yes";
  audio.src = url;
  audio.load();
  const loading = player.sound;
  audio.onloadedmetadata = () => {
    if (loading !== player.sound) return;
    delete audio.dataset.waiting;
    root.dataset.audio = "ready";
    root.dataset.duration = audio.duration.toFixed(2);
    onArrival();
  };
  return true;
};

// Whether the sound that will be played is another one, or none.
export const willChange = (view) => {
  const next = wantedSound(view);
  return (view.player.sound?.url ?? null) !== (next ? next.file.url || "" : null);
};

export const seekStudio = ({ audio, player }, quarter) => {
  const second = Math.max(0, toSeconds(player.sound.clock, quarter));
  audio.currentTime = Math.min(second, Math.max(0, audio.duration - 0.01) || 0);
};

export const startStudio = (view, quarter) => {
  seekStudio(view, quarter);
  play(view.audio);
};
