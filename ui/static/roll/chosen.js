// Bars to write again, marked on the bar numbers.

const LEAST_DRAG = 4; // pixels; less is a click

let drag = null;
let dragged = false;

const inRuler = (event) => event.clientY - canvas.getBoundingClientRect().top < RULER;

const markableBars = () => {
  // New bars are no part of the piece until they are kept.
  const end = S.takes.length && !S.gap ? S.seam : Infinity;
  return S.bars.filter((start, index) => index + 1 < S.bars.length && start < end - 0.001).length;
};

const pieceBarAt = (x) => {
  const quarter = quarterAt(x - canvas.getBoundingClientRect().left);
  let bar = 0;
  while (bar + 1 < markableBars() && S.bars[bar + 1] <= quarter) bar += 1;
  return bar;
};

const chooseBars = (from, to) => {
  // The bar where it began, and as many on the way to `to` as can be written at once.
  const most = S.mostAgain - 1;
  const end = Math.max(from - most, Math.min(from + most, to));
  S.chosen = [Math.min(from, end), Math.max(from, end) + 1];
  schedule();
};

let saying = 0;

const sayChosen = () => {
  // Once, however fast the keys are pressed.
  clearTimeout(saying);
  const [first, last] = S.chosen || [0, 0];
  saying = setTimeout(() => trigger("mark", { first, last }), 150);
  part_of("live").textContent = S.chosen ? "Bars " + (first + 1) + " to " + last + " chosen" : "No bars chosen";
};

const letGo = () => {
  if (!S.chosen) return;
  S.chosen = null;
  sayChosen();
  schedule();
};

const extendChosen = (by) => {
  if (!S.mostAgain || !markableBars()) return;
  if (!S.chosen) {
    const here = Math.min(barAt(nowQuarter() + 0.01), markableBars() - 1);
    S.chosen = [here, here + 1];
  } else {
    const [first, last] = S.chosen;
    const longest = Math.min(markableBars(), first + S.mostAgain);
    S.chosen = [first, Math.max(first + 1, Math.min(longest, last + by))];
  }
  showChosen();
  sayChosen();
  schedule();
};

const showChosen = () => {
  const from = xOf(S.bars[S.chosen[0]]), to = xOf(S.bars[S.chosen[1]]);
  if (from < GUTTER || to > GUTTER + view()) showQuarter(S.bars[S.chosen[0]], 0.2);
};

canvas.addEventListener("pointerdown", (event) => {
  dragged = false;
  // A finger on the roll moves it.
  if (event.pointerType === "touch" || event.button !== 0) return;
  if (!S.name || !S.mostAgain || S.composing || !inRuler(event) || !markableBars()) return;
  drag = { x: event.clientX, bar: pieceBarAt(event.clientX) };
  canvas.setPointerCapture(event.pointerId);
});

canvas.addEventListener("pointermove", (event) => {
  canvas.style.cursor = S.mostAgain && inRuler(event) ? "col-resize" : "";
  if (!drag || (!dragged && Math.abs(event.clientX - drag.x) < LEAST_DRAG)) return;
  dragged = true;
  chooseBars(drag.bar, pieceBarAt(event.clientX));
});

["pointerup", "pointercancel"].forEach((name) => canvas.addEventListener(name, () => {
  if (drag && dragged) sayChosen();
  drag = null;
}));
