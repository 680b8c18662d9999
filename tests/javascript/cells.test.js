import assert from "node:assert/strict";
import { test } from "node:test";
import { cellOf } from "../../ui/static/training/runs/cells.js";

const SAMPLES = {
  prompts: ["Band", "Piano"],
  rows: [
    { label: "Step 200", cells: [null, { key: "b" }] },
    { label: "Before training", cells: [{ key: "c" }, null] },
  ],
};

test("a sample is found with its words and its column", () => {
  assert.deepEqual(cellOf(SAMPLES, "b"), {
    cell: { key: "b" },
    column: 1,
    words: "Step 200, Piano",
  });
  assert.equal(cellOf(SAMPLES, "c").column, 0);
  assert.equal(cellOf(SAMPLES, "gone"), undefined);
});
