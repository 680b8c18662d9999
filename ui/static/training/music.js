// The visitor's music. `props.value` is a message of `ui/training_data_view.py`.

const part_of = (name) => element.querySelector('[data-mm="' + name + '"]');
const root = part_of("root");
const MUSIC = /\.(mid|midi|kar|rmi|zip)$/i;
let busy = false;

const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const write = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const say = (text) => write(part_of("said"), text);
const counted = (count, noun) => count.toLocaleString("en") + " " + noun + (count === 1 ? "" : "s");

// What was dropped, folders walked through: [{file, name}].
const walk = async (entry) => {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    return [{ file, name: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = entry.createReader(), found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const one of some) found.push(...await walk(one));
  }
};

const dropped = async (carried) => {
  const entries = [...carried.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) return [...carried.files].map((file) => ({ file, name: file.name }));
  return (await Promise.all(entries.map(walk))).flat();
};

const bring = async (all) => {
  const files = all.filter((one) => MUSIC.test(one.name));
  const bytes = files.reduce((sum, one) => sum + one.file.size, 0);
  if (!files.length) { say("There is no MIDI file in it: their names end in .mid, .midi or .kar. A ZIP may hold them, too."); return; }
  if (files.length > props.most_files) { say(counted(files.length, "file") + " at once are too many: up to " + counted(props.most_files, "file") + ", or any number in a ZIP."); return; }
  if (bytes > props.most_bytes) { say("This is " + Math.ceil(bytes / 1e6) + " MB; up to " + Math.round(props.most_bytes / 1e6) + " MB can be brought at once."); return; }
  setBusy(true);
  const arrived = [];
  let next = 0;
  const carry = async () => {
    while (next < files.length) {
      const one = files[next];
      next += 1;
      const { path } = await upload(one.file);
      arrived.push({ path, name: one.name });
      say("Bringing " + arrived.length.toLocaleString("en") + " of " + counted(files.length, "file") + "…");
    }
  };
  try {
    await Promise.all([carry(), carry(), carry()]);
    const left = all.length - files.length;
    say(left ? "Left out: " + counted(left, "file") + " without MIDI." : "");
    trigger("bring", { files: arrived });
  } catch {
    say("The files did not arrive. Is the app still running? Drop them once more.");
  }
  setBusy(false);
};

const setBusy = (now) => {
  busy = now;
  part_of("files").disabled = part_of("folder").disabled = now;
};

part_of("files").addEventListener("click", () => part_of("fileinput").click());
part_of("folder").addEventListener("click", () => part_of("folderinput").click());
["fileinput", "folderinput"].forEach((name) => part_of(name).addEventListener("change", (event) => {
  const files = [...event.target.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
  event.target.value = "";
  if (files.length && !busy) bring(files);
}));
root.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  root.dataset.drop = "yes";
});
root.addEventListener("dragleave", (event) => { if (!root.contains(event.relatedTarget)) delete root.dataset.drop; });
root.addEventListener("drop", async (event) => {
  delete root.dataset.drop;
  event.preventDefault();
  if (!busy) await bring(await dropped(event.dataTransfer));
});
part_of("select").addEventListener("change", (event) => trigger("choose", { dataset: event.target.value }));

const refused = (row) => {
  const fold = make("details");
  const head = make("summary");
  head.append(make("b", "", row.count.toLocaleString("en")), document.createTextNode("left out: " + row.words));
  const list = make("ul");
  row.files.forEach(([name, detail]) => list.append(make("li", "", detail ? name + ": " + detail : name)));
  if (row.count > row.files.length) list.append(make("li", "", "and " + (row.count - row.files.length).toLocaleString("en") + " more, which the report names"));
  fold.append(head, list);
  return fold;
};

let shown = "";
const show = () => {
  const message = props.value;
  if (!message || JSON.stringify(message) === shown) return;
  const before = root.dataset.status;
  shown = JSON.stringify(message);
  root.dataset.status = message.status;
  part_of("earlier").hidden = message.datasets.length < 1;
  part_of("select").replaceChildren(...message.datasets.map((name) => new Option(name, name, false, name === message.chosen)));
  part_of("result").hidden = message.status === "none";
  write(part_of("title"), message.title);
  write(part_of("sentence"), message.sentence);
  part_of("wait").hidden = message.status !== "reading";
  part_of("figures").replaceChildren(...message.figures.map(([label, value]) => {
    const cell = make("div");
    cell.append(make("dt", "", label), make("dd", "", value));
    return cell;
  }));
  part_of("refused").replaceChildren(...message.refused.map(refused));
  part_of("report").hidden = !message.report;
  if (message.report) part_of("report").href = message.report.url;
  if (before === "reading" && message.status === "ready") trigger("ready", {});
};

watch("value", show);
show();
trigger("attach", {});
