import assert from "node:assert/strict";
import { test } from "node:test";
import { isAsked, nameOf } from "../../ui/static/compose/links/rows.js";

const file = { url: "/file" };

test("a file that is there is a link, one that can be made is asked for", () => {
  assert.equal(isAsked({ kind: "picture", audio: false, file }, false), false);
  assert.equal(isAsked({ kind: "picture", audio: false, file: null }, false), true);
  assert.equal(isAsked({ kind: "", audio: false, file: null }, false), false);
});

test("audio as it is heard is asked for, whatever is there", () => {
  assert.equal(isAsked({ kind: "wav", audio: true, file }, true), true);
  assert.equal(isAsked({ kind: "wav", audio: true, file }, false), false);
  assert.equal(isAsked({ kind: "picture", audio: false, file }, true), false);
  assert.equal(isAsked({ kind: "", audio: true, file: null }, true), false);
});

test("audio as it is heard says so", () => {
  assert.equal(nameOf({ label: "MP3", audio: true }, true), "MP3, as heard");
  assert.equal(nameOf({ label: "Picture", audio: false }, true), "Picture");
});
