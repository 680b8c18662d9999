// A few shorthands for the document, for every component.

export const make = (tag, className = "", text = undefined) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

export const makeButton = (className, text) => {
  const button = make("button", className, text);
  button.type = "button";
  return button;
};

// Text is only touched when it changes: a screen reader would say it again.
export const write = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

// Rebuilding a group of buttons must not take the focus away from the one that has it. Where that is
// gone, it goes to the first of the same row, or of the row that is now in its place.
export const replaceKeepingFocus = (parent, children) => {
  const held = document.activeElement;
  const key = held && parent.contains(held) ? held.dataset.key : null;
  const place = [...parent.children].findIndex((row) => row.contains(held));
  parent.replaceChildren(...children);
  if (!key) return;
  const keyed = [...parent.querySelectorAll("[data-key]")].filter((node) => !node.disabled);
  const ofRow = key.slice(key.indexOf(":"));
  const row = parent.children[Math.min(place, parent.children.length - 1)];
  const again =
    keyed.find((node) => node.dataset.key === key) ??
    keyed.find((node) => node.dataset.key.endsWith(ofRow)) ??
    keyed.find((node) => row?.contains(node));
  again?.focus({ preventScroll: true });
};

// Files may be dropped on `root`, which says so while they hover over it.
export const acceptDrops = (root, drop) => {
  root.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    root.dataset.drop = "yes";
  });
  root.addEventListener("dragleave", (event) => {
    if (!root.contains(event.relatedTarget)) delete root.dataset.drop;
  });
  root.addEventListener("drop", (event) => {
    delete root.dataset.drop;
    drop(event);
  });
};

// A name that a browser remembers, if it may; `storage` is "localStorage" or "sessionStorage".
export const remember = (storage, key, name) => {
  try {
    window[storage].setItem(key, name);
  } catch {
    // a private window
  }
};

export const remembered = (storage, key) => {
  try {
    return window[storage].getItem(key) || "";
  } catch {
    return ""; // a private window
  }
};

const BROWSER = "meloformer-browser";
const SECRET_BYTES = 16;

// The name by which this browser finds its library again where nobody logs in: as good as a password.
export const browserName = () => {
  const known = remembered("localStorage", BROWSER);
  if (known) return known;
  const bytes = window.crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const name = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  remember("localStorage", BROWSER, name);
  return name;
};

export const whenThemeChanges = (show) => {
  const options = { attributes: true, attributeFilter: ["class"] };
  new MutationObserver(show).observe(document.body, options);
};
