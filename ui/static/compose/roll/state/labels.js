// Labels along the ruler, thinned so that none lies over another.

const GAP = 6; // pixels between two

// Those that fit, from the left; the rest is left out. `labels` are {x, width}, by x. What is left
// out does not depend on where the roll is scrolled to.
export const thinned = (labels, gap = GAP) => {
  let free = Number.NEGATIVE_INFINITY;
  return labels.filter(({ x, width }) => {
    if (x < free) return false;
    free = x + width + gap;
    return true;
  });
};

// Widths of texts in one font, each measured once.
export const newMeasure = (widthOf) => {
  const known = new Map();
  return (text) => {
    if (!known.has(text)) known.set(text, widthOf(text));
    return known.get(text);
  };
};
