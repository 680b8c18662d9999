// Labels along the ruler, thinned so that none lies over another.

const GAP = 6; // pixels between two

const spaced = (labels, gap, isAllowed = () => true) => {
  let free = Number.NEGATIVE_INFINITY;
  return labels.filter((label) => {
    if (label.x < free || !isAllowed(label)) return false;
    free = label.x + label.width + gap;
    return true;
  });
};

// Those that fit, from the left; the rest is left out. `labels` are {x, width, isFirst}, by x; those
// that are `isFirst` take their room before the others. What is left out does not depend on where the
// roll is scrolled to.
export const thinned = (labels, gap = GAP) => {
  const first = spaced(
    labels.filter(({ isFirst }) => isFirst),
    gap,
  );
  let next = 0; // of those that have their room
  return spaced(labels, gap, (label) => {
    if (label === first[next]) {
      next += 1;
      return true;
    }
    return next >= first.length || label.x + label.width + gap <= first[next].x;
  });
};

// Where a label is written: at its bar, or at the left edge of what is in sight while the bar goes on
// there and has room for it. All in pixels.
export const stuck = (x, width, edge, end, gap = GAP) =>
  Math.max(x, Math.min(edge, end - width - gap));

// Every how many bars a number fits.
export const numberStep = (barWidth, least) => {
  let step = 1;
  while (step * barWidth < least && step < 512) step *= 2;
  return step;
};

// Widths of texts in one font, each measured once.
export const newMeasure = (widthOf) => {
  const known = new Map();
  return (text) => {
    if (!known.has(text)) known.set(text, widthOf(text));
    return known.get(text);
  };
};
