import assert from "node:assert/strict";
import { test } from "node:test";
import { wantedBy } from "../../ui/static/listening/keys.js";
import { tally } from "../../ui/static/listening/summary.js";

const press = (key, onto = "body", held = {}) => wantedBy({ key, ...held }, onto);

test("A, B, the space bar and numbers are all that is needed", () => {
  assert.deepEqual(press("a"), { hear: "a" });
  assert.deepEqual(press("B"), { hear: "b" });
  assert.deepEqual(press(" "), { play: true });
  assert.deepEqual(press("s"), { seam: true });
  assert.deepEqual(press("1"), { question: "liked", answer: "a" });
  assert.deepEqual(press("5"), { question: "real", answer: "" });
  assert.deepEqual(press("6"), { question: "real", answer: "b" });
  assert.deepEqual(press("Enter"), { next: true });
});

test("a button takes its own keys, and the browser those with Ctrl", () => {
  assert.equal(press(" ", "button"), null);
  assert.equal(press("Enter", "button"), null);
  assert.deepEqual(press(" ", "input"), { play: true });
  assert.equal(press("s", "body", { ctrlKey: true }), null);
  assert.equal(press("x"), null);
  assert.equal(press("7"), null);
});

test("who is undecided has neither found out nor been taken in", () => {
  const pairs = [
    { true: "a", vote: { liked: "a", real: "a" } },
    { true: "a", vote: { liked: "b", real: "b" } },
    { true: "b", vote: { liked: "", real: "" } },
  ];
  assert.deepEqual(tally(pairs), { pairs: 3, found: 1, fooled: 1, likedWritten: 1, likedReal: 1 });
});
