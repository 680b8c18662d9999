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
};

// ---- messages -----------------------------------------------------------------------------

const unpack = (flat, offset) => {
  const notes = [];
  for (let i = 0; i + 4 < flat.length; i += 5) {
    notes.push({ part: flat[i], start: flat[i + 1] + offset, length: flat[i + 2],
                 pitch: flat[i + 3], velocity: flat[i + 4] });
  }
  return notes;
};

const addBar = (message) => {
  while (S.takes.length <= message.take) S.takes.push(new Map());
  S.takes[message.take].set(message.bar, {
    start: S.seam + message.start, length: message.length, chord: message.chord,
    notes: unpack(message.notes, S.seam),
  });
};

const setSounds = (sounds) => {
  S.sounds = new Map(sounds.map((sound) => [sound.take, sound]));
  loadSound();
};

const handlers = {
  empty(message) {
    Object.assign(S, { run: -1, parts: [], notes: [], bars: [0], takes: [], planned: 0, name: "" });
    setSounds([]);
    root.dataset.state = "empty";
  },
  piece(message) {
    const samePiece = message.name === S.name && message.bars.length === S.bars.length;
    Object.assign(S, {
      run: message.run, parts: message.parts, bars: message.bars, seam: message.seam,
      beat: message.beat, beats: message.beats, planned: message.planned, name: message.name,
      selected: message.selected, notes: unpack(message.notes, 0), takes: [], composing: false,
    });
    message.takes.forEach((bars) => bars.forEach(addBar));
    root.dataset.state = "ready";
    showFacts(message.name, message.facts);
    if (!samePiece) { S.hidden.clear(); S.zoom = 0; audio.pause(); rest = 0; resume = false; current = null; }
    setSounds(message.sounds);
    if (!samePiece && !message.takes.length) scroll.scrollLeft = 0;
  },
  seam(message) {
    Object.assign(S, { seam: message.seam, takes: [], planned: 0, run: message.run });
    setSounds(message.sounds);
  },
  begin(message) {
    Object.assign(S, {
      run: message.run, planned: message.planned, seam: message.seam, takes: [], selected: 0,
      parts: message.parts, composing: true, follow: true,
    });
    for (let i = 0; i < message.candidates; i += 1) S.takes.push(new Map());
    loadSound();
    showSeam();
  },
  bars(message) {
    if (message.run !== S.run) return;
    S.parts = message.parts;
    message.bars.forEach(addBar);
  },
  sound(message) {
    if (message.run === S.run) setSounds(message.sounds);
  },
  status() {},
  stopping() {},
};

const receive = () => {
  const message = props.value;
  if (!message || !handlers[message.kind]) return;
  if (message.kind === "stopping" && !S.composing) return; // it had ended by itself
  handlers[message.kind](message);
  if (message.desk) remember(message.desk);
  if (typeof message.status === "string") part_of("status").textContent = message.status;
  if (message.kind === "bars") refreshSoon(); else refresh();
};

const remember = (desk) => {
  try { window.sessionStorage.setItem("meloformer-desk", desk); } catch { /* private window */ }
};

const showFacts = (name, facts) => {
  const line = part_of("facts");
  line.replaceChildren();
  const title = document.createElement("b");
  title.textContent = name;
  line.append(title);
  (facts || []).forEach((fact) => {
    const item = document.createElement("i");
    item.textContent = fact;
    line.append(item);
  });
};

// ---- what is there ------------------------------------------------------------------------

const take = () => S.takes[S.selected] || new Map();
const takeBars = () => [...take().values()].sort((a, b) => a.start - b.start);
const barQuarters = () => S.beat * S.beats;
const endOfPiece = () => S.bars[S.bars.length - 1] || 0;

const allBars = () => {
  // Bars of the piece up to the seam, then those of the take, then those still to come.
  const bars = [];
  const cut = S.takes.length > 0;
  for (let i = 0; i + 1 < S.bars.length; i += 1) {
    if (cut && S.bars[i] >= S.seam - 0.001) break;
    bars.push({ start: S.bars[i], end: S.bars[i + 1], kind: "given", chord: "" });
  }
  const made = takeBars();
  made.forEach((bar) => bars.push({ start: bar.start, end: bar.start + bar.length, kind: "new", chord: bar.chord }));
  let at = made.length ? made[made.length - 1].start + made[made.length - 1].length : S.seam;
  if (S.composing) {
    for (let i = made.length; i < S.planned; i += 1) {
      bars.push({ start: at, end: at + barQuarters(), kind: "coming", chord: "" });
      at += barQuarters();
    }
  }
  return bars;
};

