// What the model writes for the same openings: before training, and at each save.

import { make, makeButton, replaceKeepingFocus, write } from "../../dom.js";
import { t } from "../../language.js";
import { cellOf, wordsOf } from "./cells.js";

const LONGEST_WAIT_MS = 20000;

export const stopSound = ({ audio, part, state }) => {
  audio.pause();
  state.wanted = null;
  state.playing = "";
  part("player").hidden = true;
};

export const showSamples = (view) => {
  const { part, audio, state, changed } = view;
  const { samples } = state.run;
  part("samples").hidden = !samples.rows.length;
  if (state.wanted && Date.now() - state.wantedAt > LONGEST_WAIT_MS) {
    state.wanted = null; // it could not be made
  }
  part("compare").hidden = !samples.compare;
  if (samples.compare) {
    write(part("compare"), samples.compare.label);
    part("compare").disabled = !samples.compare.enabled;
  }
  write(part("samplesnote"), samples.note);
  const shown = [state.run.name, samples, state.wanted, state.playing, audio.paused];
  if (changed("samples", shown)) {
    replaceKeepingFocus(part("grid"), samples.rows.length ? [newGrid(view)] : []);
  }
  playWanted(view);
};

const headOf = (text, scope) => {
  const cell = make("th", "", text);
  cell.scope = scope;
  return cell;
};

const newGrid = (view) => {
  const { prompts, rows } = view.state.run.samples;
  const [table, top, head, body] = [
    make("table", "mt-grid"),
    make("thead"),
    make("tr"),
    make("tbody"),
  ];
  head.append(...[t("Model"), ...prompts].map((text) => headOf(text, "col")));
  top.append(head);
  for (const row of rows) {
    const line = make("tr");
    const cells = row.cells.map((cell, i) => soundCell(view, cell, wordsOf(row, prompts[i])));
    line.append(headOf(row.label, "row"), ...cells);
    body.append(line);
  }
  table.append(top, body);
  return table;
};

const soundCell = ({ audio, state }, cell, words) => {
  const box = make("td");
  if (!cell) {
    box.append(make("span", "mt-dim", "–"));
    return box;
  }
  const waits = state.wanted === cell.key;
  const plays = state.playing === cell.key && !audio.paused;
  const button = makeButton("mt-btn mt-sound", waits ? "…" : plays ? "❚❚" : "▶");
  button.dataset.key = cell.key;
  button.dataset.sound = cell.file ? "ready" : "none";
  button.setAttribute(
    "aria-label",
    plays ? t("Pause {words}", { words }) : t("Play {words}", { words }),
  );
  button.setAttribute("aria-pressed", String(state.playing === cell.key));
  button.disabled = waits;
  box.append(button);
  return box;
};

// The sound that was asked for is there: play it, from where the other one of its opening was.
const playWanted = ({ part, audio, state }) => {
  const found = state.wanted && cellOf(state.run.samples, state.wanted);
  if (!found?.cell.file) return;
  const goesOn = state.column === found.column && !audio.ended && state.playing;
  const from = goesOn ? audio.currentTime : 0;
  state.wanted = null;
  state.playing = found.cell.key;
  state.column = found.column;
  audio.src = found.cell.file.url;
  audio.currentTime = from;
  audio.play().catch(() => {}); // the browser may wait for a click
  write(part("playing"), found.words);
  part("midi").href = found.cell.midi.url;
  part("midi").download = found.cell.name;
  part("player").hidden = false;
};

export const listenToSamples = (view) => {
  const { part, audio, state, trigger } = view;
  part("grid").addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    if (!button) return;
    const { key } = button.dataset;
    if (state.playing === key && audio.src) {
      if (audio.paused) audio.play();
      else audio.pause();
      return;
    }
    state.wanted = key;
    state.wantedAt = Date.now();
    if (!cellOf(state.run.samples, key).cell.file) {
      trigger("hear", { run: state.run.name, sample: key });
    }
    showSamples(view);
  });
  part("compare").addEventListener("click", () => {
    part("compare").disabled = true;
    trigger("ask", { run: state.run.name, what: "compare" });
  });
  for (const name of ["play", "pause", "ended"]) {
    audio.addEventListener(name, () => {
      if (state.run) showSamples(view);
    });
  }
};
