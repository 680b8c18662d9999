// The sheet of shortcuts. A question mark opens it wherever nothing is typed.

import { make } from "../../dom.js";
import { keepFocus } from "../../focus.js";
import { t } from "../../language.js";
import { letKeysGo } from "../../sliders.js";
import { mendToasts } from "../../toasts.js";
import { EDIT_SHORTCUTS, keyName, SHORTCUTS } from "./list.js";

const TYPED = "textarea, select, [contenteditable], input:not([type=range], [type=radio])";

const headingOf = (text) => {
  const row = make("tr");
  const heading = make("th");
  heading.colSpan = 2;
  heading.append(make("strong", "", text));
  row.append(heading);
  return row;
};

const rowOf = ({ keys, shift, with: held, does }) => {
  const row = make("tr");
  const names = make("th");
  names.scope = "row";
  const before = shift ? ["Shift"] : held ? [held] : [];
  const shown = [...before, ...keys.map(keyName)];
  names.append(...shown.map((name) => make("kbd", "", name)));
  row.append(names, make("td", "", does));
  return row;
};

export const mount = (element) => {
  const part = (name) => element.querySelector(`[data-mk="${name}"]`);
  const sheet = part("sheet");
  let before = null; // what had the focus
  const open = () => {
    if (sheet.open) return;
    before = document.activeElement;
    sheet.showModal();
  };
  part("rows").append(
    ...SHORTCUTS.map(rowOf),
    headingOf(t("While notes are edited")),
    ...EDIT_SHORTCUTS.map(rowOf),
  );
  part("open").addEventListener("click", open);
  part("close").addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) sheet.close(); // beside it
  });
  sheet.addEventListener("close", () => {
    const back = before && before !== document.body && before.isConnected ? before : part("open");
    back.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    const isSeen = element.getClientRects().length > 0; // its tab is the one in front
    if (key !== "?" || ctrlKey || metaKey || altKey || !isSeen || target.closest?.(TYPED)) return;
    event.preventDefault();
    if (sheet.open) sheet.close();
    else open();
  });
  letKeysGo(document);
  keepFocus(document);
  mendToasts(document);
};
