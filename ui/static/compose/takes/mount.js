// The list of versions. `props.value` is {rows, can_undo, can_redo, busy}; see `take_tree.py`.

import { replaceKeepingFocus } from "../../dom.js";
import { inOrder } from "../../events.js";
import { isTyping, stepOf } from "./keys.js";
import { countText, hereOf, rowElement } from "./rows.js";

export const mount = (element, { props, trigger: send, watch }) => {
  const trigger = inOrder(send);
  const part = (name) => element.querySelector(`[data-mt="${name}"]`);
  let renaming = null; // the id of the version whose name is being typed

  const rows = () => props.value?.rows || [];
  const show = () => {
    const look = { busy: Boolean(props.value?.busy), renaming, here: hereOf(rows()) };
    part("root").hidden = rows().length === 0;
    part("count").textContent = countText(rows());
    replaceKeepingFocus(
      part("rows"),
      rows().map((row) => rowElement(row, look)),
    );
  };

  const rename = (take, name) => {
    if (renaming === null) return;
    renaming = null;
    if (name === null) show();
    else trigger("rename", { take, name });
    part("rows").querySelector(`[data-key="rename:${take}"]`)?.focus();
  };
  const startRenaming = (take) => {
    renaming = take;
    show();
    const field = part("rows").querySelector("input");
    field.focus();
    field.select();
  };

  part("rows").addEventListener("click", ({ target }) => {
    const button = target.closest("[data-act]");
    if (!button) return;
    const { act, revision } = button.dataset;
    const take = Number(button.dataset.take);
    if (revision) trigger(act, { revision: Number(revision) });
    else if (act === "rename") startRenaming(take);
    else if (act === "star") {
      trigger("star", { take, starred: button.getAttribute("aria-pressed") !== "true" });
    } else trigger(act, { take });
  });
  part("rows").addEventListener("keydown", (event) => {
    const { named } = event.target.dataset;
    if (named === undefined || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    rename(Number(named), event.key === "Enter" ? event.target.value : null);
  });
  part("rows").addEventListener("focusout", ({ target }) => {
    if (target.dataset.named !== undefined) rename(Number(target.dataset.named), target.value);
  });
  document.addEventListener("keydown", (event) => {
    const by = stepOf(event);
    if (!by || isTyping(event.target) || props.value?.busy) return;
    if (!(by < 0 ? props.value?.can_undo : props.value?.can_redo)) return;
    event.preventDefault();
    trigger("step", { by });
  });
  watch("value", () => {
    // What is being typed stays; the list is drawn anew when that is done.
    if (renaming !== null && document.activeElement?.dataset.named !== undefined) return;
    renaming = null;
    show();
  });
  show();
};
