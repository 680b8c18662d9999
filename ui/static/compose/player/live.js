// Playing the notes themselves, at once: from the state of a roll to the synthesizer.

import { toSeconds } from "../roll/state/clock.js";
import { clockOf, playableEnd } from "../roll/state/music.js";
import { clicksBetween, countIn } from "./clicks.js";
import { gainOf } from "./mix.js";
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
  setGain,
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
  queue: [], // events that are to be sent later
  timer: 0,
  ended: () => {}, // called at the end of the music
  turned: () => {}, // called with the milliseconds until the loop begins again
});

export const canLive = ({ player, props }) =>
  Boolean(props.soundfont) && !player.live.hasFailed && canSynthesize();

// Set every part's channel to its instrument and to its place in the mix.
const setParts = ({ player, state }) => {
  setUp(player.live.engine, state.parts);
  for (const { number } of state.parts) {
    setGain(player.live.engine, number, gainOf(state.mix, number));
  }
};

export const updateMix = (view) => {
  if (view.player.live.engine) setParts(view);
};

// Load the synthesizer, so that it is there at the first click.
export const prepareLive = (view) => {
  const { live } = view.player;
  if (live.opening || !canLive(view)) return live.opening;
  view.root.dataset.synth = "loading";
  live.opening = openSynthesizer(new URL(view.props.soundfont, document.baseURI))
    .then((engine) => {
      live.engine = engine;
      setParts(view);
      view.root.dataset.synth = "ready";
      if (!live.start) engine.context.suspend();
      return engine;
    })
    .catch(() => {
      live.hasFailed = true;
      view.root.dataset.synth = "failed";
      return null;
    });
  return live.opening;
};

const musicOf = ({ state, player }) => ({
  lists: [state.given, state.made],
  clicks: player.hasClick
    ? (from, until) => clicksBetween(state.all, state.beat, from, until)
    : null,
  controls: state.controlled,
  isDrum: (part) => state.drumParts.has(part),
  end: playableEnd(state),
  loop: state.isLooping ? state.loop : null,
});

const flush = (live, until) => {
  send(
    live.engine,
    live.queue.filter(({ time }) => time <= until),
  );
  live.queue = live.queue.filter(({ time }) => time > until);
};

const keep = ({ player }, performance) => {
  const { live } = player;
  const now = live.engine.context.currentTime;
  live.queue.push(...performance.events);
  live.performance = settled(performance, now - KEPT_S);
  flush(live, now + AHEAD_S);
};

// One bar of clicks before the music; returns how long it takes.
const counted = ({ state, player }, quarter, time) => {
  if (!player.hasCountIn) return 0;
  const clock = clockOf(state);
  const beatSeconds = toSeconds(clock, quarter + state.beat) - toSeconds(clock, quarter);
  const seconds = (beatSeconds * state.beats) / player.rate;
  player.live.queue = countIn(state.beats, beatSeconds / player.rate, time + seconds);
  return seconds;
};

// Play from a quarter, after a bar of clicks where that is wanted. Returns whether it could.
export const startLive = async (view, quarter, isCounted) => {
  const { player } = view;
  const { live } = player;
  const start = {};
  live.start = start;
  const engine = await prepareLive(view);
  if (!engine || live.start !== start) return Boolean(engine);
  const awake = await wake(engine);
  if (live.start !== start) return true;
  live.start = null;
  setParts(view);
  live.queue = [];
  const first = Math.max(awake, engine.context.currentTime) + START_S;
  const time = first + (isCounted ? counted(view, quarter, first) : 0);
  const anchor = { quarter, time, rate: player.rate, clock: clockOf(view.state) };
  keep(view, begin(musicOf(view), anchor));
  live.timer = window.setInterval(() => step(view), STEP_MS);
  step(view);
  return true;
};

const end = (live) => {
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
    flush(live, now + AHEAD_S);
    if (isWaiting || now < horizonOf(performance)) return;
    flush(live, Number.POSITIVE_INFINITY);
    end(live);
    rest(live.engine);
    live.ended();
    return;
  }
  if (horizonOf(performance) < now) performance = delayed(performance, now + LATE_S);
  performance = advance(performance, music, now + AHEAD_S);
  keep(view, performance);
  if (performance.turns) live.turned(1000 * (performance.anchors.at(-1).time - now));
};

export const stopLive = ({ player }) => {
  const { live } = player;
  live.start = null;
  if (!live.performance) return;
  live.queue = [];
  hush(live.engine, live.engine.context.currentTime + AHEAD_S);
  end(live);
};

export const seekLive = (view, quarter) => {
  const { performance } = view.player.live;
  if (performance) keep(view, jump(performance, musicOf(view), quarter));
};

// Another piece has other parts.
export const forgetParts = ({ live }) => {
  if (live.engine) forget(live.engine);
};

// Other notes, another tempo, another rate: go on with them.
export const updateLive = (view) => {
  const { live, rate } = view.player;
  if (!live.engine) return;
  setParts(view);
  if (!live.performance) return;
  keep(view, goOnWith(live.performance, musicOf(view), { rate, clock: clockOf(view.state) }));
};

// What is heard now; null while nothing plays.
export const liveQuarter = ({ live }) => {
  if (!live.performance) return null;
  const { currentTime, outputLatency } = live.engine.context;
  return quarterNow(live.performance, currentTime - (outputLatency || 0));
};
