import assert from "node:assert/strict";
import { test } from "node:test";
import { mix, newMixer, paint } from "../../ui/static/compose/colours.js";

test("colours are mixed by their share", () => {
  assert.equal(mix("#ff0000", "#000000", 1), "rgb(255,0,0)");
  assert.equal(mix("#ff0000", "#0000ff", 0.5), "rgb(128,0,128)");
  const mixer = newMixer();
  for (const share of [0, 0.3, 0.3]) {
    assert.equal(mixer("#0072B2", "#ffffff", share), mix("#0072B2", "#ffffff", share));
  }
});

test("ink is dark on paper and bright at night", () => {
  assert.equal(paint("ink", false), "#26272b");
  assert.equal(paint("ink", true), "#f5f5f7");
  assert.equal(paint("#0072B2", true), "#0072B2");
});
