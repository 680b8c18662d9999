// The synthesizer in the browser: a SoundFont, channels, and events at times of the audio clock.

import {
  bendOf,
  CLICK,
  channelsNeeded,
  isDrumChannel,
  settingsOf,
  withChannels,
} from "./channels.js";

const VENDOR = "../../vendor/spessasynth";
const FONT = "main";
const FIRST_CHANNELS = 16; // that the synthesizer begins with
const [SUSTAIN, ALL_SOUND_OFF] = [64, 120];
const FADE_S = 0.012;
const IDLE_MS = 8000; // after the music, tails included

const vendorUrl = (file) => new URL(`${VENDOR}/${file}`, import.meta.url);

// Worklets are only there on secure pages: https, or this machine.
export const canSynthesize = () => window.isSecureContext && "AudioWorkletNode" in window;

const fetched = async (url) => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The SoundFont did not come: ${answer.status}`);
  return answer.arrayBuffer();
};

// What is too loud is held back rather than cut off.
const newLimiter = (context) => {
  const limiter = context.createDynamicsCompressor();
  limiter.threshold.value = -3;
  limiter.knee.value = 0;
  limiter.ratio.value = 20;
  limiter.attack.value = 0.002;
  limiter.release.value = 0.1;
  return limiter;
};

export const openSynthesizer = async (soundfontUrl) => {
  const context = new AudioContext({ latencyHint: "interactive" });
  const [{ WorkletSynthesizer }, font] = await Promise.all([
    import(vendorUrl("synthesizer.js")),
    fetched(soundfontUrl),
    context.audioWorklet.addModule(vendorUrl("processor.js")),
  ]);
  const synth = new WorkletSynthesizer(context, { eventsEnabled: false });
  const output = context.createGain();
  synth.connect(output);
  output.connect(newLimiter(context)).connect(context.destination);
  await synth.soundBankManager.addSoundBank(font, FONT);
  await synth.isReady;
  const instruments = new Map(); // by part, as JSON: what its channel was last set to
  return {
    context,
    synth,
    output,
    instruments,
    channels: new Map(),
    numChannels: FIRST_CHANNELS,
    quietFrom: 0,
    idle: 0,
  };
};

// Give each part a channel, and set that to its instrument.
export const setUp = (engine, parts) => {
  const { synth, instruments } = engine;
  engine.channels = withChannels(engine.channels, parts);
  // Counted here, as the synthesizer counts those it is asked for twice.
  const missing = channelsNeeded(engine.channels) - engine.numChannels;
  for (let i = 0; i < missing; i += 1) synth.addNewChannel();
  engine.numChannels += Math.max(0, missing);
  for (const { number, drum, instrument } of [...parts, { number: CLICK, drum: true }]) {
    const key = JSON.stringify(instrument ?? null);
    if (instruments.get(number) === key) continue;
    instruments.set(number, key);
    const channel = engine.channels.get(number);
    const { controllers, program } = settingsOf(instrument);
    if (isDrumChannel(channel)) synth.midiChannels[channel].setDrums(Boolean(drum));
    for (const [controller, value] of controllers) {
      synth.controllerChange(channel, controller, value);
    }
    synth.programChange(channel, program);
  }
};

export const forget = (engine) => {
  engine.channels = new Map();
  engine.instruments.clear();
};

export const setGain = ({ synth, channels }, part, gain) => {
  const channel = channels.get(part);
  if (channel !== undefined) synth.midiChannels[channel].setSystemParameter("gain", gain);
};

export const send = ({ synth, channels }, events) => {
  for (const { time, isOn, part, pitch, velocity, control, value } of events) {
    const channel = channels.get(part);
    if (channel === undefined) continue;
    if (control === "pedal") synth.controllerChange(channel, SUSTAIN, value ? 127 : 0, { time });
    else if (control === "bend") synth.pitchWheel(channel, bendOf(value), { time });
    else if (isOn) synth.noteOn(channel, pitch, velocity, { time });
    else synth.noteOff(channel, pitch, { time });
  }
};

const fade = ({ context, output }, to, time) => {
  output.gain.cancelScheduledValues(context.currentTime);
  output.gain.setTargetAtTime(to, time, FADE_S / 3);
};

// Let the music begin; it can from the time that is returned.
export const wake = async (engine) => {
  window.clearTimeout(engine.idle);
  const { context } = engine;
  if (context.state !== "running") await context.resume();
  const time = Math.max(context.currentTime, engine.quietFrom);
  fade(engine, 1, time);
  return time;
};

// After a while without music the synthesizer sleeps.
export const rest = (engine) => {
  window.clearTimeout(engine.idle);
  engine.idle = window.setTimeout(() => engine.context.suspend(), IDLE_MS);
};

// Silence now, also for what has been sent and begins up to a time: that cannot be taken back.
export const hush = (engine, time) => {
  const { context, synth, channels } = engine;
  fade(engine, 0, context.currentTime);
  engine.quietFrom = Math.max(context.currentTime + FADE_S, time) + FADE_S;
  for (const channel of channels.values()) {
    synth.controllerChange(channel, ALL_SOUND_OFF, 0, { time: engine.quietFrom });
  }
  rest(engine);
};
