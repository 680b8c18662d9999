// Locked notes, which stay as they are where their bars are written again. A lock is {part, start,
// pitch}: it is of the note that is there now, and of none while there is none, so that what is undone
// and done again is locked as it was.

import { keyOf, nearest } from "./notes.js";

const sameLock = (a, b) => a.part === b.part && a.start === b.start && a.pitch === b.pitch;

export const lockOf = ({ part, start, pitch }) => ({ part, start, pitch });

export const packedLock = ({ part, start, pitch }) => [part, start, pitch];

// As they are sent and kept; whatever is none is left out.
export const unpackedLocks = (rows) =>
  (Array.isArray(rows) ? rows : []).flatMap((row) => {
    const [part, start, pitch] = Array.isArray(row) ? row : [];
    return [part, start, pitch].every(Number.isFinite) ? [{ part, start, pitch }] : [];
  });

// The notes that are locked.
export const lockedNotes = (locks, notes) => nearest(locks, notes).filter(Boolean);

// Locks of the notes, or, where all of them are locked already, locks without theirs.
export const toggledLocks = (locks, targets, notes) => {
  const held = nearest(locks, notes);
  const locked = new Set(held.filter(Boolean).map(keyOf));
  const fresh = targets.filter((note) => !locked.has(keyOf(note)));
  if (fresh.length) return [...locks, ...fresh.map(lockOf)];
  const gone = new Set(targets.map(keyOf));
  return locks.filter((_, i) => !(held[i] && gone.has(keyOf(held[i]))));
};

// A lock goes with its note where that is changed, and stays for when it comes back.
export const followedLocks = (locks, changes, notes) => {
  const held = new Set(nearest(locks, notes).filter(Boolean).map(keyOf));
  const more = changes
    .filter(([from, to]) => from && to && held.has(keyOf(from)))
    .map(([, to]) => lockOf(to))
    .filter((lock) => !locks.some((one) => sameLock(one, lock)));
  return more.length ? [...locks, ...more] : locks;
};

export const allNotes = ({ state }) => [...state.given.notes, ...state.made.notes];

// What is locked now, for the drawing; found anew when the notes or the locks are others.
export const newLockedNow = () => {
  let known = [];
  let found = new Set();
  return (view) => {
    const { given, made, locks } = view.state;
    const now = [given, made, locks];
    if (now.some((one, i) => one !== known[i])) {
      known = now;
      found = new Set(locks.length ? lockedNotes(locks, allNotes(view)) : []);
    }
    return found;
  };
};
