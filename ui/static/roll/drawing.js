// Drawing.

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
    const after = !isNew && !S.gap && note.start >= S.seam - 0.001;
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
  drawFlag(S.seam, height, c);
  if (S.takes.length && S.gap) drawFlag(S.gap.end, height, c);
};

const drawFlag = (quarter, height, c) => {
  const x = Math.round(xOf(quarter));
  if (x < GUTTER - 2) return;
  ink2d.fillStyle = c.blue;
  ink2d.fillRect(x - 1, RULER - 10, 2.5, height);
  ink2d.beginPath();
  ink2d.moveTo(x - 6, RULER - 14);
  ink2d.lineTo(x + 6, RULER - 14);
  ink2d.lineTo(x, RULER - 5);
  ink2d.fill();
};

const drawChosen = (height, c) => {
  if (!S.chosen) return;
  const [first, last] = S.chosen;
  const left = Math.max(GUTTER, xOf(S.bars[first])), right = xOf(S.bars[last]);
  if (right <= GUTTER) return;
  ink2d.fillStyle = c.blue;
  ink2d.globalAlpha = 0.2;
  ink2d.fillRect(left, 0, right - left, RULER - 6);
  ink2d.globalAlpha = 0.07;
  ink2d.fillRect(left, RULER - 6, right - left, height);
  ink2d.globalAlpha = 1;
  ink2d.fillRect(left - 1, 0, 2, height);
  ink2d.fillRect(right - 1, 0, 2, height);
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
  drawChosen(height, c);
  drawSeam(height, c);
  drawPlayhead(height, c);
  drawGutter(height, r, c);
  root.dataset.drawn = String(drawn);
};

const schedule = () => { if (!S.pending) S.pending = requestAnimationFrame(draw); };
