// The second row of the transport: loop, metronome, count-in, speed and studio sound.

import { remember, remembered } from "../../dom.js";
import { sendLoop } from "../roll/listening.js";
import { quarterInView } from "../roll/scrolling.js";
import { RULER } from "../roll/state/geometry.js";
import { takeBars } from "../roll/state/music.js";
import { announce } from "../roll/view.js";
import { HANDLES } from "./handles.js";
import { loopBetween, loopText, wantedLoop, withEnd } from "./loop.js";
import { updatePlaying } from "./transport.js";

const STUDIO = "meloformer-studio-sound";

const press = (button, isOn) => button.setAttribute("aria-pressed", String(Boolean(isOn)));

export const showPractice = ({ part, state, player }) => {
  press(part("loop"), state.isLooping);
  press(part("click"), player.hasClick);
  press(part("count"), player.hasCountIn);
  press(part("studio"), player.wantsStudio);
  for (const name of ["loop", "click", "count", "studio", "rate"])
    part(name).disabled = !state.name;
  part("rate").value = String(Math.round(player.rate * 100));
  part("ratetext").textContent = `${Math.round(player.rate * 100)} %`;
};

const setLoop = (view, loop, isLooping = Boolean(loop)) => {
  Object.assign(view.state, { loop, isLooping });
  showPractice(view);
  updatePlaying(view);
  sendLoop(view);
};

const endOfNew = (state) => {
  const last = takeBars(state).at(-1);
  return last ? last.start + last.length : state.seam;
};

export const toggleLoop = (view) => {
  const { state } = view;
  if (!state.name) return;
  if (state.isLooping) setLoop(view, state.loop, false);
  else setLoop(view, wantedLoop(state, endOfNew(state)));
  announce(view, loopText(state));
};

export const toggleClick = (view) => {
  view.player.hasClick = !view.player.hasClick;
  showPractice(view);
  updatePlaying(view);
  announce(view, view.player.hasClick ? "Metronome on" : "Metronome off");
};

const toggleCountIn = (view) => {
  view.player.hasCountIn = !view.player.hasCountIn;
  showPractice(view);
};

const toggleStudio = (view) => {
  view.player.wantsStudio = !view.player.wantsStudio;
  remember("localStorage", STUDIO, view.player.wantsStudio ? "yes" : "");
  showPractice(view);
  updatePlaying(view);
};

const placeOf = (view, event) =>
  quarterInView(view, event.clientX - view.canvas.getBoundingClientRect().left);

const listenToHandle = (view, end) => {
  const { state } = view;
  const handle = view.part(HANDLES[end]);
  const moveTo = (quarter) => setLoop(view, withEnd(state, end, quarter));
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) moveTo(placeOf(view, event));
  });
  handle.addEventListener("pointerup", () => announce(view, loopText(state)));
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const lines = [...state.all.map((bar) => bar.start), state.end];
    const here = lines.findIndex((line) => Math.abs(line - state.loop[end]) < 0.001);
    const line = lines[here + by];
    if (line !== undefined) moveTo(line);
    announce(view, loopText(state));
  });
};

// Over the bar numbers a drag with Shift repeats bars; without it too, where none can be marked.
const listenToLoopDrags = (view) => {
  const { canvas, state } = view;
  let from = null;
  const isInRuler = (event) => event.clientY - canvas.getBoundingClientRect().top < RULER;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button !== 0 || !state.name) return;
    if (!isInRuler(event) || !(event.shiftKey || !state.mostAgain)) return;
    event.stopImmediatePropagation();
    from = { x: event.clientX, quarter: placeOf(view, event) };
    view.drag = { isHeld: false, isFar: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return;
    event.stopImmediatePropagation();
    view.drag.isFar = view.drag.isFar || Math.abs(event.clientX - from.x) >= 4;
    if (view.drag.isFar) setLoop(view, loopBetween(state, from.quarter, placeOf(view, event)));
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => {
      if (from && view.drag.isFar) announce(view, loopText(state));
      from = null;
    });
  }
};

export const listenToPractice = (view) => {
  const { part, player } = view;
  player.wantsStudio = remembered("localStorage", STUDIO) === "yes";
  const acts = { loop: toggleLoop, click: toggleClick, count: toggleCountIn, studio: toggleStudio };
  for (const [name, act] of Object.entries(acts)) {
    part(name).addEventListener("click", () => act(view));
  }
  part("rate").addEventListener("input", () => {
    player.rate = Number(part("rate").value) / 100;
    showPractice(view);
    updatePlaying(view);
  });
  part("rate").addEventListener("dblclick", () => {
    player.rate = 1;
    showPractice(view);
    updatePlaying(view);
  });
  listenToHandle(view, 0);
  listenToHandle(view, 1);
  listenToLoopDrags(view);
};