const givenNotes = () => (S.takes.length ? S.notes.filter((n) => n.start < S.seam - 0.001) : S.notes);
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

// ---- geometry -----------------------------------------------------------------------------

const view = () => scroll.clientWidth - GUTTER;
const fitZoom = () => (S.end ? Math.max(1, view() / (S.end + 0.5)) : 24);
const defaultZoom = () => Math.max(fitZoom(), Math.min(26, view() / (barQuarters() * 5)));
const xOf = (quarter) => GUTTER + quarter * S.zoom - scroll.scrollLeft;
const quarterAt = (x) => (x - GUTTER + scroll.scrollLeft) / S.zoom;

const layout = () => {
  wide.style.width = Math.max(scroll.clientWidth, GUTTER + S.end * S.zoom + 12) + "px";
};

const setZoom = (zoom, anchorX) => {
  const x = anchorX === undefined ? GUTTER + view() / 2 : anchorX;
  const quarter = quarterAt(x);
  S.zoom = Math.min(160, Math.max(fitZoom(), zoom));
  layout();
  scroll.scrollLeft = quarter * S.zoom - (x - GUTTER);
  schedule();
};

const showQuarter = (quarter, place) => {
  const left = quarter * S.zoom - view() * place;
  scroll.scrollTo({ left: Math.max(0, left), behavior: "instant" });
};

const showSeam = () => {
  // Two bars before the seam and all that is to come, as long as notes stay wide enough to read.
  refresh();
  S.zoom = Math.min(S.zoom, Math.max(9, fitZoom(), view() / (barQuarters() * (S.planned + 2.3))));
  layout();
  showQuarter(S.seam - 2 * barQuarters(), 0);
};

const showNewest = () => {
  S.all = allBars();
  const made = takeBars();
  if (!made.length) return;
  const newest = made[made.length - 1];
  const right = xOf(newest.start + newest.length * 2);
  if (right > GUTTER + view()) {
    S.end = S.all[S.all.length - 1].end;
    layout();
    showQuarter(newest.start + newest.length, 0.6);
  }
};

// ---- drawing ------------------------------------------------------------------------------

const colours = () => {
  const style = getComputedStyle(root);
  const get = (name) => style.getPropertyValue(name).trim();
  const dark = Boolean(root.closest(".dark"));
  return { dark, paper: get("--mf-paper"), ink: get("--mf-ink"), dim: get("--mf-dim"),
           line: get("--mf-line"), soft: get("--mf-soft"), blue: get("--mf-blue") };
};

const hex = (colour) => {
  const value = parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

const mixed = new Map();
const mix = (colour, paper, share) => {
  const key = colour + paper + share;
  if (!mixed.has(key)) {
    const a = hex(colour), b = hex(paper);
    mixed.set(key, "rgb(" + a.map((x, i) => Math.round(x * share + b[i] * (1 - share))).join(",") + ")");
  }
  return mixed.get(key);
};

const partColour = (part, c) => (part.colour === "ink" ? (c.dark ? "#f5f5f7" : "#26272b") : part.colour);

const rows = (height) => {
  const drumHeight = S.drums.length ? Math.min(S.drums.length * DRUM_ROW + 10, height * 0.28) : 0;
  const pitched = height - RULER - drumHeight;
  return { drumHeight, row: pitched / (S.high - S.low + 1), bottom: height - drumHeight,
           drumRow: S.drums.length ? (drumHeight - 10) / S.drums.length : 0 };
};

const firstVisible = (notes, quarter) => {
  // Notes are sorted by start; look back over the longest note there is.
  if (notes.longest === undefined) notes.longest = notes.reduce((m, n) => Math.max(m, n.length), 0);
  let low = 0, high = notes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (notes[middle].start < quarter - notes.longest) low = middle + 1; else high = middle;
  }
  return low;
};

const eachVisible = (notes, from, until, visit) => {
  for (let i = firstVisible(notes, from); i < notes.length && notes[i].start < until; i += 1) {
    if (notes[i].start + notes[i].length >= from) visit(notes[i]);
  }
};

