// The mixer: a strip for each part, which is also the legend of the colours.

import { make, makeButton, replaceKeepingFocus } from "../../dom.js";
import { isDark, paint } from "../colours.js";
import { schedule } from "../roll/drawing.js";
import { sendMix } from "../roll/listening.js";
import { shortLabels } from "../roll/state/part_names.js";
import { updateMix } from "./live.js";
import { channelOfMix, isSilent, withChange } from "./mix.js";
import { updatePlaying } from "./transport.js";

const keyed = (node, kind, { number }) => {
  node.dataset[kind] = number;
  node.dataset.key = `${kind}${number}`;
  return node;
};

const buttonOf = (part, kind, text, title) => {
  const button = keyed(makeButton("mf-mini", text), kind, part);
  button.setAttribute("aria-label", `${title} ${part.name}`);
  button.title = title;
  return button;
};

const faderOf = (part) => {
  const fader = keyed(make("input", "mf-fader"), "volume", part);
  Object.assign(fader, { type: "range", min: "0", max: "150", step: "5" });
  fader.setAttribute("aria-label", `Volume of ${part.name}`);
  return fader;
};

const stripOf = (part, label, dark) => {
  const strip = make("div", "mf-strip");
  strip.dataset.strip = part.number;
  strip.setAttribute("role", "group");
  strip.setAttribute("aria-label", part.name);
  const swatch = make("span", "mf-swatch");
  swatch.style.background = paint(part.colour, dark);
  const name = make("span", "mf-name", label);
  name.title = part.name;
  // `data-part` is what hides; the sound stays.
  const hide = keyed(makeButton("mf-mini mf-hide", "Hide"), "part", part);
  hide.setAttribute("aria-label", `Hide ${part.name}`);
  hide.title = "Hide on the roll; it is still heard";
  const mute = buttonOf(part, "mute", "M", "Mute");
  const solo = buttonOf(part, "solo", "S", "Solo");
  strip.append(swatch, name, hide, mute, solo, faderOf(part));
  return strip;
};

const press = (button, isOn) => button.setAttribute("aria-pressed", String(isOn));

const showStrip = (strip, state) => {
  const number = Number(strip.dataset.strip);
  const { muted, solo, volume } = channelOfMix(state.mix, number);
  press(strip.querySelector("[data-part]"), state.hidden.has(number));
  press(strip.querySelector("[data-mute]"), muted);
  press(strip.querySelector("[data-solo]"), solo);
  strip.classList.toggle("mf-silent", isSilent(state.mix, number));
  const fader = strip.querySelector("[data-volume]");
  fader.value = String(Math.round(volume * 100));
  fader.setAttribute("aria-valuetext", `${fader.value} %`);
  fader.title = `Volume ${fader.value} %, double click for 100 %`;
};

export const drawMixer = ({ part, root, state, drawn }) => {
  const dark = isDark(root);
  const key = JSON.stringify([state.parts.map((one) => [one.number, one.name, one.colour]), dark]);
  if (drawn.legend !== key) {
    drawn.legend = key;
    const labels = shortLabels(state.parts);
    const strips = state.parts.map((one) => stripOf(one, labels.get(one.number), dark));
    replaceKeepingFocus(part("legend"), strips);
  }
  for (const strip of part("legend").children) showStrip(strip, state);
};

const change = (view, number, changed) => {
  const { state } = view;
  state.mix = withChange(state.mix, number, changed);
  drawMixer(view);
  updateMix(view);
  updatePlaying(view);
  sendMix(view);
};

const toggleHidden = (view, number) => {
  const { state } = view;
  if (state.hidden.has(number)) state.hidden.delete(number);
  else state.hidden.add(number);
  state.focusPart = null; // or the others would fade while the pointer stays
  drawMixer(view);
  schedule(view);
};

const onClick = (view, event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const number = Number(button.closest("[data-strip]").dataset.strip);
  const { muted, solo } = channelOfMix(view.state.mix, number);
  if ("part" in button.dataset) toggleHidden(view, number);
  if ("mute" in button.dataset) change(view, number, { muted: !muted });
  if ("solo" in button.dataset) change(view, number, { solo: !solo });
};

const numberOf = (fader) => Number(fader.dataset.volume);

export const listenToMixer = (view) => {
  const { part, state } = view;
  const legend = part("legend");
  legend.addEventListener("click", (event) => onClick(view, event));
  legend.addEventListener("input", ({ target }) => {
    change(view, numberOf(target), { volume: Number(target.value) / 100 });
  });
  legend.addEventListener("dblclick", ({ target }) => {
    if (target.matches("[data-volume]")) change(view, numberOf(target), { volume: 1 });
  });
  const focus = (event) => {
    if (event.pointerType !== "mouse") return;
    const strip = event.type === "pointerover" ? event.target.closest("[data-strip]") : null;
    const number = strip ? Number(strip.dataset.strip) : null;
    state.focusPart = state.hidden.has(number) ? null : number;
    schedule(view);
  };
  legend.addEventListener("pointerover", focus);
  legend.addEventListener("pointerout", focus);
};
