// The visitor's music. `props.value` is a message of `meloformer/app/training/music.py`.

import { acceptDrops, make, write } from "../../dom.js";
import { t } from "../../language.js";
import { refusalOf } from "../../refusal.js";
import { newTools } from "../tools.js";
import { chosenFiles, droppedFiles, filesText, musicOf, objection } from "./files.js";

const AT_ONCE = 3;

const newView = (element, { props, trigger, upload }) => {
  const part = (name) => element.querySelector(`[data-mm="${name}"]`);
  const view = {
    part,
    props,
    trigger,
    upload,
    busy: false,
    shown: "", // the last message
    leaving: null, // the music that is being deleted
  };
  view.tools = newTools(part("tools"), "mm", (what, value) => {
    const { chosen, name } = props.value;
    view.leaving = what === "delete" ? { chosen, name } : null;
    trigger("ask", { dataset: chosen, what, value });
  });
  return view;
};

const say = ({ part }, text) => write(part("said"), text);

const setBusy = (view, now) => {
  view.busy = now;
  view.part("files").disabled = now;
  view.part("folder").disabled = now;
};

// Upload some files at a time, until none is left.
const carryAll = async (view, files) => {
  const arrived = [];
  const waiting = [...files];
  const carry = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const { path } = await view.upload(one.file);
      arrived.push({ path, name: one.name });
      const count = arrived.length.toLocaleString("en");
      say(view, t("Bringing {count} of {files}…", { count, files: filesText(files.length) }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, carry));
  return arrived;
};

const bring = async (view, all) => {
  const files = musicOf(all);
  const wrong = objection(files, view.props);
  if (wrong) {
    say(view, wrong);
    return;
  }
  setBusy(view, true);
  try {
    const arrived = await carryAll(view, files);
    const left = all.length - files.length;
    say(view, left ? t("Left out: {files} without MIDI.", { files: filesText(left) }) : "");
    view.trigger("bring", { files: arrived });
  } catch (error) {
    const lost = t("The files did not arrive. Is the app still running? Drop them once more.");
    say(view, refusalOf(error) || lost);
  }
  setBusy(view, false);
};

const refusedOf = ({ count, words, files }) => {
  const fold = make("details");
  const head = make("summary");
  head.append(make("b", "", count.toLocaleString("en")), t("left out: {words}", { words }));
  const named = files.map(([name, detail]) => make("li", "", detail ? `${name}: ${detail}` : name));
  const list = make("ul");
  list.append(...named);
  if (count > files.length) {
    const more = (count - files.length).toLocaleString("en");
    list.append(make("li", "", t("and {more} more, which the report names", { more })));
  }
  fold.append(head, list);
  return fold;
};

const figureOf = ([label, value]) => {
  const cell = make("div");
  cell.append(make("dt", "", label), make("dd", "", value));
  return cell;
};

const show = (view) => {
  const { part, props, trigger } = view;
  const message = props.value;
  const text = JSON.stringify(message);
  if (!message || text === view.shown) return;
  view.shown = text;
  const root = part("root");
  const before = root.dataset.status;
  root.dataset.status = message.status;
  part("earlier").hidden = message.datasets.length < 1;
  const options = message.datasets.map(
    ({ name, title }) => new Option(title, name, false, name === message.chosen),
  );
  part("select").replaceChildren(...options);
  part("result").hidden = message.status === "none";
  write(part("title"), message.title);
  write(part("sentence"), message.sentence);
  part("wait").hidden = message.status !== "reading";
  part("figures").replaceChildren(...message.figures.map(figureOf));
  part("refused").replaceChildren(...message.refused.map(refusedOf));
  part("report").hidden = !message.report;
  if (message.report) part("report").href = message.report.url;
  view.tools.show({
    key: message.chosen,
    name: message.name,
    tools: message.tools || [],
    file: message.export || null,
  });
  const { leaving } = view;
  if (leaving && !message.datasets.some(({ name }) => name === leaving.chosen)) {
    view.leaving = null;
    say(view, t("“{name}” is deleted. It can be brought back below the trainings.", leaving));
  }
  if (before === "reading" && message.status === "ready") trigger("ready", {});
};

const listen = (view) => {
  const { part, trigger } = view;
  for (const [name, inputName] of [
    ["files", "fileinput"],
    ["folder", "folderinput"],
  ]) {
    const input = part(inputName);
    part(name).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const files = chosenFiles(input);
      input.value = "";
      if (files.length && !view.busy) bring(view, files);
    });
  }
  acceptDrops(part("root"), async (event) => {
    event.preventDefault();
    if (!view.busy) await bring(view, await droppedFiles(event.dataTransfer));
  });
  part("select").addEventListener("change", ({ target }) => {
    trigger("choose", { dataset: target.value });
  });
};

export const mount = (element, { props, trigger, watch, upload }) => {
  const view = newView(element, { props, trigger, upload });
  listen(view);
  setBusy(view, false); // a click before now would have been lost
  watch("value", () => show(view));
  show(view);
  trigger("attach", {});
};
