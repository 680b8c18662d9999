// The focus never falls to the body. What has it may be disabled, hidden or taken away; then whatever
// comes next for the musician gets it.

const ROLL = "[data-mf=canvas]";

// Where to go on from what is gone. Without an entry: to what had the focus before.
const NEXT = [
  ["#go .primary", ["#go button:not(.primary)", ROLL]], // Continue, Cancel
  ["#go button", [ROLL]],
  ["#keep .primary", [ROLL]], // Keep
  ["#keep button", ["#keep button:not(.primary, .mk-open)", ROLL]], // Undo and Redo, one for the other
  ["[data-mr=pieces] [data-act=open]", [ROLL]],
];
const LAST = [ROLL, "[role=tab][aria-selected=true]"];
const MOST_KNOWN = 8; // elements that had the focus before
const PATIENCE = 30; // frames; Gradio disables one button before it shows the next

const hasRoom = (node) => node.getClientRects().length > 0 && node.checkVisibility?.() !== false;

const NEVER = ":disabled, a:not([href]), [inert], [inert] *";

const canHaveIt = (node) => node.isConnected && !node.matches(NEVER) && hasRoom(node);

const firstOf = (root, selectors) =>
  selectors.flatMap((selector) => [...root.querySelectorAll(selector)]).find(canHaveIt);

export const keepFocus = (root) => {
  let known = []; // what had the focus, the latest first, with where it goes on
  let pending = 0;

  const check = (patience) => {
    pending = 0;
    const active = root.activeElement;
    const isLost = !active || active === root.body || !canHaveIt(active);
    if (!isLost || !known.length || canHaveIt(known[0].node)) return;
    const [{ goOn }, ...before] = known;
    if (patience && goOn && !firstOf(root, goOn.slice(0, 1))) {
      pending = requestAnimationFrame(() => check(patience - 1));
      return;
    }
    const last = before.find(({ node }) => canHaveIt(node))?.node;
    const next = goOn ? firstOf(root, goOn) : last;
    (next ?? firstOf(root, LAST))?.focus({ preventScroll: true });
  };
  root.addEventListener("focusin", ({ target }) => {
    const goOn = NEXT.find(([selector]) => target.matches(selector))?.[1];
    known = [{ node: target, goOn }, ...known.filter(({ node }) => node !== target)];
    known.length = Math.min(known.length, MOST_KNOWN);
  });
  // A click beside everything takes the focus away, and that is meant.
  root.addEventListener("focusout", ({ target, relatedTarget }) => {
    if (relatedTarget) return;
    // Not at once: what is taken away is still there while it loses the focus.
    queueMicrotask(() => {
      if (known[0]?.node === target && canHaveIt(target)) known = [];
    });
  });
  const changes = new MutationObserver(() => {
    if (!pending) pending = requestAnimationFrame(() => check(PATIENCE));
  });
  changes.observe(root.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["disabled", "hidden", "class", "style", "open", "inert"],
  });
};
