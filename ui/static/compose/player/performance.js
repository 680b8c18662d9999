// A performance: what has been sent to the synthesizer, and what is to be sent next.
//
// Events are sent a little ahead of time and never taken back. So a jump, another take or another
// rate begin where sending has come to, a tenth of a second from now, and end what sounds there.
//
// A performance is {anchors, at, sounding, events, turns}: `at` is the quarter up to which all is
// sent, `sounding` the notes that have begun and not ended, `events` what the last step has added,
// `turns` how often the loop began again in it. Music is {lists, clicks, isDrum, end, loop}:
// searchable notes, a function that makes the clicks of a stretch or null, whether a part is drums,
// where the music ends or cannot go on yet, and the stretch that is repeated or null; `controls`, its
// pedals and bends, may be missing. Events are notes, or have a `control`.

import { notesBetween } from "../roll/state/music.js";
import { controlsBetween, restingAt, statesAt } from "./controls.js";
import { positionAt, quarterAtTime, timeAt, withoutPast } from "./timeline.js";

const SAME = 0.001; // quarters
const LEAST_CHASED = 0.2; // quarters; a shorter rest of a note is not begun in its middle
const LEAST_LOOP = 0.25; // quarters

const anchorOf = ({ anchors }) => anchors.at(-1);

const keyOf = ({ part, pitch, start }) => `${part}:${pitch}:${start}`;

const onEvent = (time, { part, pitch, velocity }) => ({ time, isOn: true, part, pitch, velocity });

const offEvent = (time, { part, pitch }) => ({ time, isOn: false, part, pitch });

const controlEvent = (time, { part, kind, value }) => ({ time, control: kind, part, value });

const sounded = (note) => ({ ...note, end: note.start + note.length });

// The time of the audio clock up to which all is sent.
export const horizonOf = (performance) => timeAt(anchorOf(performance), performance.at);

const notesIn = ({ lists, clicks }, from, until) => {
  const notes = lists.flatMap((list) => notesBetween(list, from, until));
  const begun = notes.filter((note) => note.start >= from);
  return [...begun, ...(clicks ? clicks(from, until) : [])].sort((a, b) => a.start - b.start);
};

// Begin the notes that have begun before and go on for a while, drums left out.
const chased = (performance, { lists, isDrum, controls = [] }) => {
  const { at } = performance;
  const time = horizonOf(performance);
  const has = new Set(performance.sounding.map(keyOf));
  const missing = lists
    .flatMap((list) => notesBetween(list, at, at))
    .filter(({ start, length }) => start < at && start + length > at + LEAST_CHASED)
    .filter((note) => !isDrum(note.part) && !has.has(keyOf(note)));
  return {
    ...performance,
    sounding: [...performance.sounding, ...missing.map(sounded)],
    events: [
      ...performance.events,
      ...statesAt(controls, at).map((one) => controlEvent(time, one)),
      ...missing.map((note) => onEvent(time, note)),
    ],
  };
};

const released = (performance, isReleased) => {
  const time = horizonOf(performance);
  const gone = performance.sounding.filter(isReleased);
  return {
    ...performance,
    sounding: performance.sounding.filter((note) => !isReleased(note)),
    events: [...performance.events, ...gone.map((note) => offEvent(time, note))],
  };
};

// Let go of all pedals, or what was played before a jump would ring on.
const lifted = (performance, { controls = [] }) => {
  const time = horizonOf(performance);
  const resting = restingAt(controls, performance.at).map((one) => controlEvent(time, one));
  return { ...performance, events: [...performance.events, ...resting] };
};

// The same place under another anchor.
const anchored = (performance, change) => {
  const place = { time: horizonOf(performance), quarter: performance.at };
  const anchor = { ...anchorOf(performance), ...place, ...change };
  return { ...performance, anchors: [...performance.anchors, anchor], at: anchor.quarter };
};

export const begin = (music, { quarter, time, rate, clock }) => {
  const anchors = [{ time, quarter, rate, clock }];
  return chased({ anchors, at: quarter, sounding: [], events: [], turns: 0 }, music);
};

// Go on somewhere else.
export const jump = (performance, music, quarter) =>
  chased(
    anchored(
      lifted(
        released(performance, () => true),
        music,
      ),
      { quarter },
    ),
    music,
  );

// Go on with other notes, another rate or another clock: what sounds in both sounds on.
export const goOnWith = (performance, music, change) => {
  const next = anchored(performance, change);
  const now = music.lists.flatMap((list) => notesBetween(list, next.at, next.at));
  const has = new Set(now.map(keyOf));
  return chased(
    released(next, (note) => !has.has(keyOf(note))),
    music,
  );
};

// Go on later, as the page was too busy to send in time or the music was not there yet.
export const delayed = (performance, time) => anchored(performance, { time });

// Send what begins and ends up to a quarter.
const played = (performance, music, until) => {
  const anchor = anchorOf(performance);
  const events = [...performance.events];
  let { sounding } = performance;
  const end = (isEnded, time) => {
    for (const note of sounding.filter(isEnded)) {
      events.push(offEvent(time ?? timeAt(anchor, note.end), note));
    }
    sounding = sounding.filter((note) => !isEnded(note));
  };
  for (const one of controlsBetween(music.controls ?? [], performance.at, until)) {
    events.push(controlEvent(timeAt(anchor, one.start), one));
  }
  for (const note of notesIn(music, performance.at, until)) {
    const time = timeAt(anchor, note.start);
    end((one) => one.end <= note.start + SAME);
    // A key that is struck again is let go first.
    end((one) => one.part === note.part && one.pitch === note.pitch, time);
    events.push(onEvent(time, note));
    sounding.push(sounded(note));
  }
  // At the end, whatever rings beyond it.
  end((one) => one.end <= until || until >= music.end);
  return { ...performance, at: until, sounding, events };
};

const loopAt = ({ loop }, at) =>
  loop && loop[1] - loop[0] >= LEAST_LOOP && at < loop[1] ? loop : null;

// Send what comes up to a time.
export const advance = (performance, music, time) => {
  let next = performance;
  for (;;) {
    const loop = loopAt(music, next.at);
    const stop = loop ? Math.min(loop[1], music.end) : music.end;
    const until = Math.min(quarterAtTime(anchorOf(next), time), stop);
    if (until > next.at) next = played(next, music, until);
    if (!loop || next.at < loop[1]) return next;
    next = { ...jump(next, music, loop[0]), turns: next.turns + 1 };
  }
};

// Whether the music ends here, or cannot go on yet.
export const isAtEnd = ({ at }, { end }) => at >= end - SAME;

// What is heard at a time.
export const quarterNow = ({ anchors, at }, time) => {
  const position = positionAt(anchors, time);
  return anchors.at(-1).time <= time ? Math.min(position, at) : position;
};

// What has been sent is forgotten, and where the music was before.
export const settled = (performance, time) => ({
  ...performance,
  anchors: withoutPast(performance.anchors, time),
  events: [],
  turns: 0,
});
