// The state of editing, and the one way in which notes are changed: at once on the page, and then by
// the app, whose answer counts.

import { t } from "../../../language.js";
import { refresh } from "../refresh.js";
import { messageOf } from "../state/message.js";
import { announce } from "../view.js";
import { after, applied, asMessage, composed, MOST_CHANGES, rebased } from "./changes.js";
import { selectionText } from "./cursor.js";
import { followedLocks } from "./lock_values.js";
import { sendLocks } from "./locks.js";
import { byStart, found } from "./notes.js";

export const newEditing = () => ({
  on: false,
  chosen: [], // notes
  cursor: { quarter: 0, pitch: 60, part: -1 },
  grid: 0.25, // in quarters
  clipboard: [], // notes
  drag: null, // see `pointer.js`
  number: 0, // of the edit that was sent last
  isSent: false, // and is not answered yet
  waiting: [], // changes made since
});

// The notes that are shown and heard, but for parts that are hidden.
export const shownNotes = ({ state }) =>
  [...state.given.notes, ...state.made.notes].filter(({ part }) => !state.hidden.has(part));

const say = (view, text) => {
  view.part("status").textContent = text;
};

// The take that is looked at is what is edited, so from now on it is the piece.
const takeAsPiece = (state) => {
  if (!state.takes.length) return;
  const notes = [...state.given.notes, ...state.made.notes].sort(byStart);
  Object.assign(state, {
    notes,
    bars: [...state.all.map(({ start }) => start), state.end],
    chords: state.all.map(({ chord }) => chord),
    clock: state.takeClock || state.clock,
    seam: state.end,
    takes: [],
    gap: null,
    planned: 0,
    chosen: null,
  });
};

const send = (view) => {
  const { editing, state, trigger } = view;
  if (editing.isSent || !editing.waiting.length) return;
  editing.number += 1;
  editing.isSent = true;
  const changes = asMessage(editing.waiting);
  editing.waiting = [];
  trigger("edit", { changes, number: editing.number, take: state.selected });
};

// Make changes; what comes of them is chosen, or `chosen`. Returns whether they could be made.
export const perform = (view, changes, chosen = after(changes)) => {
  const { editing, state } = view;
  if (!changes.length) return false;
  if (state.composing) {
    say(view, t("Bars are being written. Wait for them, or cancel."));
    return false;
  }
  if (changes.length > MOST_CHANGES) {
    say(view, t("At most {most} notes are changed at once. Select fewer.", { most: MOST_CHANGES }));
    return false;
  }
  takeAsPiece(state);
  const locks = followedLocks(state.locks, changes, state.notes);
  state.notes = applied(state.notes, changes);
  editing.waiting = composed(editing.waiting, changes);
  editing.chosen = chosen;
  if (locks !== state.locks) {
    state.locks = locks;
    sendLocks(view);
  }
  refresh(view);
  send(view);
  return true;
};

export const choose = (view, chosen) => {
  view.editing.chosen = chosen;
  announce(view, selectionText(view.state, chosen));
};

// A message has come: what was changed since the edit that it answers is made again on top of it.
export const afterMessage = (view) => {
  const { editing, state, props } = view;
  const message = messageOf(props.value);
  if (message?.kind !== "piece" && message?.kind !== "empty") return;
  const isAnswer = message.edited === editing.number;
  if (editing.isSent && "edited" in message && !isAnswer && message.edited !== null) return;
  editing.isSent = false;
  editing.waiting =
    isAnswer && message.kind === "piece" ? rebased(editing.waiting, state.notes) : [];
  if (editing.waiting.length) {
    state.notes = applied(state.notes, editing.waiting);
    refresh(view);
  }
  editing.chosen = found(editing.chosen, shownNotes(view));
  if (!state.index.has(editing.cursor.part)) editing.cursor.part = state.parts[0]?.number ?? -1;
  send(view);
};
