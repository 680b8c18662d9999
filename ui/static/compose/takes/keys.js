// Undo and redo by keyboard, wherever nothing is typed.

const TYPED = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select";

// -1 to undo, 1 to redo, 0 for any other key.
export const stepOf = ({ key, ctrlKey, metaKey, altKey, shiftKey }) => {
  if (!(ctrlKey || metaKey) || altKey) return 0;
  const letter = key.toLowerCase();
  if (letter === "z") return shiftKey ? 1 : -1;
  return letter === "y" && !shiftKey ? 1 : 0;
};

export const isTyping = (target) =>
  Boolean(target?.closest?.(TYPED)) || Boolean(target?.isContentEditable);
