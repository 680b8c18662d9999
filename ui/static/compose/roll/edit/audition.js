// Notes heard for a moment as they are drawn, moved to another pitch or selected, while nothing else
// plays. A part that is muted stays silent.

import { updateMix } from "../../player/live.js";
import { isSilent } from "../../player/mix.js";
import { rest, send, wake } from "../../player/synthesizer.js";

const LENGTH_S = 0.4;
const MOST = 8; // at once
const SAME = 1e-3;

// Of many notes those that begin first, as a chord.
export const firstOf = (notes) => {
  const start = Math.min(...notes.map((note) => note.start));
  return notes.filter((note) => note.start <= start + SAME).slice(0, MOST);
};

// What is heard of changes: notes that sound otherwise than before.
export const heardIn = (changes) =>
  changes.flatMap(([from, to]) =>
    to && (to.pitch !== from?.pitch || to.velocity !== from.velocity) ? [to] : [],
  );

export const audition = async (view, notes) => {
  const { player, state } = view;
  const { engine } = player.live;
  const heard = firstOf(notes).filter(({ part }) => !isSilent(state.mix, part));
  if (!engine || player.playing || !heard.length) return;
  updateMix(view); // parts may be new
  const time = await wake(engine);
  if (player.playing) return;
  for (const { part, pitch, velocity } of heard) {
    send(engine, [
      { time, isOn: true, part, pitch, velocity },
      { time: time + LENGTH_S, isOn: false, part, pitch },
    ]);
  }
  rest(engine);
};
