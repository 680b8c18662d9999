// The cursor of a score, where the music is that is heard.

const QUARTERS = 4; // of a whole note, in which the display counts
const SPACE = 24; // pixels above and below the cursor when the page is scrolled to it

// Where each place of the cursor begins, in quarters.
export const onsetsOf = ({ cursor }) => {
  const onsets = [];
  cursor.reset();
  const { iterator } = cursor;
  while (!iterator.EndReached) {
    onsets.push(iterator.currentTimeStamp.RealValue * QUARTERS);
    iterator.moveToNextVisibleVoiceEntry(false);
  }
  cursor.reset();
  return onsets;
};

const NEAR = 1e-6; // quarters of two clocks

// The last place that has begun; the first, before that.
export const placeAt = (onsets, quarter) => {
  let [low, high] = [0, onsets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (onsets[middle] <= quarter + NEAR) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - 1, 0);
};

// Make a cursor as tall as its system: the page's own style gives pictures the height of their file.
export const stretch = ({ cursorElement }) => {
  cursorElement.style.height = `${cursorElement.getAttribute("height")}px`;
  cursorElement.alt = "";
};

// Move a cursor from one place to another; it is drawn once.
export const moveCursor = (cursor, from, to) => {
  if (to < from) cursor.resetIterator();
  const steps = to < from ? to : to - from;
  for (let i = 0; i < steps; i += 1) cursor.iterator.moveToNextVisibleVoiceEntry(false);
  cursor.update();
};

// Scroll a page so that its cursor is seen; the window stays where it is.
export const keepInSight = (page, { cursorElement }) => {
  const [box, seen] = [cursorElement.getBoundingClientRect(), page.getBoundingClientRect()];
  if (box.top < seen.top || box.bottom > seen.bottom) page.scrollTop += box.top - seen.top - SPACE;
};
