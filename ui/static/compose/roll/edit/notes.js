// Notes as values: two are the same if all about them is. Times are in quarter notes.

const NEAR = 0.06; // what the app answers is on the ticks of the file

export const keyOf = ({ part, start, length, pitch, velocity }) =>
  `${part} ${start} ${length} ${pitch} ${velocity}`;

export const packed = ({ part, start, length, pitch, velocity }) => [
  part,
  start,
  length,
  pitch,
  velocity,
];

export const byStart = (a, b) => a.start - b.start || a.part - b.part || a.pitch - b.pitch;

export const withoutNotes = (notes, gone) => {
  const counts = new Map();
  for (const note of gone) counts.set(keyOf(note), (counts.get(keyOf(note)) || 0) + 1);
  return notes.filter((note) => {
    const key = keyOf(note);
    const left = counts.get(key);
    if (!left) return true;
    counts.set(key, left - 1);
    return false;
  });
};

// For each note the nearest there is on the same key, or null where there is none so near.
export const nearest = (chosen, notes) => {
  const wanted = new Set(chosen.map(({ part, pitch }) => `${part} ${pitch}`));
  const onKey = new Map();
  for (const note of notes) {
    const key = `${note.part} ${note.pitch}`;
    if (!wanted.has(key)) continue;
    if (!onKey.has(key)) onKey.set(key, []);
    onKey.get(key).push(note);
  }
  const taken = new Set();
  return chosen.map(({ part, pitch, start }) => {
    let best = null;
    for (const note of onKey.get(`${part} ${pitch}`) || []) {
      const distance = Math.abs(note.start - start);
      if (distance > NEAR || taken.has(note)) continue;
      if (!best || distance < Math.abs(best.start - start)) best = note;
    }
    taken.add(best);
    return best;
  });
};

export const found = (chosen, notes) => nearest(chosen, notes).filter(Boolean);
