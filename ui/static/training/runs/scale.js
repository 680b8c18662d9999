// Axes and numbers of charts: which values get a tick, and how they are written.

import { t } from "../../language.js";

const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800,
  604800,
];
const LEAST_TICK = 64; // pixels between two moments

export const clock = (seconds) => {
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
};

export const megabytes = (bytes) => `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;

export const short = (value, digits) => {
  if (value >= 10000) return `${Math.round(value / 1000)}k`;
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(digits);
};

// 1, 2, 2.5 or 5 times a power of ten, so that about `count` of them are in a span.
export const niceStep = (span, count) => {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((one) => one * power).find((step) => step >= rough * 0.999);
};

export const ticksOf = (low, high, step) => {
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9) || 0; at * step <= high + step * 1e-9; at += 1) {
    ticks.push(at * step);
  }
  return ticks;
};

// Digits behind the point that tell two ticks apart.
export const digitsOf = (step, least) =>
  Math.max(least, 0, Math.min(3, Math.ceil(-Math.log10(step) - 0.001)));

export const timeUnit = (end) => {
  if (end < 120) return { seconds: 1, name: t("seconds") };
  if (end < 7200) return { seconds: 60, name: t("minutes") };
  if (end < 172800) return { seconds: 3600, name: t("hours") };
  return { seconds: 86400, name: t("days") };
};

export const timeStep = (end, width) => {
  const most = Math.max(2, width / LEAST_TICK);
  return TIME_STEPS.find((step) => end / step <= most) || TIME_STEPS[TIME_STEPS.length - 1];
};

// The lowest and the highest value of an axis, with some room around them. An axis that does not
// begin at nothing spans at least `leastShare` of its values: else noise would look like a change.
export const rangeOf = (values, fromZero, leastShare = 0) => {
  const low = fromZero ? 0 : Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  if (fromZero) return [0, high + room];
  const middle = (low + high) / 2;
  const half = Math.max((high - low) / 2 + room, (Math.abs(middle) * leastShare) / 2);
  return [middle - half, middle + half];
};

// The number of the lowest value; the first is no candidate if it is of the model before training.
// -1 if there is none.
export const bestOf = (values, hasBefore) => {
  const from = hasBefore ? 1 : 0;
  return values.reduce(
    (best, value, i) => (i >= from && (best < 0 || value < values[best]) ? i : best),
    -1,
  );
};

export const pathOf = (xs, ys) =>
  xs.map((x, i) => `${i ? "L" : "M"}${x.toFixed(1)} ${ys[i].toFixed(1)}`).join("");

// The number of the value that is nearest to `wanted`.
export const nearest = (values, wanted) =>
  values.reduce(
    (best, value, i) => (Math.abs(value - wanted) < Math.abs(values[best] - wanted) ? i : best),
    0,
  );
