// Gradio says that a slider was let go only where a pointer did it. Here the keys say it, too.

const MOVES = [
  ...["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
  ...["Home", "End", "PageUp", "PageDown"],
];

export const letKeysGo = (root) => {
  root.addEventListener("keyup", ({ key, target }) => {
    if (!MOVES.includes(key) || !target.matches?.('input[type="range"]')) return;
    target.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
  });
};
