import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf } from "../../ui/static/refusal.js";

test("a refusal of the app is said in its words", () => {
  const detail = "You hold as much on this machine as one visitor may.";
  const said = `HTTP 507: ${JSON.stringify({ detail, hint: "x" })}`;
  assert.match(refusalOf(new Error(said)), /^You hold as much .*come again tomorrow\.$/);
  const full = { detail: "The disk of this machine is nearly full, so nothing can be …" };
  assert.match(refusalOf(new Error(`HTTP 507: ${JSON.stringify(full)}`)), /^The disk .* now\.$/);
});

test("where nothing is known of it, nothing is said", () => {
  for (const one of [undefined, new Error("Failed to fetch"), new Error('{"detail":"Other."}')]) {
    assert.equal(refusalOf(one), "");
  }
});
