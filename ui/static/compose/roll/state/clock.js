// A clock turns quarters into seconds of a sound: pairs of both, wherever the tempo changes.

// The first pair after a value, or the last there is; never the first of all.
const pairAfter = (clock, value, from) => {
  let [low, high] = [1, clock.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (clock[middle][from] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};

const between = (clock, value, from, to) => {
  const i = pairAfter(clock, value, from);
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