const boxOf = (note, r) => {
  const x = xOf(note.start);
  const width = Math.max(2, note.length * S.zoom - 1);
  if (S.drumParts.has(note.part)) {
    const row = S.drums.indexOf(note.pitch);
    return { x, y: r.bottom + 6 + row * r.drumRow, width: Math.max(3, Math.min(width, S.zoom * 0.22)), height: Math.max(2, r.drumRow - 1.5) };
  }
  return { x, y: r.bottom - (note.pitch - S.low + 1) * r.row, width, height: Math.max(2.5, r.row - 1) };
};

const drawNotes = (notes, r, c, from, until, isNew) => {
  let drawn = 0;
  eachVisible(notes, from, until, (note) => {
    const part = S.index.get(note.part);
    if (!part || S.hidden.has(note.part)) return;
    const faded = S.focusPart !== null && S.focusPart !== note.part;
    const after = !isNew && note.start >= S.seam - 0.001;
    const loud = 0.5 + 0.5 * Math.min(1, note.velocity / 112);
    const share = faded ? 0.14 : after ? 0.3 : Math.round(loud * 12) / 12;
    const colour = partColour(part, c);
    const box = boxOf(note, r);
    const round = Math.min(2.5, box.height / 2);
    ink2d.beginPath();
    ink2d.roundRect(box.x, box.y, box.width, box.height, round);
    ink2d.fillStyle = mix(colour, c.paper, share);
    ink2d.fill();
    if (isNew && !faded) {
      ink2d.lineWidth = Math.min(1.4, Math.min(box.height, box.width) * 0.2);
      ink2d.strokeStyle = c.dark ? "rgba(255,255,255,0.9)" : "rgba(20,20,24,0.85)";
      ink2d.stroke();
    } else if (!c.dark && !faded && !after) {
      ink2d.lineWidth = 1;
      ink2d.strokeStyle = mix(colour, "#000000", 0.75);
      ink2d.globalAlpha = 0.55;
      ink2d.stroke();
      ink2d.globalAlpha = 1;
    }
    drawn += 1;
  });
  return drawn;
};

const drawGround = (width, height, r, c, from, until) => {
  const ctx = ink2d;
  ctx.fillStyle = c.paper;
  ctx.fillRect(0, 0, width, height);
  // Black keys and octave lines
  for (let pitch = S.low; pitch <= S.high; pitch += 1) {
    const y = r.bottom - (pitch - S.low + 1) * r.row;
    if ([1, 3, 6, 8, 10].includes(pitch % 12)) {
      ctx.fillStyle = c.dark ? "rgba(255,255,255,0.025)" : "rgba(0,0,0,0.022)";
      ctx.fillRect(GUTTER, y, width, r.row);
    }
    if (pitch % 12 === 0) {
      ctx.fillStyle = c.line;
      ctx.fillRect(GUTTER, Math.round(y + r.row), width, 1);
    }
  }
  if (r.drumHeight) {
    ctx.fillStyle = c.soft;
    ctx.globalAlpha = 0.55;
    ctx.fillRect(GUTTER, r.bottom, width, r.drumHeight);
    ctx.globalAlpha = 1;
  }
  // Bars
  const wideEnough = S.zoom * S.beat >= 9;
  S.all.forEach((bar, index) => {
    if (bar.end < from || bar.start > until) return;
    const x = xOf(bar.start), barWidth = (bar.end - bar.start) * S.zoom;
    if (bar.kind !== "given") {
      ctx.fillStyle = mix(c.blue, c.paper, bar.kind === "new" ? 0.07 : 0.04);
      ctx.globalCompositeOperation = c.dark ? "lighten" : "multiply";
      ctx.fillRect(x, RULER, barWidth, height);
      ctx.globalCompositeOperation = "source-over";
    }
    if (wideEnough) {
      ctx.fillStyle = c.line;
      ctx.globalAlpha = 0.45;
      for (let q = bar.start + S.beat; q < bar.end - 0.01; q += S.beat) ctx.fillRect(Math.round(xOf(q)), RULER, 1, height);
      ctx.globalAlpha = 1;
    }
    ctx.fillStyle = c.line;
    ctx.fillRect(Math.round(x), RULER - 6, 1, height);
  });
};

