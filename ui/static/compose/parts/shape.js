// What is asked of one part: how busy it is, between which notes it keeps, how many begin at once. The
// shape of a row is {density, lowest, highest, most}; what is not asked for is left out.

import { make } from "../../dom.js";
import { t } from "../../language.js";

export const [LEAST_DENSITY, MOST_DENSITY] = [0.1, 8];
const DIAL = 2; // the ends of the dial: a quarter of the notes, four times as many
const MOST_AT_ONCE = 16;
const [LOWEST_KEY, HIGHEST_KEY] = [21, 108]; // of a piano
const NAMES = ["C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

export const pitchName = (pitch) => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

// The dial is in powers of two; in its middle nothing is asked for.
export const densityAt = (dial) => (dial === 0 ? null : Math.round(2 ** dial * 100) / 100);

export const dialAt = (density) =>
  density ? Math.min(DIAL, Math.max(-DIAL, Math.log2(density))) : 0;

export const typedDensity = (text) => {
  const value = Number(text);
  if (!text.trim() || !Number.isFinite(value)) return null;
  return Math.min(MOST_DENSITY, Math.max(LEAST_DENSITY, value));
};

// A shape without what is not asked for; null where nothing is.
export const plain = (shape) => {
  const asked = Object.entries(shape).filter(([, value]) => value !== null && value !== undefined);
  return asked.length ? Object.fromEntries(asked) : null;
};

// A range that is turned round is none; the end that was chosen last counts.
export const withPitch = (shape, end, pitch) => {
  const next = { ...shape, [end]: pitch };
  const { lowest, highest } = next;
  if (pitch !== null && lowest != null && highest != null && lowest > highest) {
    next[end === "lowest" ? "highest" : "lowest"] = pitch;
  }
  return next;
};

// A few signs for a row that is folded up.
export const badge = ({ density, lowest, highest, most }) => {
  const said = [];
  if (density != null) said.push(`×${density}`);
  if (lowest != null || highest != null) {
    said.push(
      `${lowest == null ? "" : pitchName(lowest)}–${highest == null ? "" : pitchName(highest)}`,
    );
  }
  if (most != null) said.push(`≤${most}`);
  return said.join(" ");
};

const field = (text, ...controls) => {
  const row = make("div", "mp-field");
  row.append(make("span", "mp-label", text), ...controls);
  return row;
};

const named = (control, name, row, what) => {
  control.className = "mp-control";
  control.dataset.key = `${what}:${row.number}`;
  control.setAttribute("aria-label", `${row.short || row.name}: ${name}`);
  return control;
};

const chooser = (choices, any) => {
  const select = make("select");
  select.append(new Option(any, ""), ...choices.map(([value, text]) => new Option(text, value)));
  return select;
};

const choose = (select, value, text) => {
  const wanted = value == null ? "" : String(value);
  if (![...select.options].some((option) => option.value === wanted)) {
    select.append(new Option(text, wanted));
  }
  select.value = wanted;
};

const keys = () =>
  Array.from({ length: HIGHEST_KEY - LOWEST_KEY + 1 }, (_, i) => [
    LOWEST_KEY + i,
    pitchName(LOWEST_KEY + i),
  ]);

const numberOf = (select) => (select.value === "" ? null : Number(select.value));

// The controls of a row; `change` is given its next shape. Returns them with what shows a shape.
export const newShape = (row, isDrum, change) => {
  const box = make("div", "mp-shape");
  const dial = named(make("input"), t("sparser or busier"), row, "dial");
  Object.assign(dial, { type: "range", min: -DIAL, max: DIAL, step: 0.1 });
  const times = named(make("input"), t("times as many notes as before"), row, "times");
  Object.assign(times, { type: "number", min: LEAST_DENSITY, max: MOST_DENSITY, step: 0.05 });
  times.inputMode = "decimal";
  times.placeholder = t("free");
  const lowest = named(chooser(keys(), t("any")), t("lowest note"), row, "lowest");
  const highest = named(chooser(keys(), t("any")), t("highest note"), row, "highest");
  const counts = Array.from({ length: 8 }, (_, i) => [i + 1, String(i + 1)]);
  const most = named(chooser(counts, t("any")), t("most notes at once"), row, "most");

  let shape = row.shape || {};
  const show = (next) => {
    shape = next || {};
    const { density = null } = shape;
    dial.value = dialAt(density);
    dial.setAttribute("aria-valuetext", density === null ? t("free") : `×${density}`);
    if (document.activeElement !== times) times.value = density ?? "";
    choose(lowest, shape.lowest, pitchName(shape.lowest ?? 0));
    choose(highest, shape.highest, pitchName(shape.highest ?? 0));
    choose(most, shape.most, String(Math.min(MOST_AT_ONCE, shape.most ?? 1)));
  };
  const set = (next) => {
    show(next);
    change(plain(next));
  };
  dial.addEventListener("input", () =>
    set({ ...shape, density: densityAt(Math.round(Number(dial.value) * 10) / 10) }),
  );
  dial.addEventListener("dblclick", () => set({ ...shape, density: null }));
  times.addEventListener("input", () => set({ ...shape, density: typedDensity(times.value) }));
  times.addEventListener("change", () => {
    times.value = shape.density ?? "";
  });
  lowest.addEventListener("change", () => set(withPitch(shape, "lowest", numberOf(lowest))));
  highest.addEventListener("change", () => set(withPitch(shape, "highest", numberOf(highest))));
  most.addEventListener("change", () => set({ ...shape, most: numberOf(most) }));

  const ends = make("span", "mp-ends");
  ends.append(make("span", "", t("sparser")), dial, make("span", "", t("busier")), times);
  box.append(ends);
  if (!isDrum) {
    const between = make("span", "mp-ends");
    between.append(lowest, make("span", "", "–"), highest);
    box.append(field(t("Range"), between));
  }
  box.append(field(t("At once, at most"), most));
  show(row.shape);
  return { box, show };
};
