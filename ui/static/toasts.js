// Gradio's notes have a header that is a button with a button in it, which no screen reader can tell
// apart. The header is plain here; a click on it works as before, and the inner button by keyboard.

const HEADER = '.toast-header[role="button"]';

export const mendToasts = (root) => {
  const mend = () => {
    for (const header of root.querySelectorAll(HEADER)) {
      header.removeAttribute("role");
      header.removeAttribute("tabindex");
    }
  };
  new MutationObserver(mend).observe(root.body, { childList: true, subtree: true });
};
