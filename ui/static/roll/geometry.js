// Geometry.

const view = () => scroll.clientWidth - GUTTER;
const fitZoom = () => (S.end ? Math.max(1, view() / (S.end + 0.5)) : 24);
const defaultZoom = () => Math.max(fitZoom(), Math.min(26, view() / (barQuarters() * 5)));
const xOf = (quarter) => GUTTER + quarter * S.zoom - scroll.scrollLeft;
const quarterAt = (x) => (x - GUTTER + scroll.scrollLeft) / S.zoom;

const layout = () => {
  wide.style.width = Math.max(scroll.clientWidth, GUTTER + S.end * S.zoom + 12) + "px";
};

const setZoom = (zoom, anchorX) => {
  const x = anchorX === undefined ? GUTTER + view() / 2 : anchorX;
  const quarter = quarterAt(x);
  S.zoom = Math.min(160, Math.max(fitZoom(), zoom));
  layout();
  scroll.scrollLeft = quarter * S.zoom - (x - GUTTER);
  schedule();
};

const showQuarter = (quarter, place) => {
  const left = quarter * S.zoom - view() * place;
  scroll.scrollTo({ left: Math.max(0, left), behavior: "instant" });
};

const showSeam = () => {
  // Two bars before the seam and all that is to come, as long as notes stay wide enough to read.
  refresh();
  S.zoom = Math.min(S.zoom, Math.max(9, fitZoom(), view() / (barQuarters() * (S.planned + 2.3))));
  layout();
  showQuarter(S.seam - 2 * barQuarters(), 0);
};

const showNewest = () => {
  S.all = allBars();
  const made = takeBars();
  if (!made.length) return;
  const newest = made[made.length - 1];
  const right = xOf(newest.start + newest.length * 2);
  if (right > GUTTER + view()) {
    S.end = S.all[S.all.length - 1].end;
    layout();
    showQuarter(newest.start + newest.length, 0.6);
  }
};
