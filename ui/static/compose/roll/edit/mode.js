// The edit mode, which is off until the musician turns it on.

import { t } from "../../../language.js";
import { schedule } from "../drawing.js";
import { announce } from "../view.js";
import { placeCursor, tellCursor } from "./actions.js";
import { afterMessage, newEditing } from "./editing.js";
import { listenToEditKeys } from "./keys.js";
import { listenToEditPointer } from "./pointer.js";
import { fillToolbar } from "./toolbar.js";

// Returns what is to be called after each message of the app.
export const listenToEditing = (view) => {
  const { part, root } = view;
  view.editing = newEditing();
  const showParts = fillToolbar(view);
  view.editing.partChanged = showParts;
  const show = () => {
    const { editing, state } = view;
    if (!state.name) editing.on = false;
    part("edit").disabled = !state.name;
    part("edit").setAttribute("aria-pressed", String(editing.on));
    part("editbar").hidden = !editing.on;
    root.dataset.editing = String(editing.on);
    showParts();
    schedule(view);
  };
  const toggle = () => {
    const { editing } = view;
    editing.on = !editing.on;
    editing.chosen = [];
    if (editing.on) {
      placeCursor(view);
      tellCursor(view);
      view.canvas.focus({ preventScroll: true });
    } else {
      view.canvas.style.cursor = "";
      announce(view, t("Editing is off"));
    }
    show();
  };
  part("edit").addEventListener("click", toggle);
  listenToEditKeys(view, toggle);
  listenToEditPointer(view);
  root.editing = view.editing; // for tests and for the curious
  show();
  return () => {
    afterMessage(view);
    show();
  };
};