const drawRuler = (width, c, from, until) => {
  const ctx = ink2d;
  ctx.fillStyle = c.paper;
  ctx.fillRect(0, 0, width, RULER - 6);
  const barWidth = barQuarters() * S.zoom;
  const every = [1, 2, 4, 8, 16, 32, 64, 128].find((n) => n * barWidth >= 30) || 256;
  ctx.textBaseline = "middle";
  S.all.forEach((bar, index) => {
    if (bar.end < from || bar.start > until) return;
    const x = xOf(bar.start);
    if (index % every === 0) {
      ctx.font = "600 11px ui-sans-serif, system-ui, sans-serif";
      ctx.fillStyle = bar.kind === "given" ? c.dim : c.blue;
      ctx.fillText(String(index + 1), x + 4, RULER / 2 - 2);
    }
    if (bar.chord && bar.chord !== "N" && barWidth > 62) {
      ctx.font = "600 12px ui-sans-serif, system-ui, sans-serif";
      ctx.fillStyle = c.ink;
      ctx.fillText(bar.chord, x + 26, RULER / 2 - 2);
    }
  });
};

const drawGutter = (height, r, c) => {
  const ctx = ink2d;
  ctx.fillStyle = c.paper;
  ctx.fillRect(0, 0, GUTTER, height);
  ctx.fillStyle = c.line;
  ctx.fillRect(GUTTER - 1, RULER - 6, 1, height);
  ctx.font = "11px ui-sans-serif, system-ui, sans-serif";
  ctx.fillStyle = c.dim;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  for (let pitch = S.low; pitch <= S.high; pitch += 1) {
    if (pitch % 12 !== 0) continue;
    const y = r.bottom - (pitch - S.low + 0.5) * r.row;
    if (y > RULER) ctx.fillText("C" + (pitch / 12 - 1), GUTTER - 7, y);
  }
  if (r.drumHeight > 14) ctx.fillText("drums", GUTTER - 4, r.bottom + r.drumHeight / 2);
  ctx.textAlign = "left";
};

const drawSeam = (height, c) => {
  if (!S.takes.length && S.seam >= endOfPiece() - 0.001) return;
  const x = Math.round(xOf(S.seam));
  if (x < GUTTER - 2) return;
  ink2d.fillStyle = c.blue;
  ink2d.fillRect(x - 1, RULER - 10, 2.5, height);
  ink2d.beginPath();
  ink2d.moveTo(x - 6, RULER - 14);
  ink2d.lineTo(x + 6, RULER - 14);
  ink2d.lineTo(x, RULER - 5);
  ink2d.fill();
};

const drawPlayhead = (height, c) => {
  if (!hasSound() && rest === 0) return;
  const x = xOf(nowQuarter());
  if (x < GUTTER - 1) return;
  ink2d.fillStyle = c.dark ? "#ffb454" : "#b3261e";
  ink2d.fillRect(x - 1, RULER - 8, 2, height);
  ink2d.beginPath();
  ink2d.arc(x, RULER - 8, 4.5, 0, 7);
  ink2d.fill();
};

const draw = () => {
  S.pending = 0;
  const width = scroll.clientWidth, height = canvas.clientHeight;
  if (!width || !height) return;
  const ratio = Math.min(window.devicePixelRatio || 1, MAX_RATIO);
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = width + "px";
  }
  ink2d.setTransform(ratio, 0, 0, ratio, 0, 0);
  const c = colours();
  if (!S.name) { ink2d.fillStyle = c.paper; ink2d.fillRect(0, 0, width, height); root.dataset.drawn = "0"; return; }
  const r = rows(height);
  const from = quarterAt(GUTTER), until = quarterAt(width);
  drawGround(width, height, r, c, from, until);
  let drawn = drawNotes(S.given, r, c, from, until, false);
  drawn += drawNotes(S.made, r, c, from, until, true);
  drawRuler(width, c, from, until);
  drawSeam(height, c);
  drawPlayhead(height, c);
  drawGutter(height, r, c);
  root.dataset.drawn = String(drawn);
};

const schedule = () => { if (!S.pending) S.pending = requestAnimationFrame(draw); };

// ---- legend, takes, text ------------------------------------------------------------------

