import assert from "node:assert/strict";
import { test } from "node:test";
import { shortLabels } from "../../ui/static/compose/roll/state/part_names.js";

const parts = (...names) => names.map((name, number) => ({ number, name, short: name }));
const labelled = (...names) => [...shortLabels(parts(...names)).values()];

test("a few parts keep their names, and those alike are counted", () => {
  assert.deepEqual(labelled("Acoustic Grand Piano", "Viola", "Viola"), [
    "Acoustic Grand Piano",
    "Viola",
    "Viola 2",
  ]);
});

test("many parts have labels that are short and tell them apart", () => {
  const many = ["Acoustic Guitar (nylon)", "Distortion Guitar", "String Ensemble 1", "Oboe"];
  const labels = labelled(...many, ...many, "Distortion Guitar");
  assert.ok(labels.every((label) => label.length <= 16));
  assert.equal(new Set(labels).size, labels.length);
  assert.equal(labels[3], "Oboe");
});
