import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf } from "../../ui/static/refusal.js";

test("a refusal is said in the words that came with it", () => {
  const said = 'HTTP 507: {"detail":"Too much.","hint":"Delete some."}';
  assert.equal(refusalOf(new Error(said)), "Too much. Delete some.");
  assert.equal(refusalOf(new Error('HTTP 413: {"detail":"Too long."}')), "Too long.");
});

test("where nothing was said, nothing is", () => {
  for (const one of [undefined, new Error("Failed to fetch"), new Error("{"), new Error("{}")]) {
    assert.equal(refusalOf(one), "");
  }
  assert.equal(refusalOf(new Error('{"detail": [1]}')), "");
});
