// Two clocks: that of events, in seconds of the page, and that of the sound.

export const now = () => performance.now() / 1000;

// The time of the sound moves in steps, so the latest that was ever seen is nearest to the truth.
export const newClock = () => ({ ahead: Number.NEGATIVE_INFINITY });

export const observe = (clock, soundTime, pageTime) => ({
  ahead: Math.max(clock.ahead, soundTime - pageTime),
});

export const toSound = ({ ahead }, pageTime) => pageTime + ahead;

// Where something that happened at a time of the page is in the music, in quarters. Who plays to a
// click hears it later than it was sent, by the latency.
export const quarterAt = ({ begins, qpm, latency }, pageTime) =>
  ((pageTime - begins - latency) * qpm) / 60;

export const pageTimeOf = ({ begins, qpm }, quarter) => begins + (quarter * 60) / qpm;