const drawLegend = () => {
  const key = JSON.stringify([S.parts, [...S.hidden], Boolean(root.closest(".dark"))]);
  if (S.legendKey === key) return;
  S.legendKey = key;
  const c = colours();
  part_of("legend").replaceChildren(...S.parts.map((part) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "mf-chip";
    chip.dataset.part = part.number;
    chip.setAttribute("aria-pressed", String(!S.hidden.has(part.number)));
    chip.title = part.name + ": show or hide";
    const swatch = document.createElement("span");
    swatch.className = "mf-swatch";
    swatch.style.background = partColour(part, c);
    const name = document.createElement("span");
    name.className = "mf-name";
    name.textContent = part.short;
    chip.append(swatch, name);
    return chip;
  }));
};

const drawTakes = () => {
  const count = S.takes.length;
  const key = count + ":" + S.selected;
  if (S.takesKey === key) return;
  S.takesKey = key;
  const buttons = [];
  if (count > 1) {
    const label = document.createElement("span");
    label.className = "mf-label";
    label.textContent = "Compare";
    buttons.push(label);
    for (let i = 0; i < count; i += 1) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "mf-btn";
      button.dataset.take = i;
      button.textContent = String(i + 1);
      button.setAttribute("aria-label", "Continuation " + (i + 1));
      button.setAttribute("aria-pressed", String(i === S.selected));
      buttons.push(button);
    }
  }
  part_of("takes").replaceChildren(...buttons);
};

const pitchName = (pitch) => OCTAVE[pitch % 12] + (Math.floor(pitch / 12) - 1);

const barText = (index) => {
  const bar = S.all[index];
  if (!bar) return "";
  const where = "Bar " + (index + 1) + (bar.kind === "new" ? ", new" : "") +
    (bar.chord && bar.chord !== "N" ? ", " + bar.chord : "");
  if (bar.kind === "coming") return where + ": to come";
  const notes = (bar.kind === "new" ? S.made : S.given)
    .filter((n) => n.start >= bar.start - 0.001 && n.start < bar.end - 0.001);
  const said = S.parts.map((part) => {
    const own = notes.filter((n) => n.part === part.number);
    if (!own.length) return "";
    if (part.drum) return part.name + " " + own.length + (own.length === 1 ? " hit" : " hits");
    const names = own.slice(0, 12).map((n) => pitchName(n.pitch)).join(" ");
    return part.name + " " + names + (own.length > 12 ? " and " + (own.length - 12) + " more" : "");
  }).filter(Boolean);
  return where + ": " + (said.length ? said.join("; ") : "rest");
};

const writeText = () => {
  part_of("text").replaceChildren(...S.all.map((bar, index) => {
    const line = document.createElement("li");
    line.textContent = barText(index);
    return line;
  }));
};

// ---- sound --------------------------------------------------------------------------------

let rest = 0; // where the playhead rests, in quarters, while no sound is loaded
let current = null;
let resume = false; // whether to go on playing once the sound that is wanted has come

const wanted = () => {
  if (S.takes.length && !S.composing) return S.sounds.get(S.selected);
  return S.sounds.get(-1);
};
const hasSound = () => current !== null;

const toSeconds = (clock, quarter) => {
  let i = 1;
  while (i < clock.length - 1 && clock[i][0] <= quarter) i += 1;
  const [q0, s0] = clock[i - 1], [q1, s1] = clock[i];
  return s0 + (quarter - q0) * (s1 - s0) / (q1 - q0 || 1);
};
const toQuarters = (clock, second) => {
  let i = 1;
  while (i < clock.length - 1 && clock[i][1] <= second) i += 1;
  const [q0, s0] = clock[i - 1], [q1, s1] = clock[i];
  return q0 + (second - s0) * (q1 - q0) / (s1 - s0 || 1);
};

const nowQuarter = () => (current && !audio.dataset.waiting ? toQuarters(current.clock, audio.currentTime) : rest);

const loadSound = () => {
  const next = wanted() || null;
  const url = next ? next.file.url || "" : "";
  if (current && next && current.url === url) return;
  const at = nowQuarter();
  resume = resume || !audio.paused;
  audio.pause();
  rest = at;
  current = next ? { ...next, url } : null;
  root.dataset.audio = next ? "loading" : "none";
  if (current) {
    audio.dataset.waiting = "yes";
    audio.src = url;
    audio.load();
    const loading = current;
    audio.onloadedmetadata = () => {
      if (loading !== current) return;
      const second = toSeconds(current.clock, at);
      audio.currentTime = second < audio.duration - 0.05 ? Math.max(0, second) : 0;
      delete audio.dataset.waiting;
      root.dataset.audio = "ready";
      root.dataset.duration = audio.duration.toFixed(2);
      if (resume) audio.play().catch(() => {});
      resume = false;
      showTransport();
      schedule();
    };
  } else {
    audio.removeAttribute("src");
  }
  showTransport();
};

