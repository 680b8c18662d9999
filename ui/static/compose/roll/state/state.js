// What a roll shows. Times are in quarter notes.

const STEADY = [
  [0, 0],
  [1, 0.5],
];

export const newState = () => ({
  // Of the messages
  run: -1,
  name: "",
  parts: [],
  notes: [],
  controls: [], // pedals and bends of the piece, by start
  bars: [0],
  chords: [], // of the bars
  firstNumber: 1, // of the bars; 0 for a pickup
  seam: 0,
  gap: null, // {end, parts}: what gives way to the takes; null where they come after the seam
  beat: 1,
  beats: 4,
  takes: [], // of each, a map from the number of a bar to the bar
  planned: 0,
  selected: 0,
  clock: STEADY,
  takeClock: null, // of the piece with a take in it
  sounds: new Map(),
  composing: false,
  begun: -1, // the last run whose beginning, or end, the page has shown
  chosen: null, // bars to write again: the first, and the one after the last
  mostAgain: 0,
  locks: [], // see `edit/locks.js`
  // Of the musician
  hidden: new Set(),
  focusPart: null,
  zoom: 0, // pixels to the quarter; 0 until there is music
  follow: true,
  mix: {}, // see `player/mix.js`
  loop: null, // from a quarter to a quarter
  isLooping: false,
  // Made of these by `derived`
  all: [],
  given: { notes: [], longest: 0 },
  made: { notes: [], longest: 0 },
  controlled: [], // those that are heard
  end: 0,
  index: new Map(),
  low: 48,
  high: 72,
  drums: [],
  drumParts: new Set(),
});
