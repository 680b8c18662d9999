// What the model writes for the same openings: before training, and at each save.

const LONGEST_WAIT_MS = 20000;
const audio = part_of("audio");
const stopSound = () => { audio.pause(); S.wanted = null; S.playing = ""; part_of("player").hidden = true; };

const showSamples = () => {
  const { prompts, rows, note, compare } = S.run.samples;
  part_of("samples").hidden = !rows.length;
  if (S.wanted && Date.now() - S.wantedAt > LONGEST_WAIT_MS) S.wanted = null; // it could not be made
  part_of("compare").hidden = !compare;
  if (compare) { write(part_of("compare"), compare.label); part_of("compare").disabled = !compare.enabled; }
  write(part_of("samplesnote"), note);
  if (changed("samples", [S.run.name, S.run.samples, S.wanted, S.playing, audio.paused])) {
    replaceKeepingFocus(part_of("grid"), rows.length ? [newGrid(prompts, rows)] : []);
  }
  arrive();
};

const newGrid = (prompts, rows) => {
  const table = make("table", "mt-grid");
  const head = make("tr");
  ["Model", ...prompts].forEach((text) => { const cell = make("th", "", text); cell.scope = "col"; head.append(cell); });
  const top = make("thead");
  top.append(head);
  const body = make("tbody");
  rows.forEach((row) => {
    const line = make("tr");
    const name = make("th", "", row.label);
    name.scope = "row";
    line.append(name, ...row.cells.map((cell, index) => soundCell(cell, row.label + ", " + prompts[index])));
    body.append(line);
  });
  table.append(top, body);
  return table;
};

const soundCell = (cell, words) => {
  const box = make("td");
  if (!cell) { box.append(make("span", "mt-dim", "–")); return box; }
  const waits = S.wanted === cell.key, plays = S.playing === cell.key && !audio.paused;
  const button = make("button", "mt-btn mt-sound", waits ? "…" : plays ? "❚❚" : "▶");
  button.type = "button";
  button.dataset.key = cell.key;
  button.dataset.sound = cell.file ? "ready" : "none";
  button.setAttribute("aria-label", (plays ? "Pause " : "Play ") + words);
  button.setAttribute("aria-pressed", String(S.playing === cell.key));
  button.disabled = waits;
  box.append(button);
  return box;
};

const cellOf = (key) => S.run.samples.rows.flatMap((row) => row.cells.map((cell, i) =>
  ({ cell, words: row.label + ", " + S.run.samples.prompts[i], column: i }))).find((one) => one.cell && one.cell.key === key);

// The sound that was asked for is there: play it, from where the other one of its opening was.
const arrive = () => {
  const found = S.wanted && cellOf(S.wanted);
  if (!found || !found.cell.file) return;
  const same = S.column === found.column && !audio.ended && S.playing;
  const from = same ? audio.currentTime : 0;
  S.wanted = null;
  S.playing = found.cell.key;
  S.column = found.column;
  audio.src = found.cell.file.url;
  audio.currentTime = from;
  audio.play().catch(() => {});
  write(part_of("playing"), found.words);
  part_of("midi").href = found.cell.midi.url;
  part_of("midi").download = found.cell.name;
  part_of("player").hidden = false;
};

part_of("grid").addEventListener("click", (event) => {
  const button = event.target.closest("[data-key]");
  if (!button) return;
  const key = button.dataset.key;
  if (S.playing === key && audio.src) { if (audio.paused) audio.play(); else audio.pause(); return; }
  S.wanted = key;
  S.wantedAt = Date.now();
  const found = cellOf(key);
  if (!found.cell.file) trigger("hear", { run: S.run.name, sample: key });
  showSamples();
});
part_of("compare").addEventListener("click", () => {
  part_of("compare").disabled = true;
  trigger("ask", { run: S.run.name, what: "compare" });
});
["play", "pause", "ended"].forEach((name) => audio.addEventListener(name, () => { if (S.run) showSamples(); }));