const clockText = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds || 0));
  return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
};

const showTransport = () => {
  const ready = hasSound() && !audio.dataset.waiting;
  const play = part_of("play");
  play.disabled = !ready;
  part_of("home").disabled = !ready;
  part_of("seam").disabled = !ready || !S.takes.length;
  play.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
  play.title = (audio.paused ? "Play" : "Pause") + " (Space)";
  part_of("playicon").setAttribute("d", audio.paused ? PLAY_ICON : PAUSE_ICON);
  part_of("time").textContent = clockText(ready ? audio.currentTime : 0);
  part_of("length").textContent = ready ? " / " + clockText(audio.duration) : S.name && !hasSound() ? "" : "";
};

const seek = (quarter) => {
  const to = Math.min(Math.max(0, quarter), S.end);
  rest = to;
  if (hasSound() && !audio.dataset.waiting) audio.currentTime = Math.min(toSeconds(current.clock, to), audio.duration || 0);
  showTransport();
  schedule();
};

const playPause = () => {
  if (part_of("play").disabled) return;
  if (audio.paused) audio.play().catch(() => {}); else audio.pause();
};

const tick = () => {
  showTransport();
  if (!audio.paused) {
    const x = xOf(nowQuarter());
    if (S.follow && (x > GUTTER + view() * 0.92 || x < GUTTER)) showQuarter(nowQuarter(), calm ? 0.05 : 0.12);
    requestAnimationFrame(tick);
  }
  draw();
};

audio.addEventListener("play", () => { S.follow = true; tick(); });
audio.addEventListener("pause", () => { showTransport(); schedule(); });
audio.addEventListener("ended", () => { showTransport(); schedule(); });

// ---- what the musician does ---------------------------------------------------------------

const choose = (index) => {
  if (index < 0 || index >= S.takes.length || index === S.selected) return;
  S.selected = index;
  refresh();
  loadSound();
  part_of("live").textContent = "Continuation " + (index + 1);
  trigger("pick", { take: index });
};

const playFromSeam = () => {
  const before = S.all.filter((bar) => bar.kind === "given");
  const from = before.length ? before[before.length - 1].start : 0;
  seek(from);
  showQuarter(S.seam, 0.25);
  if (audio.paused) playPause();
};

const barAt = (quarter) => {
  const index = S.all.findIndex((bar) => quarter < bar.end - 0.001);
  return index < 0 ? S.all.length - 1 : index;
};

const stepBar = (by) => {
  if (!S.all.length) return;
  const here = barAt(nowQuarter() + 0.01);
  const index = Math.min(S.all.length - 1, Math.max(0, here + by));
  seek(S.all[index].start);
  const x = xOf(S.all[index].start);
  if (x < GUTTER || x > GUTTER + view() * 0.85) showQuarter(S.all[index].start, 0.2);
  part_of("live").textContent = barText(index);
};

const keys = {
  " ": playPause,
  Enter: () => { audio.pause(); seek(0); showQuarter(0, 0); },
  Home: () => { seek(0); showQuarter(0, 0); },
  End: () => { if (S.takes.length) { seek(S.seam); showQuarter(S.seam, 0.25); } },
  ArrowLeft: () => stepBar(-1),
  ArrowRight: () => stepBar(1),
  "+": () => setZoom(S.zoom * 1.35),
  "=": () => setZoom(S.zoom * 1.35),
  "-": () => setZoom(S.zoom / 1.35),
  1: () => choose(0), 2: () => choose(1), 3: () => choose(2), 4: () => choose(3),
};

