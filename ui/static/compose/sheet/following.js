// The cursor of an open score goes with the playhead.

import { heardQuarter } from "../player/place.js";
import { keepInSight, moveCursor, onsetsOf, placeAt, stretch } from "./cursor.js";

export const newFollowing = (page, isOpen) => {
  const following = { page, isOpen, display: null, onsets: [], place: 0 };
  const step = () => {
    requestAnimationFrame(step);
    follow(following);
  };
  step();
  return following;
};

// Follow on another score, or on one that has been drawn anew.
export const followOn = (following, display) => {
  Object.assign(following, { display, onsets: [], place: 0 });
  if (!display) return;
  following.onsets = onsetsOf(display);
  display.cursor.show();
  stretch(display.cursor);
};

const follow = (following) => {
  const { display, isOpen, onsets, page, place } = following;
  if (!display || !isOpen()) return;
  const next = placeAt(onsets, heardQuarter());
  if (next === place) return;
  moveCursor(display.cursor, place, next);
  stretch(display.cursor);
  following.place = next;
  page.dataset.quarter = onsets[next];
  keepInSight(page, display.cursor);
};
