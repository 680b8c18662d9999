// Plain links to files. A link that has not changed is left alone: it may just be clicked.

import { make } from "../../dom.js";

const newAnchor = (list) => {
  const anchor = make("a");
  anchor.setAttribute("role", "link");
  list.append(anchor);
  return anchor;
};

const fill = (anchor, { label, name, file }) => {
  anchor.textContent = label;
  const url = file ? file.url : "";
  if (!url) {
    anchor.removeAttribute("href");
    anchor.setAttribute("aria-disabled", "true");
  } else if (anchor.href !== new URL(url, document.baseURI).href) {
    anchor.href = url;
    anchor.download = name;
    anchor.removeAttribute("aria-disabled");
  }
};

export const mount = (element, { props, watch }) => {
  const list = element.querySelector('[data-ml="links"]');
  const show = () => {
    const links = props.value?.links || [];
    links.forEach((link, index) => {
      fill(list.children[index] || newAnchor(list), link);
    });
  };
  watch("value", show);
  show();
};
