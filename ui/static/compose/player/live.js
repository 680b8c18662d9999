// Playing the notes themselves, at once: from the state of a roll to the synthesizer.

import { clockOf, playableEnd } from "../roll/state/music.js";
import {
  advance,
  begin,
  delayed,
  goOnWith,
  horizonOf,
  isAtEnd,
  jump,
  quarterNow,
  settled,
} from "./performance.js";
import {
  canSynthesize,
  forget,
  hush,
  openSynthesizer,
  rest,
  send,
  setUp,
  wake,
} from "./synthesizer.js";

const AHEAD_S = 0.15; // sent so long before it sounds
const STEP_MS = 30;
const START_S = 0.05; // from the click to the first note
const LATE_S = 0.02; // what is late begins so long from now
const KEPT_S = 1; // where the music was is known for so long

export const newLive = () => ({
  engine: null,
  opening: null, // the promise of an engine
  hasFailed: false,
  start: null, // what was asked for last, while the engine is on its way
  performance: null,
  timer: 0,
});

export const canLive = ({ player, props }) =>
  Boolean(props.soundfont) && !player.live.hasFailed && canSynthesize();

// Load the synthesizer, so that it is there at the first click.
export const prepareLive = (view) => {
  const { live } = view.player;
  if (live.opening || !canLive(view)) return live.opening;
  live.opening = openSynthesizer(new URL(view.props.soundfont, document.baseURI))
    .then((engine) => {
      live.engine = engine;
      setUp(engine, view.state.parts);
      view.root.dataset.synth = "ready";
      if (!live.performance && !live.start) engine.context.suspend();
      return engine;
    })
    .catch(() => {
      live.hasFailed = true;
      view.root.dataset.synth = "failed";
      return null;
    });
  return live.opening;
};

const musicOf = ({ state }) => ({
  lists: [state.given, state.made],
  clicks: null,
  isDrum: (part) => state.drumParts.has(part),
  end: playableEnd(state),
  loop: null,
});

const keep = ({ player }, performance) => {
  const { live } = player;
  send(live.engine, performance.events);
  live.performance = settled(performance, live.engine.context.currentTime - KEPT_S);
};

// Play from a quarter. Returns whether it could.
export const startLive = async (view, quarter) => {
  const { live } = view.player;
  const start = {};
  live.start = start;
  const engine = await prepareLive(view);
  if (!engine || live.start !== start) return Boolean(engine);
  const time = await wake(engine);
  if (live.start !== start) return true;
  live.start = null;
  setUp(engine, view.state.parts);
  const from = { quarter, time: Math.max(time, engine.context.currentTime) + START_S };
  keep(view, begin(musicOf(view), { ...from, rate: 1, clock: clockOf(view.state) }));
  live.timer = window.setInterval(() => step(view), STEP_MS);
  step(view);
  return true;
};

const end = ({ live }) => {
  window.clearInterval(live.timer);
  live.performance = null;
};

const step = (view) => {
  const { player, state } = view;
  const { live } = player;
  const now = live.engine.context.currentTime;
  const music = musicOf(view);
  let { performance } = live;
  if (isAtEnd(performance, music)) {
    const isWaiting = music.end < state.end; // for bars that are being written
    if (isWaiting || now < horizonOf(performance)) return;
    end(player);
    rest(live.engine);
    live.ended();
    return;
  }
  if (horizonOf(performance) < now) performance = delayed(performance, now + LATE_S);
  keep(view, advance(performance, music, now + AHEAD_S));
};

export const stopLive = ({ player }) => {
  const { live } = player;
  live.start = null;
  if (!live.performance) return;
  hush(live.engine, horizonOf(live.performance));
  end(player);
};

export const seekLive = (view, quarter) => {
  const { performance } = view.player.live;
  if (performance) keep(view, jump(performance, musicOf(view), quarter));
};

// Another piece has other parts.
export const forgetParts = ({ live }) => {
  if (live.engine) forget(live.engine);
};

// Other notes, another tempo: go on with them.
export const updateLive = (view) => {
  const { live } = view.player;
  if (!live.engine) return;
  setUp(live.engine, view.state.parts);
  if (!live.performance) return;
  keep(view, goOnWith(live.performance, musicOf(view), { clock: clockOf(view.state) }));
};

// What is heard now; null while nothing plays.
export const liveQuarter = ({ live }) => {
  if (!live.performance) return null;
  const { currentTime, outputLatency } = live.engine.context;
  return quarterNow(live.performance, currentTime - (outputLatency || 0));
};
