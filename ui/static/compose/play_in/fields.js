// The fields of the panel: what they offer, and what is chosen in them.

import { make } from "../../dom.js";
import { t, tn } from "../../language.js";
import { tempoUnit } from "./metre.js";

export const [SLOWEST, FASTEST] = [30, 240]; // in what the metre counts
const BARS = [1, 2, 4, 8, 12, 16, 32];
const GRIDS = [
  [1, t("Quarters")],
  [1 / 2, t("Eighths")],
  [1 / 3, t("Triplets")],
  [1 / 4, t("Sixteenths")],
  [0, t("Off")],
];

export const firstSettings = ({ metres }) => ({
  program: 0,
  tempo: 100,
  metre: metres[0],
  bars: 4, // 0: until the musician stops
  clicks: true,
  grid: 1 / 4, // in quarters; 0 for none
});

const optionOf = (value, text) => {
  const option = make("option", "", text);
  option.value = String(value);
  return option;
};

const familyOf = ({ family, choices }) => {
  const list = make("optgroup");
  list.label = family;
  list.append(...choices.map(({ program, label }) => optionOf(program, label)));
  return list;
};

const fillFields = ({ part, props, settings }) => {
  part("instrument").append(...props.families.map(familyOf));
  part("metre").append(...props.metres.map((metre) => optionOf(metre, metre)));
  part("bars").append(
    ...BARS.map((bars) => optionOf(bars, tn("{count} bar", "{count} bars", bars))),
    optionOf(0, t("Until I stop")),
  );
  part("grid").append(...GRIDS.map(([grid, name]) => optionOf(grid, name)));
  for (const name of ["metre", "bars", "grid"]) part(name).value = String(settings[name]);
  part("instrument").value = String(settings.program);
  part("tempo").value = String(settings.tempo);
  part("clicks").checked = settings.clicks;
};

const tempoOf = (text, before) => {
  const tempo = Math.round(Number(text));
  if (!text || !Number.isFinite(tempo)) return before;
  return Math.min(FASTEST, Math.max(SLOWEST, tempo));
};

const isWhole = ({ value }) => Number(value) >= SLOWEST && Number(value) <= FASTEST;

// `changed` is called with the name of a setting, once it is another.
export const listenToFields = (desk, changed) => {
  const { part, settings } = desk;
  fillFields(desk);
  const listen = (field, setting, read) =>
    part(field).addEventListener("change", () => {
      settings[setting] = read(part(field));
      changed(setting);
    });
  const chosen = ({ value }) => Number(value);
  listen("instrument", "program", chosen);
  listen("bars", "bars", chosen);
  listen("grid", "grid", chosen);
  listen("clicks", "clicks", ({ checked }) => checked);
  listen("metre", "metre", ({ value }) => value);
  listen("tempo", "tempo", ({ value }) => tempoOf(value, settings.tempo));
  // What is typed counts at once, as far as it is a tempo already.
  part("tempo").addEventListener("input", ({ target }) => {
    if (isWhole(target)) settings.tempo = tempoOf(target.value, settings.tempo);
  });
};

export const showFields = ({ part, settings }, isLocked) => {
  if (document.activeElement !== part("tempo")) part("tempo").value = String(settings.tempo);
  const { sign } = tempoUnit(settings.metre);
  part("unit").textContent = sign;
  part("tempo").setAttribute("aria-label", t("Tempo, {sign} a minute", { sign }));
  for (const name of ["tempo", "metre", "bars", "clicks"]) part(name).disabled = isLocked;
};
