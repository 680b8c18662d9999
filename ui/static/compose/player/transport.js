// Play, pause and seek: the notes themselves, or the sound that the app has rendered of them.

import { write } from "../../dom.js";
import { t } from "../../language.js";
import { draw, schedule } from "../roll/drawing.js";
import { isInSight, showQuarter } from "../roll/scrolling.js";
import { clockText, toSeconds } from "../roll/state/clock.js";
import { clockOf } from "../roll/state/music.js";
import { isPlayable, nowQuarter } from "../roll/state/playhead.js";
import {
  canLive,
  forgetParts,
  prepareLive,
  seekLive,
  startLive,
  stopLive,
  updateLive,
} from "./live.js";
import { sourceOf, sourceText, studioObstacle } from "./source.js";
import { loadStudio, seekStudio, startStudio, willChange } from "./studio.js";

const PLAY_ICON = "M8 5v14l11-7z";
const PAUSE_ICON = "M7 5h4v14H7zM13 5h4v14h-4z";
const FOLLOWED = 0.92; // of the width; a playhead behind that is caught up with
const AT_END = 0.01; // quarters

const canPlay = (view) => view.state.end > 0 && (canLive(view) || isPlayable(view));

export const showTransport = (view) => {
  const { part, state, player } = view;
  const ready = Boolean(state.name) && canPlay(view);
  const word = player.playing ? t("Pause") : t("Play");
  part("play").disabled = !ready;
  part("home").disabled = !ready;
  part("seam").disabled = !ready || !state.takes.length;
  part("play").setAttribute("aria-label", word);
  part("play").title = t("{word} (Space)", { word });
  part("playicon").setAttribute("d", player.playing ? PAUSE_ICON : PLAY_ICON);
  const clock = clockOf(state);
  part("time").textContent = clockText(toSeconds(clock, nowQuarter(view)));
  part("length").textContent = ready ? ` / ${clockText(toSeconds(clock, state.end))}` : "";
  write(part("source"), ready ? sourceText(view) : "");
  view.root.dataset.playing = player.playing ?? "no";
};

const show = (view) => {
  showTransport(view);
  schedule(view);
};

const loopOf = ({ isLooping, loop }) => (isLooping ? loop : null);

const tick = (view) => {
  const { player, state } = view;
  showTransport(view);
  if (player.playing) {
    const now = nowQuarter(view);
    const loop = loopOf(state);
    // The notes themselves turn on the beat; the studio sound when it is seen to be there.
    if (player.playing === "studio" && loop && now >= loop[1] && player.rest < loop[1]) {
      turnStudio(view, loop[0]);
    }
    if (state.follow && !isInSight(view, now, FOLLOWED)) {
      showQuarter(view, now, view.calm ? 0.05 : 0.12);
    }
    view.pending.tick = requestAnimationFrame(() => tick(view));
  }
  draw(view);
};

const turnStudio = (view, quarter) => {
  if (sourceOf(view) === "studio") seekStudio(view, quarter);
  else goOnLive(view, quarter);
};

const start = async (view, source, quarter, isCounted = false) => {
  const { player } = view;
  player.playing = source;
  player.rest = quarter;
  if (source === "studio") {
    view.audio.playbackRate = player.rate;
    startStudio(view, quarter);
  } else if (!(await startLive(view, quarter, isCounted)) && player.playing === "live") {
    player.playing = null;
    if (isPlayable(view)) start(view, "studio", quarter);
  }
  show(view);
};

// From the studio sound to the notes, at once: both are there.
const goOnLive = (view, quarter) => {
  view.player.playing = null;
  view.audio.pause();
  start(view, "live", quarter);
};

const firstQuarter = ({ state, player }) => {
  const loop = loopOf(state);
  if (loop && (player.rest < loop[0] || player.rest >= loop[1] - AT_END)) return loop[0];
  return player.rest >= state.end - AT_END ? 0 : player.rest;
};

export const play = (view) => {
  const { state, player } = view;
  if (player.playing || !canPlay(view)) return;
  state.follow = true;
  start(view, sourceOf(view), firstQuarter(view), true);
  window.cancelAnimationFrame(view.pending.tick);
  tick(view);
};

// Stop, with the playhead at a quarter.
const halt = (view, quarter) => {
  const { player, audio } = view;
  const { playing } = player;
  player.rest = quarter;
  player.playing = null;
  if (playing === "live") stopLive(view);
  if (playing === "studio") audio.pause();
  show(view);
};

export const pause = (view) => {
  if (view.player.playing) halt(view, nowQuarter(view));
};

export const playPause = (view) => {
  if (view.player.playing) pause(view);
  else play(view);
};

export const seek = (view, quarter) => {
  const { player, state } = view;
  player.rest = Math.min(Math.max(0, quarter), state.end);
  if (player.playing === "live") seekLive(view, player.rest);
  if (player.playing === "studio") seekStudio(view, player.rest);
  show(view);
};

// Another sound has come, or is wanted: what plays goes on at the same place.
export const loadSound = (view) => {
  const { player } = view;
  const quarter = nowQuarter(view);
  const isCut = player.playing === "studio" && willChange(view);
  if (isCut) player.playing = null;
  loadStudio(view, () => {
    if (player.playing === "studio") startStudio(view, player.rest);
    show(view);
  });
  if (isCut && canLive(view)) goOnLive(view, quarter);
  else if (isCut) {
    player.rest = quarter;
    player.playing = player.sound ? "studio" : null;
  }
  show(view);
};

// Other notes are to be played; also loads the synthesizer before the first click.
export const updateMusic = (view) => {
  const { player, state } = view;
  if (!player.playing) player.rest = Math.min(player.rest, state.end);
  if (state.name) prepareLive(view);
  updateLive(view);
};

// How the music is played has changed: what the studio sound cannot do is heard at once.
export const updatePlaying = (view) => {
  const { player, audio } = view;
  audio.playbackRate = player.rate;
  if (player.playing === "studio" && canLive(view) && studioObstacle(view)) {
    goOnLive(view, nowQuarter(view));
  } else updateLive(view);
  show(view);
};

// Another piece begins at its start, in silence.
export const rewind = (view) => {
  halt(view, 0);
  forgetParts(view.player);
};

export const listenToPlayer = (view) => {
  const { audio, player, state } = view;
  player.live.ended = () => halt(view, state.end);
  // The studio sound takes over where the loop begins again.
  player.live.turned = (wait) => {
    if (sourceOf(view) !== "studio") return;
    window.setTimeout(() => {
      if (player.playing !== "live" || sourceOf(view) !== "studio" || !loopOf(state)) return;
      stopLive(view);
      start(view, "studio", state.loop[0]);
    }, wait);
  };
  audio.addEventListener("ended", () => {
    if (player.playing === "studio") halt(view, state.end);
  });
  // Keys of the system, or headphones that are pulled out.
  audio.addEventListener("pause", () => {
    if (player.playing === "studio" && !audio.ended && !audio.dataset.waiting) pause(view);
  });
};
