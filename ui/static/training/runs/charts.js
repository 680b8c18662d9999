// Four curves over the time of training, drawn anew from each message in one go, so nothing flickers.

import { make } from "../../dom.js";
import { t } from "../../language.js";
import {
  bestOf,
  clock,
  digitsOf,
  nearest,
  niceStep,
  pathOf,
  rangeOf,
  short,
  ticksOf,
  timeStep,
  timeUnit,
} from "./scale.js";
import { svg } from "./svg.js";

const CHARTS = {
  loss: {
    title: t("Loss"),
    unit: t("nats a token"),
    hint: t("how surprised it is by your music; lower is better"),
    digits: 2,
  },
  held: {
    title: t("On music held back"),
    unit: t("bits a note"),
    hint: t("pieces it never trains on; lower is better"),
    digits: 2,
  },
  rate: { title: t("Learning rate"), unit: t("% of its peak"), digits: 0, zero: true, small: true },
  speed: { title: t("Speed"), unit: t("tokens a second"), digits: 0, zero: true, small: true },
};
const LEAST_SHARE = 0.1; // of its values that an axis spans: a change of one percent looks like one
const BELOW = 21; // pixels from the best point to its label
const ABOVE = 13;
const LEAST_WIDTH = 200;
const HEIGHT = { small: 148, large: 212 };
const MARGIN = { left: 46, right: 12, top: 12, bottom: 38 };

const nameOf = ({ figure }) => figure.dataset.chart;

const pointsOf = (curves, name) => {
  const { seconds, steps } = name === "held" ? curves.held : curves;
  return { seconds, steps, values: name === "held" ? curves.held.bits : curves[name] };
};

const label = (text, x, y, anchor, className = "") => {
  const attributes = { x, y, "text-anchor": anchor };
  if (className) attributes.class = className;
  return svg("text", attributes, text);
};

const line = (x1, x2, y1, y2, className) => svg("line", { x1, x2, y1, y2, class: className });

const timeAxis = (box, end, x) => {
  const unit = timeUnit(end);
  const step = timeStep(end, box.right - box.left);
  const text = (at) => String(Number((at / unit.seconds).toFixed(2)));
  return [
    ...ticksOf(0, end, step).map((at) => label(text(at), x(at), box.bottom + 16, "middle")),
    label(t("{unit} of training", { unit: unit.name }), box.right, box.height - 5, "end"),
  ];
};

const valueAxis = (box, [low, high], chart, y) => {
  const step = niceStep(high - low, chart.small ? 3 : 4);
  const digits = step >= 1 ? 0 : digitsOf(step, chart.digits);
  return ticksOf(low, high, step).flatMap((value) => [
    line(box.left, box.right, y(value), y(value), "mt-gridline"),
    label(short(value, digits), box.left - 7, y(value) + 4, "end"),
  ]);
};

const lossCurve = (xs, ys, smooth) => [
  svg("path", { d: pathOf(xs, ys), class: "mt-line mt-faint" }),
  svg("path", { d: pathOf(xs, smooth), class: "mt-line" }),
];

const bestPoint = (box, values, xs, ys, hasBefore) => {
  const best = bestOf(values, hasBefore);
  if (best < 0) return [];
  const anchor = xs[best] > (box.left + box.right) / 2 ? "end" : "start";
  // The curve comes from above, and so may the line of the model before training.
  const below = ys[best] + BELOW;
  const y = below < box.bottom ? below : Math.max(ys[best] - ABOVE, box.top);
  return [
    svg("circle", { cx: xs[best], cy: ys[best], r: 7, class: "mt-ring" }),
    label(`best: ${values[best].toFixed(2)}`, xs[best], y, anchor, "mt-best"),
  ];
};

const point = (cx, cy) => svg("circle", { cx, cy, r: 3.5, class: "mt-point" });

const curveOf = (name, curves, box, x) => {
  const { seconds, values } = pointsOf(curves, name);
  const chart = CHARTS[name];
  const before = name === "held" && curves.held.before ? [curves.held.before] : [];
  const [low, high] = rangeOf([...values, ...before], chart.zero, LEAST_SHARE);
  const y = (value) => box.bottom - ((box.bottom - box.top) * (value - low)) / (high - low);
  const [xs, ys, smooth] = [seconds.map(x), values.map(y), curves.smooth.map(y)];
  const nodes = valueAxis(box, [low, high], chart, y);
  for (const value of before) {
    nodes.push(line(box.left, box.right, y(value), y(value), "mt-before"));
    nodes.push(
      label(
        t("before training: {value}", { value: value.toFixed(2) }),
        box.right,
        y(value) - 5,
        "end",
      ),
    );
  }
  if (name === "loss") {
    nodes.push(...lossCurve(xs, ys, smooth), point(xs.at(-1), smooth.at(-1)));
  } else {
    nodes.push(svg("path", { d: pathOf(xs, ys), class: "mt-line" }));
    if (name === "held") {
      nodes.push(
        ...bestPoint(box, values, xs, ys, before.length > 0),
        ...xs.map((at, i) => point(at, ys[i])),
      );
    } else {
      nodes.push(point(xs.at(-1), ys.at(-1)));
    }
  }
  return nodes;
};

