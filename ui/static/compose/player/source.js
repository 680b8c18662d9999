// Which sound plays: the notes at once, or the studio sound that the app has rendered of them.

import { isPlayable } from "../roll/state/playhead.js";
import { canLive } from "./live.js";
import { isNeutral } from "./mix.js";

// Why the studio sound cannot play; empty where it can.
export const studioObstacle = (view) => {
  const { state, player } = view;
  const isOfThis = player.sound?.take === (state.takes.length ? state.selected : -1);
  if (!isPlayable(view) || !isOfThis) return "Studio sound is not made yet";
  if (!isNeutral(state.mix)) return "Studio sound knows no mixer";
  return player.hasClick ? "Studio sound has no metronome" : "";
};

// What Play will sound with.
export const sourceOf = (view) => {
  if (!canLive(view)) return "studio";
  return view.player.wantsStudio && !studioObstacle(view) ? "studio" : "live";
};

const NAMES = { live: "Instant sound", studio: "Studio sound" };

// What sounds, and when that will change.
export const sourceText = (view) => {
  const { player } = view;
  const next = sourceOf(view);
  const now = player.playing ?? next;
  if (now !== next) return `${NAMES[now]}, ${NAMES[next].toLowerCase()} from the next pause`;
  const obstacle = player.wantsStudio && next === "live" ? studioObstacle(view) : "";
  return obstacle ? `${NAMES[now]}: ${obstacle}` : NAMES[now];
};
