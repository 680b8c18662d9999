// A clock turns quarters into seconds of a sound: pairs of both, wherever the tempo changes.

const between = (clock, value, from, to) => {
  let i = 1;
  while (i < clock.length - 1 && clock[i][from] <= value) i += 1;
  const [before, after] = [clock[i - 1], clock[i]];
  const slope = (after[to] - before[to]) / (after[from] - before[from] || 1);
  return before[to] + (value - before[from]) * slope;
};

export const toSeconds = (clock, quarter) => between(clock, quarter, 0, 1);

export const toQuarters = (clock, second) => between(clock, second, 1, 0);

export const clockText = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
