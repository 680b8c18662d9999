import assert from "node:assert/strict";
import { test } from "node:test";
import { downloadUrl } from "../../ui/static/compose/links/dragging.js";

test("a file that is dragged says its type, its name and its address", () => {
  const address = "http://127.0.0.1:7860/files/band.mid";
  assert.equal(downloadUrl("band.mid", address), `audio/midi:band.mid:${address}`);
  assert.ok(downloadUrl("band.WAV", address).startsWith("audio/wav:band.WAV:"));
});

test("a colon in a name does not end it, and an unknown ending is a file all the same", () => {
  assert.equal(downloadUrl("a:b.xyz", "u"), "application/octet-stream:a_b.xyz:u");
});
