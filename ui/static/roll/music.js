// What is there.

const take = () => S.takes[S.selected] || new Map();
const takeBars = () => [...take().values()].sort((a, b) => a.start - b.start);
const barQuarters = () => S.beat * S.beats;
const endOfPiece = () => S.bars[S.bars.length - 1] || 0;

const SNAP = 1 / 24; // a note so little before a bar line is played early

const allBars = () => {
  // Bars of the piece up to the seam, then those of the take, then those still to come; behind
  // bars that are written again, the piece goes on.
  const bars = [];
  const cut = S.takes.length > 0;
  for (let i = 0; i + 1 < S.bars.length; i += 1) {
    if (cut && S.bars[i] >= S.seam - 0.001) break;
    bars.push({ start: S.bars[i], end: S.bars[i + 1], kind: "given", chord: "" });
  }
  const made = takeBars();
  made.forEach((bar) => bars.push({ start: bar.start, end: bar.start + bar.length, kind: "new", chord: bar.chord }));
  let at = made.length ? made[made.length - 1].start + made[made.length - 1].length : S.seam;
  if (cut && S.gap) {
    for (let i = 0; i + 1 < S.bars.length; i += 1) {
      if (S.bars[i] < at - 0.001) continue;
      const coming = S.composing && S.bars[i] < S.gap.end - 0.001;
      bars.push({ start: S.bars[i], end: S.bars[i + 1], kind: coming ? "coming" : "given", chord: "" });
    }
  } else if (S.composing) {
    for (let i = made.length; i < S.planned; i += 1) {
      bars.push({ start: at, end: at + barQuarters(), kind: "coming", chord: "" });
      at += barQuarters();
    }
  }
  return bars;
};

const givenNotes = () => {
  if (!S.takes.length) return S.notes;
  if (!S.gap) return S.notes.filter((n) => n.start < S.seam - 0.001);
  // Old notes stay until the bar is there that takes their place.
  const made = takeBars();
  const until = made.length ? made[made.length - 1].start + made[made.length - 1].length : S.seam;
  const again = new Set(S.gap.parts);
  return S.notes.filter((n) => !again.has(n.part) || n.start < S.seam - SNAP || n.start >= until - SNAP);
};
const newNotes = () => takeBars().flatMap((bar) => bar.notes);

const measure = () => {
  // Pitch range over everything, so that switching takes does not move the picture.
  let low = 127, high = 0;
  const drums = new Set();
  const drumParts = new Set(S.parts.filter((p) => p.drum).map((p) => p.number));
  const look = (n) => {
    if (drumParts.has(n.part)) { drums.add(n.pitch); return; }
    low = Math.min(low, n.pitch);
    high = Math.max(high, n.pitch);
  };
  S.notes.forEach(look);
  S.takes.forEach((one) => one.forEach((bar) => bar.notes.forEach(look)));
  if (low > high) { low = 54; high = 66; }
  const missing = Math.max(0, 24 - (high - low));
  S.low = Math.max(0, low - 2 - Math.floor(missing / 2));
  S.high = Math.min(127, high + 2 + Math.ceil(missing / 2));
  S.drums = [...drums].sort((a, b) => b - a);
  S.drumParts = drumParts;
};

const refresh = () => {
  measure();
  S.all = allBars();
  S.given = givenNotes();
  S.made = newNotes();
  S.end = S.all.length ? S.all[S.all.length - 1].end : 0;
  S.index = new Map(S.parts.map((p) => [p.number, p]));
  if (!S.zoom || S.zoom < fitZoom()) S.zoom = defaultZoom();
  layout();
  drawLegend();
  drawTakes();
  showTransport();
  if (part_of("details").open) writeText();
  root.dataset.notes = String(S.given.length);
  root.dataset.newNotes = String(S.made.length);
  root.dataset.newBars = String(takeBars().length);
  root.dataset.state = S.composing ? "composing" : S.name ? "ready" : "empty";
  const off = !S.name;
  ["in", "out", "fit"].forEach((name) => { part_of(name).disabled = off; });
  schedule();
};

let refreshing = 0;
const refreshSoon = () => {
  // However fast bars come, the page is drawn once a frame.
  if (refreshing) return;
  refreshing = requestAnimationFrame(() => {
    refreshing = 0;
    refresh();
    if (S.follow && S.composing) showNewest();
  });
};
