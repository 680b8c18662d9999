// Pedals and bends: {part, start, kind, value}, sorted by start. `kind` is "pedal", where 1 is down and 0
// up, or "bend", in semitones.

const firstFrom = (controls, quarter) => {
  let [low, high] = [0, controls.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (controls[middle].start < quarter) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const controlsBetween = (controls, from, until) =>
  controls.slice(firstFrom(controls, from), firstFrom(controls, until));

// How all that is ever moved stands before a moment, said at that moment.
export const statesAt = (controls, quarter) => {
  const states = new Map();
  for (const one of controls) {
    const key = `${one.part}:${one.kind}`;
    const value = one.start < quarter ? one.value : 0;
    if (one.start < quarter || !states.has(key)) states.set(key, { ...one, start: quarter, value });
  }
  return [...states.values()];
};

// The same, at rest.
export const restingAt = (controls, quarter) =>
  statesAt(controls, Number.NEGATIVE_INFINITY).map((one) => ({ ...one, start: quarter }));
