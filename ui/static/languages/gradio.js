// Labels of Gradio's own components that only screen readers say, and that Gradio has in English only.

import { t } from "../language.js";

const LABELS = [
  [/^number input for (.+)$/, (label) => t("number input for {label}", { label })],
  [/^range slider for (.+)$/, (label) => t("range slider for {label}", { label })],
  [/^Reset to default value$/, () => t("Reset to default value")],
  [/^Click to upload or drop files$/, () => t("Click to upload or drop files")],
];
const NAMES = ["aria-label", "title"];

const said = (text) => {
  for (const [pattern, say] of LABELS) {
    const found = text?.match(pattern);
    if (found) return say(found[1]);
  }
  return text;
};

const translate = (node) => {
  for (const name of NAMES) {
    const text = node.getAttribute(name);
    if (said(text) !== text) node.setAttribute(name, said(text));
  }
};

const translateAll = (root) => {
  if (root.nodeType !== Node.ELEMENT_NODE) return;
  translate(root);
  for (const node of root.querySelectorAll(NAMES.map((name) => `[${name}]`).join()))
    translate(node);
};

export const translateGradio = () => {
  translateAll(document.body);
  const observer = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") translate(target);
      else for (const node of addedNodes) translateAll(node);
    }
  });
  const options = { subtree: true, childList: true, attributes: true, attributeFilter: NAMES };
  observer.observe(document.body, options);
};
