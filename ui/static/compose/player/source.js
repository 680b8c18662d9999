// Which sound plays: the notes at once, or the studio sound that the app has rendered of them.

import { t } from "../../language.js";
import { isPlayable } from "../roll/state/playhead.js";
import { canLive } from "./live.js";
import { isNeutral } from "./mix.js";

// Why the studio sound cannot play; empty where it can.
export const studioObstacle = (view) => {
  const { state, player } = view;
  const isOfThis = player.sound?.take === (state.takes.length ? state.selected : -1);
  if (!isPlayable(view) || !isOfThis) return t("Studio sound is not made yet");
  if (!isNeutral(state.mix)) return t("Studio sound knows no mixer");
  return player.hasClick ? t("Studio sound has no metronome") : "";
};

// What Play will sound with.
export const sourceOf = (view) => {
  if (!canLive(view)) return "studio";
  return view.player.wantsStudio && !studioObstacle(view) ? "studio" : "live";
};

const NAMES = { live: t("Instant sound"), studio: t("Studio sound") };

// What sounds, and when that will change.
export const sourceText = (view) => {
  const { player } = view;
  const next = sourceOf(view);
  const now = player.playing ?? next;
  if (now !== next) {
    const names = { now: NAMES[now], next: NAMES[next].toLowerCase() };
    return t("{now}, {next} from the next pause", names);
  }
  const obstacle = player.wantsStudio && next === "live" ? studioObstacle(view) : "";
  return obstacle ? `${NAMES[now]}: ${obstacle}` : NAMES[now];
};
