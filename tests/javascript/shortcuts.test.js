import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, WITH_SHIFT } from "../../ui/static/compose/roll/gestures.js";
import { keyName, SHORTCUTS } from "../../ui/static/compose/shortcuts/list.js";

const listed = (withShift) =>
  SHORTCUTS.filter(({ shift, anywhere }) => !anywhere && Boolean(shift) === withShift)
    .flatMap(({ keys, also = [] }) => [...keys, ...also])
    .sort();

test("the sheet has every key that the roll listens to, and no other", () => {
  assert.deepEqual(listed(false), Object.keys(KEYS).sort());
  assert.deepEqual(listed(true), Object.keys(WITH_SHIFT).sort());
});

test("keys are called as they are printed", () => {
  assert.deepEqual([" ", "ArrowLeft", "Home", "-"].map(keyName), ["Space", "←", "Home", "−"]);
});
