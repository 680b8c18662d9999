import assert from "node:assert/strict";
import { test } from "node:test";
import { EDIT_KEYS } from "../../ui/static/compose/roll/edit/keys.js";
import { KEYS, WITH_SHIFT } from "../../ui/static/compose/roll/gestures.js";
import { EDIT_SHORTCUTS, keyName, SHORTCUTS } from "../../ui/static/compose/shortcuts/list.js";

const listed = (withShift) =>
  SHORTCUTS.filter(({ shift, anywhere }) => !anywhere && Boolean(shift) === withShift)
    .flatMap(({ keys, also = [] }) => [...keys, ...also])
    .sort();

test("the sheet has every key that the roll listens to, and no other", () => {
  assert.deepEqual(listed(false), Object.keys(KEYS).sort());
  assert.deepEqual(listed(true), Object.keys(WITH_SHIFT).sort());
});

test("the sheet has every key of the edit mode, and no other", () => {
  const keys = EDIT_SHORTCUTS.flatMap(({ keys, also = [], with: held }) =>
    [...keys, ...also].map((key) => (held ? `${held}+${key}` : key)),
  );
  assert.deepEqual(keys.sort(), Object.keys(EDIT_KEYS).sort());
});

test("keys are called as they are printed", () => {
  assert.deepEqual([" ", "ArrowLeft", "Home", "-"].map(keyName), ["Space", "←", "Home", "−"]);
});
