// Notes are locked, or let go; the app hears of it.

import { t, tn } from "../../../language.js";
import { schedule } from "../drawing.js";
import { announce } from "../view.js";
import { allNotes, packedLock, toggledLocks } from "./lock_values.js";

export const MOST_LOCKS = 2000;

export const sendLocks = ({ state, trigger }) =>
  trigger("lock", { notes: state.locks.map(packedLock), take: state.selected });

const tell = (view, text) => {
  view.part("status").textContent = text;
  announce(view, text);
  schedule(view);
};

// Lock notes, or let them go.
export const toggleLocks = (view, targets) => {
  const { state } = view;
  if (!targets.length) return tell(view, t("Nothing selected"));
  const before = state.locks.length;
  const next = toggledLocks(state.locks, targets, allNotes(view));
  if (next.length > MOST_LOCKS) {
    return tell(view, t("At most {most} notes can be locked.", { most: MOST_LOCKS }));
  }
  state.locks = next;
  sendLocks(view);
  const by = next.length - before;
  return tell(
    view,
    by > 0
      ? tn("{count} note locked", "{count} notes locked", by)
      : tn("{count} note let go", "{count} notes let go", -by),
  );
};
