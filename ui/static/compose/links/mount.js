// Files to take away. What is there is a plain link, left alone while it does not change: it may
// just be clicked. What is made on demand is a button; the file is saved when it arrives.

import { make, makeButton, write } from "../../dom.js";
import { offerDrag } from "./dragging.js";
import { isAsked, nameOf } from "./rows.js";

const newLink = () => {
  const link = make("a");
  link.setAttribute("role", "link");
  offerDrag(link);
  return link;
};

const fillLink = (link, { name, file }) => {
  const url = file ? file.url : "";
  if (!url) {
    link.removeAttribute("href");
    link.setAttribute("aria-disabled", "true");
  } else if (link.href !== new URL(url, document.baseURI).href) {
    link.href = url;
    link.download = name;
    link.removeAttribute("aria-disabled");
  }
};

const save = ({ name, file }) => {
  const link = make("a");
  link.href = file.url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
};

export const mount = (element, { props, trigger, watch }) => {
  const list = element.querySelector('[data-ml="links"]');
  const mixed = element.querySelector('[data-ml="mixed"]');
  const box = mixed.querySelector("input");
  let saved = "";

  const ask = (button) => {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    trigger("ask", { kind: button.dataset.kind, as_heard: !mixed.hidden && box.checked });
  };

  const nodeFor = (row, index, asHeard) => {
    const asked = isAsked(row, asHeard);
    const old = list.children[index];
    if (old && (old.tagName === "BUTTON") === asked) return old;
    const node = asked ? makeButton("", "") : newLink();
    if (asked) node.addEventListener("click", () => ask(node));
    const hadFocus = old && old === document.activeElement;
    if (old) old.replaceWith(node);
    else list.append(node);
    if (hadFocus) node.focus({ preventScroll: true });
    return node;
  };

  const show = () => {
    const { links = [], mixed: isMixed = false } = props.value || {};
    mixed.hidden = !isMixed;
    const asHeard = isMixed && box.checked;
    links.forEach((row, index) => {
      const node = nodeFor(row, index, asHeard);
      write(node, nameOf(row, asHeard));
      if (node.tagName === "BUTTON") {
        node.dataset.kind = row.kind;
        node.removeAttribute("aria-busy");
      } else {
        fillLink(node, row);
      }
    });
  };

  const receive = () => {
    show();
    const { made } = props.value || {};
    if (made?.file && made.file.url !== saved) {
      saved = made.file.url;
      save(made);
    }
  };
  box.addEventListener("change", show);
  watch("value", receive);
  show();
};
