// The player: which sound is loaded, and where it is.

import { draw, schedule } from "./drawing.js";
import { isInSight, showQuarter } from "./scrolling.js";
import { clockText, toSeconds } from "./state/clock.js";
import { isPlayable, nowQuarter, wantedSound } from "./state/playhead.js";

const PLAY_ICON = "M8 5v14l11-7z";
const PAUSE_ICON = "M7 5h4v14H7zM13 5h4v14h-4z";
const FOLLOWED = 0.92; // of the width; a playhead behind that is caught up with

const play = (audio) => audio.play().catch(() => {}); // the browser may wait for a click

// Load what is wanted now. The playhead stays at its quarter, and goes on if it was moving.
export const loadSound = (view) => {
  const { audio, player, root } = view;
  const next = wantedSound(view) || null;
  const url = next ? next.file.url || "" : "";
  if (player.sound && next && player.sound.url === url) return;
  const at = nowQuarter(view);
  player.resume = player.resume || !audio.paused;
  audio.pause();
  player.rest = at;
  player.sound = next ? { ...next, url } : null;
  root.dataset.audio = next ? "loading" : "none";
  if (player.sound) {
    audio.dataset.waiting = "yes";
    audio.src = url;
    audio.load();
    const loading = player.sound;
    audio.onloadedmetadata = () => {
      if (loading === player.sound) arrive(view, at);
    };
  } else {
    audio.removeAttribute("src");
  }
  showTransport(view);
};

const arrive = (view, quarter) => {
  const { audio, player, root } = view;
  const second = toSeconds(player.sound.clock, quarter);
  audio.currentTime = second < audio.duration - 0.05 ? Math.max(0, second) : 0;
  delete audio.dataset.waiting;
  root.dataset.audio = "ready";
  root.dataset.duration = audio.duration.toFixed(2);
  if (player.resume) play(audio);
  player.resume = false;
  showTransport(view);
  schedule(view);
};

// Another piece begins at its start, in silence.
export const rewind = ({ audio, player }) => {
  audio.pause();
  player.rest = 0;
  player.resume = false;
  player.sound = null;
};

export const showTransport = (view) => {
  const { audio, part, state } = view;
  const ready = isPlayable(view);
  const word = audio.paused ? "Play" : "Pause";
  part("play").disabled = !ready;
  part("home").disabled = !ready;
  part("seam").disabled = !ready || !state.takes.length;
  part("play").setAttribute("aria-label", word);
  part("play").title = `${word} (Space)`;
  part("playicon").setAttribute("d", audio.paused ? PLAY_ICON : PAUSE_ICON);
  part("time").textContent = clockText(ready ? audio.currentTime : 0);
  part("length").textContent = ready ? ` / ${clockText(audio.duration)}` : "";
};

export const seek = (view, quarter) => {
  const { audio, player, state } = view;
  const to = Math.min(Math.max(0, quarter), state.end);
  player.rest = to;
  if (isPlayable(view)) {
    audio.currentTime = Math.min(toSeconds(player.sound.clock, to), audio.duration || 0);
  }
  showTransport(view);
  schedule(view);
};

export const playPause = ({ audio, part }) => {
  if (part("play").disabled) return;
  if (audio.paused) play(audio);
  else audio.pause();
};

const tick = (view) => {
  showTransport(view);
  if (!view.audio.paused) {
    const now = nowQuarter(view);
    if (view.state.follow && !isInSight(view, now, FOLLOWED)) {
      showQuarter(view, now, view.calm ? 0.05 : 0.12);
    }
    requestAnimationFrame(() => tick(view));
  }
  draw(view);
};

export const listenToAudio = (view) => {
  const rest = () => {
    showTransport(view);
    schedule(view);
  };
  view.audio.addEventListener("play", () => {
    view.state.follow = true;
    tick(view);
  });
  view.audio.addEventListener("pause", rest);
  view.audio.addEventListener("ended", rest);
};
