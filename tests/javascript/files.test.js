import assert from "node:assert/strict";
import { test } from "node:test";
import { filesText, musicOf, objection } from "../../ui/static/training/music/files.js";

const LIMITS = { most_files: 2, most_bytes: 3e6 };
const file = (name, size = 1) => ({ name, file: { size } });

test("music is known by its name", () => {
  const all = ["a.MID", "b/c.kar", "d.zip", "e.mid.txt", "mid"].map((name) => file(name));
  assert.deepEqual(
    musicOf(all).map((one) => one.name),
    ["a.MID", "b/c.kar", "d.zip"],
  );
});

test("what cannot be brought is said with the limit", () => {
  assert.equal(objection([file("a.mid")], LIMITS), "");
  assert.match(objection([], LIMITS), /no MIDI file/);
  assert.match(
    objection(
      ["a", "b", "c"].map((one) => file(one)),
      LIMITS,
    ),
    /^3 files .* 2 files/,
  );
  assert.match(objection([file("a.mid", 4.2e6)], LIMITS), /^This is 5 MB; up to 3 MB/);
});

test("one is not many", () => {
  assert.deepEqual([filesText(1), filesText(1200)], ["1 file", "1,200 files"]);
});