root.addEventListener("keydown", (event) => {
  const inControl = event.target.closest("button, summary, input, select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  if (inControl && (event.key === " " || event.key === "Enter")) return;
  event.preventDefault();
  keys[event.key]();
});

canvas.addEventListener("click", (event) => {
  const box = canvas.getBoundingClientRect();
  if (event.clientX - box.left >= GUTTER && S.name) seek(quarterAt(event.clientX - box.left));
});

scroll.addEventListener("wheel", (event) => {
  if (!S.name || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  setZoom(S.zoom * Math.exp(-event.deltaY * 0.0022), event.clientX - canvas.getBoundingClientRect().left);
}, { passive: false });
scroll.addEventListener("scroll", schedule, { passive: true });
["pointerdown", "wheel", "touchstart"].forEach((name) =>
  scroll.addEventListener(name, () => { S.follow = false; }, { passive: true }));

const noteAt = (x, y) => {
  const r = rows(canvas.clientHeight);
  const quarter = quarterAt(x);
  let found = null;
  [S.given, S.made].forEach((notes) => eachVisible(notes, quarter - 0.3, quarter + 0.3, (note) => {
    const box = boxOf(note, r);
    const inside = x >= box.x - 1 && x <= box.x + box.width + 1 && y >= box.y - 1 && y <= box.y + box.height + 1;
    if (inside && !S.hidden.has(note.part)) found = note;
  }));
  return found;
};

canvas.addEventListener("pointermove", (event) => {
  if (!S.name || event.pointerType !== "mouse") return;
  const box = canvas.getBoundingClientRect();
  const x = event.clientX - box.left, y = event.clientY - box.top;
  const note = noteAt(x, y);
  const tip = part_of("tip");
  if (!note) { tip.style.opacity = 0; return; }
  const part = S.index.get(note.part);
  tip.textContent = part.name + (part.drum ? "" : "  " + pitchName(note.pitch)) + "  bar " + (barAt(note.start) + 1);
  tip.style.opacity = 1;
  const left = Math.min(x + 12, box.width - tip.offsetWidth - 4);
  tip.style.transform = "translate(" + left + "px," + Math.max(2, y - 28) + "px)";
});
canvas.addEventListener("pointerleave", () => { part_of("tip").style.opacity = 0; });

part_of("legend").addEventListener("click", (event) => {
  const chip = event.target.closest("[data-part]");
  if (!chip) return;
  const number = Number(chip.dataset.part);
  if (S.hidden.has(number)) S.hidden.delete(number); else S.hidden.add(number);
  chip.setAttribute("aria-pressed", String(!S.hidden.has(number)));
  schedule();
});
["pointerover", "pointerout"].forEach((name) => part_of("legend").addEventListener(name, (event) => {
  if (event.pointerType !== "mouse") return;
  const chip = name === "pointerover" ? event.target.closest("[data-part]") : null;
  S.focusPart = chip && !S.hidden.has(Number(chip.dataset.part)) ? Number(chip.dataset.part) : null;
  schedule();
}));
part_of("takes").addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (button) choose(Number(button.dataset.take));
});
part_of("play").addEventListener("click", playPause);
part_of("home").addEventListener("click", () => { seek(0); showQuarter(0, 0); });
part_of("seam").addEventListener("click", playFromSeam);
part_of("in").addEventListener("click", () => setZoom(S.zoom * 1.35));
part_of("out").addEventListener("click", () => setZoom(S.zoom / 1.35));
part_of("fit").addEventListener("click", () => setZoom(0));
part_of("details").addEventListener("toggle", () => { if (part_of("details").open) writeText(); });

// A file may be dropped on the roll itself.
root.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  root.dataset.drop = "yes";
});
root.addEventListener("dragleave", (event) => {
  if (!root.contains(event.relatedTarget)) delete root.dataset.drop;
});
root.addEventListener("drop", async (event) => {
  delete root.dataset.drop;
  const file = event.dataTransfer.files[0];
  if (!file) return;
  event.preventDefault();
  part_of("status").textContent = "Reading " + file.name + "…";
  try {
    const { path } = await upload(file);
    trigger("bring", { path });
  } catch {
    part_of("status").textContent = "The file did not arrive. Is it larger than 5 MB?";
  }
});

new ResizeObserver(() => { if (S.name) { S.zoom = Math.max(S.zoom, fitZoom()); layout(); } schedule(); }).observe(scroll);
new MutationObserver(() => { drawLegend(); schedule(); }).observe(document.body, { attributes: true, attributeFilter: ["class"] });

root.roll = S; // for tests and for the curious: document.querySelector('[data-mf=root]').roll
refresh();
watch("value", receive);
receive();

let known = "";
try { known = window.sessionStorage.getItem("meloformer-desk") || ""; } catch { /* private window */ }
trigger("attach", { desk: known });
