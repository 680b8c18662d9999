// The computer keyboard as a piano. Keys are known by their place, whatever is printed on them.

// Semitones above the C of the octave: one row has the white keys, that above it the black ones.
const SEMITONES = {
  KeyA: 0,
  KeyW: 1,
  KeyS: 2,
  KeyE: 3,
  KeyD: 4,
  KeyF: 5,
  KeyT: 6,
  KeyG: 7,
  KeyY: 8,
  KeyH: 9,
  KeyU: 10,
  KeyJ: 11,
  KeyK: 12,
  KeyO: 13,
  KeyL: 14,
  KeyP: 15,
  Semicolon: 16,
  Quote: 17,
};
const OCTAVES = { KeyZ: -1, KeyX: 1 };
export const [LOWEST, HIGHEST] = [12, 96]; // the C from which an octave may begin
export const NUM_KEYS = Object.keys(SEMITONES).length;

const isPlain = ({ ctrlKey, metaKey, altKey }) => !ctrlKey && !metaKey && !altKey;

// The pitch of a key, or null where it plays none.
export const pitchOf = (event, base) => {
  const semitones = isPlain(event) ? SEMITONES[event.code] : undefined;
  return semitones === undefined ? null : base + semitones;
};

// By how many octaves a key moves the others, 0 for none.
export const octavesOf = (event) => (isPlain(event) && OCTAVES[event.code]) || 0;

export const shifted = (base, octaves) => Math.min(HIGHEST, Math.max(LOWEST, base + 12 * octaves));

const PRINTED = { Semicolon: ";", Quote: "'" };
const codes = Object.keys(SEMITONES);

// What is printed on the keys, by semitones; `layout` is the browser's, where it tells it.
export const printedKeys = (layout = new Map()) =>
  codes.map((code) => (layout.get(code) ?? PRINTED[code] ?? code.slice(3)).toUpperCase());

export const octaveKeys = (layout = new Map()) =>
  Object.keys(OCTAVES).map((code) => (layout.get(code) ?? code.slice(3)).toUpperCase());