const waitingWords = (box, text) =>
  label(text, (box.left + box.right) / 2, (box.top + box.bottom) / 2, "middle", "mt-wait");

const captionOf = ({ title, unit, hint }) => [
  make("b", "", title),
  make("span", "", hint ? `${unit}; ${hint}` : unit),
];

const drawChart = (one, state) => {
  const { figure } = one;
  const { curves } = state.run;
  const name = nameOf(one);
  const chart = CHARTS[name];
  const width = Math.max(LEAST_WIDTH, figure.clientWidth);
  const height = chart.small ? HEIGHT.small : HEIGHT.large;
  const box = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
    height,
  };
  const end = Math.max(curves.end, 1);
  const x = (at) => box.left + ((box.right - box.left) * at) / end;
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-label": curves.words[name],
  });
  const hasPoints = pointsOf(curves, name).values.length > 0;
  const inside = hasPoints
    ? curveOf(name, curves, box, x)
    : [waitingWords(box, curves.waiting[name])];
  picture.append(
    ...timeAxis(box, end, x),
    ...inside,
    line(box.left, box.right, box.bottom, box.bottom, "mt-axis"),
    svg("g", { class: "mt-cursor" }),
  );
  const caption = figure.querySelector("figcaption") || figure.appendChild(make("figcaption"));
  caption.replaceChildren(...captionOf(chart));
  figure.querySelector("svg")?.remove();
  figure.append(picture);
  one.scale = { box, end, x };
  drawCursor(one, state);
};

// A finger or a mouse at a moment: what all curves say of it.
const drawCursor = (one, state) => {
  const group = one.figure.querySelector(".mt-cursor");
  if (!group || !one.scale) return;
  const { seconds, steps, values } = pointsOf(state.run.curves, nameOf(one));
  if (state.cursor === null || !values.length) {
    group.replaceChildren();
    return;
  }
  const at = nearest(seconds, state.cursor);
  const { box, x } = one.scale;
  const value = short(values[at], CHARTS[nameOf(one)].digits);
  const words = t("{value} at {time}, step {step}", {
    value,
    time: clock(seconds[at]),
    step: steps[at].toLocaleString("en"),
  });
  const half = words.length * 3.3 + 8;
  const middle = Math.min(Math.max(x(seconds[at]), box.left + half), box.right - half);
  group.replaceChildren(
    svg("line", { x1: x(seconds[at]), x2: x(seconds[at]), y1: box.top, y2: box.bottom }),
    svg("rect", { x: middle - half, y: 0, width: 2 * half, height: 20, rx: 5 }),
    label(words, middle, 14, "middle"),
  );
};

export const showCharts = (view) => {
  const { part, state, charts } = view;
  const { curves, status } = state.run;
  const isEmpty = !curves.steps.length && !curves.held.steps.length && status !== "running";
  part("charts").hidden = isEmpty;
  part("tablefold").hidden = isEmpty;
  if (isEmpty) return;
  for (const one of charts) drawChart(one, state);
  if (part("tablefold").open) showTable(view);
};

const rowOf = (cells) => {
  const row = make("tr");
  row.append(...cells);
  return row;
};

const showTable = ({ part, state }) => {
  const { columns, rows } = state.run.curves;
  const heads = columns.map((name) => {
    const cell = make("th", "", name);
    cell.scope = "col";
    return cell;
  });
  const [table, top, body] = [make("table"), make("thead"), make("tbody")];
  top.append(rowOf(heads));
  body.append(...rows.map((row) => rowOf(row.map((value) => make("td", "", value)))));
  table.append(top, body);
  part("table").replaceChildren(table);
};

const listenToFigure = (view, one) => {
  const { charts, state } = view;
  const point = (cursor) => {
    state.cursor = cursor;
    for (const other of charts) drawCursor(other, state);
  };
  const move = (event) => {
    if (!state.run || !one.scale) return;
    const { box, end } = one.scale;
    const x = event.clientX - one.figure.getBoundingClientRect().left;
    point(end * Math.min(1, Math.max(0, (x - box.left) / (box.right - box.left))));
  };
  one.figure.addEventListener("pointermove", move);
  one.figure.addEventListener("pointerdown", move);
  one.figure.addEventListener("pointerleave", () => {
    if (state.run) point(null);
  });
};

export const listenToCharts = (view) => {
  const { part, state, charts } = view;
  part("tablefold").addEventListener("toggle", () => {
    if (state.run && part("tablefold").open) showTable(view);
  });
  for (const one of charts) listenToFigure(view, one);
  const redraw = () => {
    if (state.run) showCharts(view);
  };
  new ResizeObserver(redraw).observe(part("charts"));
};
