import assert from "node:assert/strict";
import { test } from "node:test";
import { dayText, factsText, pathsOf } from "../../ui/static/compose/recent/rows.js";
import { stepOf } from "../../ui/static/compose/takes/keys.js";
import { countText, hereOf } from "../../ui/static/compose/takes/rows.js";

const press = (key, held = {}) => ({ key, ...held });

test("undo and redo have the keys of other programs", () => {
  assert.equal(stepOf(press("z", { ctrlKey: true })), -1);
  assert.equal(stepOf(press("Z", { ctrlKey: true, shiftKey: true })), 1);
  assert.equal(stepOf(press("z", { metaKey: true })), -1);
  assert.equal(stepOf(press("y", { ctrlKey: true })), 1);
  for (const other of [press("z"), press("z", { ctrlKey: true, altKey: true }), press("x")]) {
    assert.equal(stepOf(other), 0);
  }
});

test("versions are counted without the piece itself", () => {
  assert.equal(countText([{ id: 0 }, { id: 4 }]), "1 version");
  assert.equal(countText([{ id: 0 }, { id: 4 }, { id: 5 }]), "2 versions");
  assert.equal(countText([{ id: 0 }, { revision: 7 }, { id: 5 }]), "2 versions");
});

test("what is looked at is here, and what is continued where no version is", () => {
  const [original, version] = [
    { id: 0, present: true },
    { id: 4, shown: true },
  ];
  assert.equal(hereOf([original, version]), version);
  assert.equal(hereOf([original, { id: 5 }]), original);
  assert.equal(hereOf([]), undefined);
});

test("a thumbnail has a path for each part", () => {
  const paths = pathsOf([
    [0, 2, 4, 0],
    [4, 3, 1, 1],
    [5, 2, 4, 0],
  ]);
  assert.deepEqual(paths, [
    [0, "M0 2.5h4M5 2.5h4"],
    [1, "M4 3.5h1"],
  ]);
});

test("a day is said as one says it", () => {
  const now = new Date(2026, 2, 1, 10, 0);
  const seconds = (...at) => new Date(...at).getTime() / 1000;
  assert.match(dayText(seconds(2026, 2, 1, 0, 5), now), /^today/);
  assert.match(dayText(seconds(2026, 1, 28, 23, 59), now), /^yesterday/);
  assert.match(dayText(seconds(2025, 11, 31, 12, 0), now), /2025/);
  const piece = { key: "", bars: 1, used_s: seconds(2026, 2, 1, 9, 0) };
  assert.match(factsText(piece, now), /^1 bar · today/);
});
