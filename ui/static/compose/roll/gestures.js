// What the musician does on the roll, but for marking bars.

import { acceptDrops } from "../../dom.js";
import { t } from "../../language.js";
import { refusalOf } from "../../refusal.js";
import { toggleClick, toggleLoop } from "../player/practice.js";
import { loadSound, pause, play, playPause, seek } from "../player/transport.js";
import { schedule } from "./drawing.js";
import { writeText } from "./legend.js";
import { extendChosen, letGo } from "./marking.js";
import { refresh } from "./refresh.js";
import { isInSight, quarterInView, setZoom, showQuarter } from "./scrolling.js";
import { boxOf, GUTTER, isInside, RULER, rowsOf } from "./state/geometry.js";
import { barAt, leadIn, notesBetween } from "./state/music.js";
import { wheelZoom } from "./state/pinch.js";
import { nowQuarter } from "./state/playhead.js";
import { barText, pitchName } from "./state/words.js";
import { listenToTouch } from "./touch.js";
import { announce } from "./view.js";

const ZOOM_STEP = 1.35;

const choose = (view, index) => {
  const { state, trigger } = view;
  if (index < 0 || index >= state.takes.length || index === state.selected) return;
  state.selected = index;
  refresh(view);
  loadSound(view);
  announce(view, t("Continuation {number}", { number: index + 1 }));
  trigger("pick", { take: index });
};

const goHome = (view) => {
  seek(view, 0);
  showQuarter(view, 0, 0);
};

const goToSeam = (view) => {
  if (!view.state.takes.length) return;
  seek(view, view.state.seam);
  showQuarter(view, view.state.seam, 0.25);
};

const playFromSeam = (view) => {
  seek(view, leadIn(view.state));
  showQuarter(view, view.state.seam, 0.25);
  play(view);
};

const stepBar = (view, by) => {
  const { state } = view;
  if (!state.all.length) return;
  const here = barAt(state, nowQuarter(view) + 0.01);
  const index = Math.min(state.all.length - 1, Math.max(0, here + by));
  const { start } = state.all[index];
  seek(view, start);
  if (!isInSight(view, start, 0.85)) showQuarter(view, start, 0.2);
  announce(view, barText(state, index));
};

const zoomIn = (view) => setZoom(view, view.state.zoom * ZOOM_STEP);
const zoomOut = (view) => setZoom(view, view.state.zoom / ZOOM_STEP);

export const KEYS = {
  Enter: (view) => {
    pause(view);
    goHome(view);
  },
  Home: goHome,
  End: goToSeam,
  ArrowLeft: (view) => stepBar(view, -1),
  ArrowRight: (view) => stepBar(view, 1),
  l: toggleLoop,
  k: toggleClick,
  "+": zoomIn,
  "=": zoomIn,
  "-": zoomOut,
  Escape: letGo,
  1: (view) => choose(view, 0),
  2: (view) => choose(view, 1),
  3: (view) => choose(view, 2),
  4: (view) => choose(view, 3),
};
export const WITH_SHIFT = {
  ArrowLeft: (view) => extendChosen(view, -1),
  ArrowRight: (view) => extendChosen(view, 1),
};

const listenToKeys = (view) => {
  view.root.addEventListener("keydown", (event) => {
    const inControl = event.target.closest("button, summary, input, select, textarea");
    const act =
      (event.shiftKey && WITH_SHIFT[event.key]) || KEYS[event.key.toLowerCase()] || KEYS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !act) return;
    if (inControl && event.key === "Enter") return;
    if (event.target.closest("input")) return; // a slider has arrow keys of its own
    event.preventDefault();
    act(view);
  });
};

const xUnder = ({ canvas }, event) => event.clientX - canvas.getBoundingClientRect().left;

const listenToScrolling = (view) => {
  const { canvas, scroll, state } = view;
  canvas.addEventListener("click", (event) => {
    const x = xUnder(view, event);
    if (!view.drag?.isFar && x >= GUTTER && state.name) seek(view, quarterInView(view, x));
  });
  const zoom = (event) => {
    if (!state.name || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    setZoom(view, state.zoom * wheelZoom(event.deltaY), xUnder(view, event));
  };
  scroll.addEventListener("wheel", zoom, { passive: false });
  scroll.addEventListener("scroll", () => schedule(view), { passive: true });
  const stay = () => {
    state.follow = false;
  };
  for (const name of ["pointerdown", "wheel", "touchstart"]) {
    scroll.addEventListener(name, stay, { passive: true });
  }
};

const noteAt = (view, x, y) => {
  const { state } = view;
  const rows = rowsOf(state, view.canvas.clientHeight);
  const quarter = quarterInView(view, x);
  return [state.given, state.made]
    .flatMap((notes) => notesBetween(notes, quarter - 0.3, quarter + 0.3))
    .filter((note) => !state.hidden.has(note.part))
    .findLast((note) => isInside(x, y, boxOf(note, state, rows, view.scroll.scrollLeft)));
};

const tipText = (state, note) => {
  const part = state.index.get(note.part);
  const pitch = part.drum ? "" : `  ${pitchName(note.pitch)}`;
  const bar = t("bar {number}", { number: barAt(state, note.start) + state.firstNumber });
  return `${part.name}${pitch}  ${bar}`;
};

const listenToHovering = (view) => {
  const { canvas, state } = view;
  const tip = view.part("tip");
  canvas.addEventListener("pointermove", (event) => {
    if (!state.name || event.pointerType !== "mouse") return;
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const note = noteAt(view, x, y);
    const canMark = state.mostAgain && y < RULER && x >= GUTTER;
    if (view.drag?.isHeld || (!note && !canMark)) {
      tip.style.opacity = 0;
      return;
    }
    tip.textContent = canMark ? t("Drag over bars to write them again") : tipText(state, note);
    tip.style.opacity = 1;
    const left = Math.min(x + 12, box.width - tip.offsetWidth - 4);
    tip.style.transform = `translate(${left}px,${Math.max(2, y - 28)}px)`;
  });
  canvas.addEventListener("pointerleave", () => {
    tip.style.opacity = 0;
  });
};

const listenToButtons = (view) => {
  const { part } = view;
  const acts = {
    play: playPause,
    home: goHome,
    seam: playFromSeam,
    in: zoomIn,
    out: zoomOut,
    fit: () => {
      setZoom(view, 0);
      showQuarter(view, 0, 0);
    },
  };
  for (const [name, act] of Object.entries(acts)) {
    part(name).addEventListener("click", () => act(view));
  }
  part("takes").addEventListener("click", (event) => {
    const button = event.target.closest("[data-take]");
    if (button) choose(view, Number(button.dataset.take));
  });
  part("details").addEventListener("toggle", () => {
    if (part("details").open) writeText(view);
  });
};

const openDropped = async ({ part, trigger, upload }, event) => {
  const file = event.dataTransfer.files[0];
  if (!file) return;
  event.preventDefault();
  part("status").textContent = t("Reading {name}…", { name: file.name });
  try {
    const { path } = await upload(file);
    trigger("bring", { path });
  } catch (error) {
    const lost = t("The file did not arrive. Is it larger than 5 MB?");
    part("status").textContent = refusalOf(error) || lost;
  }
};

export const listenToGestures = (view) => {
  listenToKeys(view);
  listenToScrolling(view);
  listenToTouch(view);
  listenToHovering(view);
  listenToButtons(view);
  acceptDrops(view.root, (event) => openDropped(view, event));
};
