// The piano roll. Gradio runs this once, with: element, trigger, props, watch.
// Time is in quarter notes everywhere; `clock` turns quarters into seconds of the audio at hand.

const part_of = (name) => element.querySelector('[data-mf="' + name + '"]');
const root = part_of("root");
const canvas = part_of("canvas");
const scroll = part_of("scroll");
const wide = part_of("wide");
const audio = part_of("audio");
const ink2d = canvas.getContext("2d");
const DRUM_ROW = 7;
const GUTTER = 40;
const RULER = 34;
const MAX_RATIO = 2;
const OCTAVE = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const PLAY_ICON = "M8 5v14l11-7z";
const PAUSE_ICON = "M7 5h4v14H7zM13 5h4v14h-4z";
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const S = {
  run: -1, parts: [], hidden: new Set(), notes: [], bars: [0], seam: 0, beat: 1, beats: 4,
  takes: [], planned: 0, selected: 0, sounds: new Map(), zoom: 0, follow: true, focusPart: null,
  composing: false, pending: 0, low: 48, high: 72, drums: [], name: "",
  gap: null, chosen: null, mostAgain: 0,
};
