// Four curves over the time of training, drawn anew from each message in one go, so nothing flickers.

const SVG = "http://www.w3.org/2000/svg";
const svg = (tag, attributes, text) => {
  const node = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  if (text !== undefined) node.textContent = text;
  return node;
};

const CHARTS = {
  loss: { title: "Loss", unit: "nats a token", hint: "how surprised it is by your music; lower is better", digits: 2 },
  held: { title: "On music held back", unit: "bits a note", hint: "pieces it never trains on; lower is better", digits: 2 },
  rate: { title: "Learning rate", unit: "% of its peak", hint: "", digits: 0, zero: true, small: true },
  speed: { title: "Speed", unit: "tokens a second", hint: "", digits: 0, zero: true, small: true },
};
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];

const short = (value, digits) => (value >= 10000 ? Math.round(value / 1000) + "k"
  : value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(digits));

const niceStep = (span, count) => {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((one) => one * power).find((step) => step >= rough * 0.999);
};

const ticksOf = (low, high, step) => {
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at += 1) ticks.push(at * step);
  return ticks;
};

const timeUnit = (end) => (end < 120 ? [1, "seconds"] : end < 7200 ? [60, "minutes"] : end < 172800 ? [3600, "hours"] : [86400, "days"]);

const rangeOf = (chart, values) => {
  let low = Math.min(...values), high = Math.max(...values);
  if (chart.zero) low = 0;
  const room = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  return [chart.zero ? 0 : low - room, high + room];
};

const pathOf = (xs, ys) => xs.map((x, i) => (i ? "L" : "M") + x.toFixed(1) + " " + ys[i].toFixed(1)).join("");

const points = (name) => {
  const curves = S.run.curves;
  if (name === "held") return { seconds: curves.held.seconds, steps: curves.held.steps, values: curves.held.bits };
  return { seconds: curves.seconds, steps: curves.steps, values: curves[name] };
};

const drawChart = (figure) => {
  const name = figure.dataset.chart;
  const chart = CHARTS[name];
  const { seconds, values } = points(name);
  const width = Math.max(200, figure.clientWidth), height = chart.small ? 148 : 212;
  const box = { left: 46, right: width - 12, top: 12, bottom: height - 38 };
  const end = Math.max(S.run.curves.end, 1);
  const caption = figure.querySelector("figcaption") || figure.appendChild(make("figcaption"));
  caption.replaceChildren(make("b", "", chart.title), make("span", "", chart.unit + (chart.hint ? "; " + chart.hint : "")));
  const picture = svg("svg", { viewBox: "0 0 " + width + " " + height, width, height, role: "img", "aria-label": S.run.curves.words[name] });
  const [unitSeconds, unitName] = timeUnit(end);
  const xOf = (at) => box.left + (box.right - box.left) * at / end;
  const step = TIME_STEPS.find((one) => end / one <= Math.max(2, (box.right - box.left) / 64)) || 604800;
  const axis = (text, attributes) => picture.append(svg("text", attributes, text));
  ticksOf(0, end, step).forEach((at) => axis(String(+(at / unitSeconds).toFixed(2)), { x: xOf(at), y: box.bottom + 16, "text-anchor": "middle" }));
  axis(unitName + " of training", { x: box.right, y: height - 5, "text-anchor": "end" });
  if (!values.length) {
    axis(S.run.curves.waiting[name], { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, "text-anchor": "middle", class: "mt-wait" });
  } else {
    const before = name === "held" && S.run.curves.held.before ? [S.run.curves.held.before] : [];
    const [low, high] = rangeOf(chart, [...values, ...before]);
    const yOf = (value) => box.bottom - (box.bottom - box.top) * (value - low) / (high - low);
    const valueStep = niceStep(high - low, chart.small ? 3 : 4);
    const digits = Math.max(chart.digits, 0, Math.min(3, Math.ceil(-Math.log10(valueStep) - 0.001)));
    ticksOf(low, high, valueStep).forEach((value) => {
      picture.append(svg("line", { x1: box.left, x2: box.right, y1: yOf(value), y2: yOf(value), class: "mt-gridline" }));
      axis(short(value, valueStep >= 1 ? 0 : digits), { x: box.left - 7, y: yOf(value) + 4, "text-anchor": "end" });
    });
    before.forEach((value) => {
      picture.append(svg("line", { x1: box.left, x2: box.right, y1: yOf(value), y2: yOf(value), class: "mt-before" }));
      axis("before training", { x: box.right, y: yOf(value) - 5, "text-anchor": "end" });
    });
    const xs = seconds.map(xOf), ys = values.map(yOf);
    if (name === "loss") {
      picture.append(svg("path", { d: pathOf(xs, ys), class: "mt-line mt-faint" }));
      picture.append(svg("path", { d: pathOf(xs, S.run.curves.smooth.map(yOf)), class: "mt-line" }));
    } else {
      picture.append(svg("path", { d: pathOf(xs, ys), class: "mt-line" }));
    }
    const last = xs.length - 1;
    if (name === "held") {
      const best = values.indexOf(Math.min(...values));
      const right = xs[best] > (box.left + box.right) / 2;
      picture.append(svg("circle", { cx: xs[best], cy: ys[best], r: 7, class: "mt-ring" }));
      axis("best: " + values[best].toFixed(2), { x: xs[best], y: Math.max(ys[best] - 13, box.top), "text-anchor": right ? "end" : "start", class: "mt-best" });
    }
    if (name === "held") xs.forEach((x, i) => picture.append(svg("circle", { cx: x, cy: ys[i], r: 3.5, class: "mt-point" })));
    else picture.append(svg("circle", { cx: xs[last], cy: (name === "loss" ? yOf(S.run.curves.smooth[last]) : ys[last]), r: 3.5, class: "mt-point" }));
  }
  picture.append(svg("line", { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, class: "mt-axis" }));
  const cursor = svg("g", { class: "mt-cursor" });
  picture.append(cursor);
  const old = figure.querySelector("svg");
  if (old) old.replaceWith(picture); else figure.append(picture);
  figure.scale = { box, end, xOf };
  drawCursor(figure);
};

