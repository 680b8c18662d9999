// What is played by hand, the clicks beside it and the line heard again, through the page's synthesizer.

import { clicksBetween } from "../player/clicks.js";
import { borrow } from "../player/lending.js";
import { advance, begin, horizonOf, isAtEnd, quarterNow } from "../player/performance.js";
import { forget, hush, rest, send, setGain, setUp, wake } from "../player/synthesizer.js";
import { newClock, now, observe, pageTimeOf, toSound } from "./clock.js";
import { barsFrom, beatOf } from "./metre.js";

const AHEAD_S = 0.15;
const START_S = 0.05;
const STEP_MS = 30;

// Drums have a channel of their own, so they are another part.
const partOf = ({ program }, drums) => (program === drums ? "drums by hand" : "by hand");

export const newSound = () => ({
  engine: null,
  held: new Map(), // the velocity of each pitch that is held
  clock: newClock(),
  timer: 0,
  performance: null,
});

export const setInstrument = ({ sound, settings, props }) => {
  const { engine } = sound;
  if (!engine) return;
  const drum = settings.program === props.drums;
  const number = partOf(settings, props.drums);
  setUp(engine, [{ number, drum, instrument: { program: drum ? 0 : settings.program } }]);
  setGain(engine, number, 1);
};

// Ready to sound, or not at all: then the panel counts in silence.
export const openSound = async (desk) => {
  const { sound } = desk;
  sound.engine = await borrow();
  if (!sound.engine) return;
  await wake(sound.engine);
  setInstrument(desk);
  // What was pressed while the sound was on its way is heard now, if it is still held.
  for (const [pitch, velocity] of sound.held) sendOn(desk, pitch, velocity);
};

export const closeSound = ({ sound }) => {
  const { engine } = sound;
  if (!engine) return;
  hush(engine, engine.context.currentTime + AHEAD_S);
  forget(engine); // a part of the roll may have had the channel
  rest(engine);
};

const say = ({ sound, settings, props }, event) => {
  const { engine } = sound;
  if (!engine) return;
  const time = engine.context.currentTime;
  send(engine, [{ time, part: partOf(settings, props.drums), ...event }]);
};

const sendOn = (desk, pitch, velocity) => say(desk, { isOn: true, pitch, velocity });

export const noteOn = (desk, pitch, velocity) => {
  desk.sound.held.set(pitch, velocity);
  sendOn(desk, pitch, velocity);
};

export const noteOff = (desk, pitch) => {
  desk.sound.held.delete(pitch);
  say(desk, { isOn: false, pitch });
};

export const pedalTo = (desk, isDown) => say(desk, { control: "pedal", value: isDown ? 1 : 0 });

// How much later than it is sent a click is heard, in seconds.
export const latencyOf = ({ sound }) => sound.engine?.context.outputLatency || 0;

export const forgetTime = ({ sound }) => {
  sound.clock = newClock(); // the sound may have slept
};

export const keepTime = ({ sound }) => {
  if (sound.engine?.context.state !== "running") return;
  sound.clock = observe(sound.clock, sound.engine.context.currentTime, now());
};

// Send the clicks of a stretch, in quarters.
export const sendClicks = ({ sound, settings }, timing, from, until) => {
  const { engine, clock } = sound;
  if (!engine || !Number.isFinite(clock.ahead)) return;
  const { metre } = settings;
  const bars = barsFrom(metre, timing.first, timing.numBars);
  const events = clicksBetween(bars, beatOf(metre), from, until).map(
    ({ start, part, pitch, velocity }) => ({
      time: toSound(clock, pageTimeOf(timing, start)),
      isOn: true,
      part,
      pitch,
      velocity,
    }),
  );
  send(engine, events);
};

const musicOf = ({ line, settings, props }) => {
  const part = partOf(settings, props.drums);
  const notes = line.notes.map((note) => ({ ...note, part }));
  const longest = Math.max(0, ...notes.map(({ length }) => length));
  return {
    lists: [{ notes, longest }],
    clicks: null,
    controls: line.pedal.map((one) => ({ ...one, part, kind: "pedal" })),
    isDrum: () => settings.program === props.drums,
    end: line.end,
    loop: null,
  };
};

export const isHeard = ({ sound }) => sound.performance !== null;

// Where the line that is heard again is, in quarters.
export const heardQuarter = ({ sound }) => {
  const { currentTime, outputLatency } = sound.engine.context;
  return quarterNow(sound.performance, currentTime - (outputLatency || 0));
};

const step = (desk, music, ended) => {
  const { sound } = desk;
  const { engine } = sound;
  const time = engine.context.currentTime;
  const next = advance(sound.performance, music, time + AHEAD_S);
  send(engine, next.events);
  sound.performance = { ...next, events: [] };
  if (!isAtEnd(next, music) || time < horizonOf(next)) return;
  window.clearInterval(sound.timer);
  sound.performance = null;
  ended();
};

// Play the line; `ended` is called at its end.
export const hear = async (desk, qpm, ended) => {
  const { sound } = desk;
  const time = Math.max(await wake(sound.engine), sound.engine.context.currentTime) + START_S;
  setInstrument(desk);
  const music = musicOf(desk);
  const clock = [
    [0, 0],
    [1, 60 / qpm],
  ];
  sound.performance = begin(music, { quarter: 0, time, rate: 1, clock });
  window.clearInterval(sound.timer);
  sound.timer = window.setInterval(() => step(desk, music, ended), STEP_MS);
};

export const stopHearing = async ({ sound }) => {
  if (!sound.performance) return;
  window.clearInterval(sound.timer);
  sound.performance = null;
  hush(sound.engine, sound.engine.context.currentTime + AHEAD_S);
  await wake(sound.engine);
};
