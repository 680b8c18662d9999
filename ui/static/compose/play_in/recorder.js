// Recording: a bar of count-in, then the line, until its bars are full or the musician stops.

import { t, tn } from "../../language.js";
import { now, quarterAt } from "./clock.js";
import { lineOf } from "./line.js";
import { barOf, beatOf, tempoUnit } from "./metre.js";
import {
  forgetTime,
  keepTime,
  latencyOf,
  noteOff,
  noteOn,
  pedalTo,
  sendClicks,
  stopHearing,
} from "./sound.js";
import { finished, newTake, pedalled, pressed, released, sounding } from "./take.js";

const START_S = 0.25; // from the click on Record to the first click
const AHEAD_S = 0.15;
const STEP_MS = 25;
const LEAST_BARS_SEEN = 4;

export const isRecording = ({ phase }) => phase === "counting" || phase === "recording";

export const qpmOf = ({ tempo, metre }) => tempo * tempoUnit(metre).quarters;

const quarterOf = (desk, pageTime) => quarterAt(desk.timing, pageTime);

export const quarterHere = (desk) => quarterOf(desk, now());

// The line is made again of the take: the grid may have changed.
export const makeLine = (desk) => {
  const { take, recorded, settings, props } = desk;
  if (!take?.notes.length || isRecording(desk)) {
    desk.line = null;
    return;
  }
  const { metre, bars } = recorded;
  const made = lineOf(take, { metre, bars, grid: settings.grid, mostBars: props.most_bars });
  desk.line = { ...made, end: made.bars * barOf(metre) };
};

export const lineText = ({ line }) =>
  t("{notes} in {bars}", {
    notes: tn("{count} note", "{count} notes", line.notes.length),
    bars: tn("{count} bar", "{count} bars", line.bars),
  });

// `desk.show` brings the panel up to date.
export const record = async (desk) => {
  await stopHearing(desk);
  const { settings, props } = desk;
  const bar = barOf(settings.metre);
  const qpm = qpmOf(settings);
  forgetTime(desk);
  desk.before = { take: desk.take, recorded: desk.recorded };
  // What was recorded keeps its metre and tempo, whatever is chosen for the next one.
  desk.recorded = { ...settings };
  desk.take = newTake();
  desk.line = null;
  desk.phase = "counting";
  const begins = now() + START_S + (bar * 60) / qpm;
  const numBars = 1 + (settings.bars || props.most_bars);
  desk.timing = { begins, qpm, latency: latencyOf(desk), first: -bar, numBars };
  desk.clicked = -bar - 1;
  desk.said = t("Count-in: {count} beats", { count: Math.round(bar / beatOf(settings.metre)) });
  desk.ticking = window.setInterval(() => tick(desk), STEP_MS);
  tick(desk);
  desk.show();
};

const endOf = ({ recorded, props }) =>
  (recorded.bars || props.most_bars - 1) * barOf(recorded.metre);

const tick = (desk) => {
  const { timing, recorded } = desk;
  keepTime(desk);
  // Clicks are sent by when they leave; the musician hears them later.
  const ahead = quarterAt({ ...timing, latency: 0 }, now() + AHEAD_S);
  const until = recorded.clicks ? ahead : Math.min(ahead, 0);
  if (until > desk.clicked) sendClicks(desk, timing, desk.clicked, until);
  desk.clicked = Math.max(desk.clicked, until);
  const quarter = quarterHere(desk);
  if (desk.phase === "counting" && quarter >= 0) {
    desk.phase = "recording";
    desk.said = t("Recording…");
    desk.show();
  }
  if (quarter >= endOf(desk)) stopRecording(desk);
  else desk.draw();
};

export const stopRecording = (desk) => {
  if (!isRecording(desk)) return;
  window.clearInterval(desk.ticking);
  desk.take = finished(desk.take, quarterHere(desk));
  // Who pressed Record by mistake has the take before again.
  if (!desk.take.notes.length) Object.assign(desk, desk.before);
  desk.phase = desk.take.notes.length ? "done" : "idle";
  makeLine(desk);
  desk.said = desk.line ? lineText(desk) : t("No note was played.");
  desk.show();
};

// Keys, from wherever: they sound at once, and are recorded while that goes on. A source holds one
// key; `time` is that of the event, in milliseconds.
export const press = (desk, source, pitch, velocity, time) => {
  lift(desk, source, time);
  desk.down.set(source, pitch);
  noteOn(desk, pitch, velocity);
  desk.light(pitch, true);
  if (!isRecording(desk)) return;
  desk.take = pressed(desk.take, pitch, velocity, quarterOf(desk, time / 1000));
};

export const lift = (desk, source, time) => {
  const pitch = desk.down.get(source);
  if (pitch === undefined) return;
  desk.down.delete(source);
  if ([...desk.down.values()].includes(pitch)) return; // another hand holds it
  noteOff(desk, pitch);
  desk.light(pitch, false);
  if (isRecording(desk)) desk.take = released(desk.take, pitch, quarterOf(desk, time / 1000));
};

export const liftAll = (desk) => {
  for (const source of [...desk.down.keys()]) lift(desk, source, performance.now());
};

export const movePedal = (desk, isDown, time) => {
  pedalTo(desk, isDown);
  if (isRecording(desk)) {
    desk.take = pedalled(desk.take, isDown, quarterOf(desk, time / 1000));
  }
};

// What is to be seen: while recording all as it is played, afterwards the line.
export const seenNotes = (desk) => {
  if (isRecording(desk)) return sounding(desk.take, quarterHere(desk));
  return desk.line?.notes ?? [];
};

// The beat that counts now: in the count-in alone, then bar and beat.
export const countText = (desk) => {
  if (!isRecording(desk)) return "";
  const { metre } = desk.recorded;
  const [bar, beat, quarter] = [barOf(metre), beatOf(metre), quarterHere(desk)];
  if (quarter < -bar) return "";
  if (quarter < 0) return String(1 + Math.floor((quarter + bar) / beat));
  return `${1 + Math.floor(quarter / bar)}.${1 + Math.floor((quarter % bar) / beat)}`;
};

// Up to where it is seen: what there is, or what was asked for; while nobody knows, a bar more than
// there is.
export const seenUntil = (desk) => {
  if (desk.line) return desk.line.end;
  const { metre, bars } = isRecording(desk) ? desk.recorded : desk.settings;
  const here = isRecording(desk) ? Math.floor(quarterHere(desk) / barOf(metre)) : 0;
  return barOf(metre) * (bars || Math.max(LEAST_BARS_SEEN, 1 + here));
};
