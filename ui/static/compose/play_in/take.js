// What was played, as it was played: {notes, held, pedal}. Places are in quarters from the first bar
// line on; in the count-in they are negative. Nothing is changed in place.

export const newTake = () => ({ notes: [], held: [], pedal: [] });

// A key goes down; one that is down already, by another hand, is let go first.
export const pressed = (take, pitch, velocity, start) => {
  const { notes, held, pedal } = released(take, pitch, start);
  return { notes, held: [...held, { pitch, velocity, start }], pedal };
};

export const released = (take, pitch, end) => {
  const note = take.held.find((one) => one.pitch === pitch);
  if (!note) return take;
  return {
    ...take,
    notes: [...take.notes, { ...note, length: Math.max(0, end - note.start) }],
    held: take.held.filter((one) => one !== note),
  };
};

export const pedalled = (take, isDown, start) => ({
  ...take,
  pedal: [...take.pedal, { start, value: isDown ? 1 : 0 }],
});

// At the end every key is let go.
export const finished = (take, end) =>
  take.held.reduce((now, { pitch }) => released(now, pitch, end), take);

// All notes so far, those that are held as long as they are.
export const sounding = ({ notes, held }, now) => [
  ...notes,
  ...held.map((note) => ({ ...note, length: Math.max(0, now - note.start) })),
];