// A finger or a mouse at a moment: what all curves say of it.
const drawCursor = (figure) => {
  const group = figure.querySelector(".mt-cursor");
  if (!group || !figure.scale) return;
  const { seconds, steps, values } = points(figure.dataset.chart);
  if (S.cursor === null || !values.length) { group.replaceChildren(); return; }
  let best = 0;
  seconds.forEach((at, i) => { if (Math.abs(at - S.cursor) < Math.abs(seconds[best] - S.cursor)) best = i; });
  const { box, xOf } = figure.scale;
  const x = xOf(seconds[best]);
  const chart = CHARTS[figure.dataset.chart];
  const words = short(values[best], chart.digits) + " at " + clock(seconds[best]) + ", step " + steps[best].toLocaleString("en");
  const half = words.length * 3.3 + 8;
  const middle = Math.min(Math.max(x, box.left + half), box.right - half);
  group.replaceChildren(
    svg("line", { x1: x, x2: x, y1: box.top, y2: box.bottom }),
    svg("rect", { x: middle - half, y: 0, width: 2 * half, height: 20, rx: 5 }),
    svg("text", { x: middle, y: 14, "text-anchor": "middle" }, words),
  );
};

const figures = [...element.querySelectorAll("[data-chart]")];

const showCharts = () => {
  const empty = !S.run.curves.steps.length && !S.run.curves.held.steps.length;
  part_of("charts").hidden = part_of("tablefold").hidden = empty && S.run.status !== "running";
  if (part_of("charts").hidden) return;
  figures.forEach(drawChart);
  if (part_of("tablefold").open) showTable();
};

const showTable = () => {
  const table = make("table");
  const head = make("tr");
  S.run.curves.columns.forEach((name) => { const cell = make("th", "", name); cell.scope = "col"; head.append(cell); });
  const body = make("tbody");
  S.run.curves.rows.forEach((row) => {
    const line = make("tr");
    row.forEach((value) => line.append(make("td", "", value)));
    body.append(line);
  });
  const top = make("thead");
  top.append(head);
  table.append(top, body);
  part_of("table").replaceChildren(table);
};

part_of("tablefold").addEventListener("toggle", () => { if (S.run && part_of("tablefold").open) showTable(); });
figures.forEach((figure) => {
  const move = (event) => {
    if (!S.run || !figure.scale) return;
    const { box, end } = figure.scale;
    const x = event.clientX - figure.getBoundingClientRect().left;
    S.cursor = end * Math.min(1, Math.max(0, (x - box.left) / (box.right - box.left)));
    figures.forEach(drawCursor);
  };
  figure.addEventListener("pointermove", move);
  figure.addEventListener("pointerdown", move);
  figure.addEventListener("pointerleave", () => { S.cursor = null; figures.forEach(drawCursor); });
});
new ResizeObserver(() => { if (S.run) showCharts(); }).observe(part_of("charts"));
