// The recent pieces. `props.value` is a message of `recent.py`.

import { replaceKeepingFocus, whenThemeChanges, write } from "../../dom.js";
import { isDark } from "../colours.js";
import { rowElement } from "./rows.js";

export const mount = (element, { props, trigger, watch }) => {
  const part = (name) => element.querySelector(`[data-mr="${name}"]`);
  let asking = null; // the id of the piece that may be deleted
  let wasEmpty = null;

  const show = () => {
    const value = props.value || {};
    const pieces = value.pieces || [];
    const root = part("root");
    root.hidden = pieces.length === 0;
    // Beside a piece that is open, others are out of the way.
    if (Boolean(value.empty) !== wasEmpty) {
      wasEmpty = Boolean(value.empty);
      root.open = wasEmpty;
    }
    const look = { asking, dark: isDark(element) };
    replaceKeepingFocus(
      part("pieces"),
      pieces.map((piece) => rowElement(piece, value, look)),
    );
    write(part("count"), String(pieces.length));
    write(part("size"), value.size || "");
    part("size").toggleAttribute("data-full", Boolean(value.nearly_full));
  };

  const ask = (piece) => {
    asking = piece;
    show();
    const key = piece === null ? "" : `[data-key="spare:${piece}"]`;
    if (key) part("pieces").querySelector(key)?.focus();
  };
  part("pieces").addEventListener("click", ({ target }) => {
    const button = target.closest("[data-act]");
    if (!button) return;
    const piece = Number(button.dataset.piece);
    const { act } = button.dataset;
    if (act === "ask") ask(piece);
    else if (act === "spare") {
      ask(null);
      part("pieces").querySelector(`[data-key="ask:${piece}"]`)?.focus();
    } else {
      asking = null;
      trigger(act, { piece });
    }
  });
  whenThemeChanges(show);
  watch("value", show);
  show();
};
