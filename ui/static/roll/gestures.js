// What the musician does.

const choose = (index) => {
  if (index < 0 || index >= S.takes.length || index === S.selected) return;
  S.selected = index;
  refresh();
  loadSound();
  part_of("live").textContent = "Continuation " + (index + 1);
  trigger("pick", { take: index });
};

const playFromSeam = () => {
  const before = S.all.filter((bar) => bar.kind === "given");
  const from = before.length ? before[before.length - 1].start : 0;
  seek(from);
  showQuarter(S.seam, 0.25);
  if (audio.paused) playPause();
};

const barAt = (quarter) => {
  const index = S.all.findIndex((bar) => quarter < bar.end - 0.001);
  return index < 0 ? S.all.length - 1 : index;
};

const stepBar = (by) => {
  if (!S.all.length) return;
  const here = barAt(nowQuarter() + 0.01);
  const index = Math.min(S.all.length - 1, Math.max(0, here + by));
  seek(S.all[index].start);
  const x = xOf(S.all[index].start);
  if (x < GUTTER || x > GUTTER + view() * 0.85) showQuarter(S.all[index].start, 0.2);
  part_of("live").textContent = barText(index);
};

const keys = {
  " ": playPause,
  Enter: () => { audio.pause(); seek(0); showQuarter(0, 0); },
  Home: () => { seek(0); showQuarter(0, 0); },
  End: () => { if (S.takes.length) { seek(S.seam); showQuarter(S.seam, 0.25); } },
  ArrowLeft: () => stepBar(-1),
  ArrowRight: () => stepBar(1),
  "+": () => setZoom(S.zoom * 1.35),
  "=": () => setZoom(S.zoom * 1.35),
  "-": () => setZoom(S.zoom / 1.35),
  Escape: letGo,
  1: () => choose(0), 2: () => choose(1), 3: () => choose(2), 4: () => choose(3),
};

root.addEventListener("keydown", (event) => {
  const inControl = event.target.closest("button, summary, input, select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  if (inControl && (event.key === " " || event.key === "Enter")) return;
  event.preventDefault();
  if (event.shiftKey && event.key.startsWith("Arrow")) extendChosen(event.key === "ArrowLeft" ? -1 : 1);
  else keys[event.key]();
});

canvas.addEventListener("click", (event) => {
  const box = canvas.getBoundingClientRect();
  if (!dragged && event.clientX - box.left >= GUTTER && S.name) seek(quarterAt(event.clientX - box.left));
});

scroll.addEventListener("wheel", (event) => {
  if (!S.name || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  setZoom(S.zoom * Math.exp(-event.deltaY * 0.0022), event.clientX - canvas.getBoundingClientRect().left);
}, { passive: false });
scroll.addEventListener("scroll", schedule, { passive: true });
["pointerdown", "wheel", "touchstart"].forEach((name) =>
  scroll.addEventListener(name, () => { S.follow = false; }, { passive: true }));

const noteAt = (x, y) => {
  const r = rows(canvas.clientHeight);
  const quarter = quarterAt(x);
  let found = null;
  [S.given, S.made].forEach((notes) => eachVisible(notes, quarter - 0.3, quarter + 0.3, (note) => {
    const box = boxOf(note, r);
    const inside = x >= box.x - 1 && x <= box.x + box.width + 1 && y >= box.y - 1 && y <= box.y + box.height + 1;
    if (inside && !S.hidden.has(note.part)) found = note;
  }));
  return found;
};

canvas.addEventListener("pointermove", (event) => {
  if (!S.name || event.pointerType !== "mouse") return;
  const box = canvas.getBoundingClientRect();
  const x = event.clientX - box.left, y = event.clientY - box.top;
  const note = noteAt(x, y);
  const tip = part_of("tip");
  const canMark = S.mostAgain && y < RULER && x >= GUTTER;
  if (drag || (!note && !canMark)) { tip.style.opacity = 0; return; }
  const part = note && S.index.get(note.part);
  tip.textContent = canMark ? "Drag over bars to write them again"
    : part.name + (part.drum ? "" : "  " + pitchName(note.pitch)) + "  bar " + (barAt(note.start) + 1);
  tip.style.opacity = 1;
  const left = Math.min(x + 12, box.width - tip.offsetWidth - 4);
  tip.style.transform = "translate(" + left + "px," + Math.max(2, y - 28) + "px)";
});
canvas.addEventListener("pointerleave", () => { part_of("tip").style.opacity = 0; });

part_of("legend").addEventListener("click", (event) => {
  const chip = event.target.closest("[data-part]");
  if (!chip) return;
  const number = Number(chip.dataset.part);
  if (S.hidden.has(number)) S.hidden.delete(number); else S.hidden.add(number);
  chip.setAttribute("aria-pressed", String(!S.hidden.has(number)));
  schedule();
});
["pointerover", "pointerout"].forEach((name) => part_of("legend").addEventListener(name, (event) => {
  if (event.pointerType !== "mouse") return;
  const chip = name === "pointerover" ? event.target.closest("[data-part]") : null;
  S.focusPart = chip && !S.hidden.has(Number(chip.dataset.part)) ? Number(chip.dataset.part) : null;
  schedule();
}));
part_of("takes").addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (button) choose(Number(button.dataset.take));
});
part_of("play").addEventListener("click", playPause);
part_of("home").addEventListener("click", () => { seek(0); showQuarter(0, 0); });
part_of("seam").addEventListener("click", playFromSeam);
part_of("in").addEventListener("click", () => setZoom(S.zoom * 1.35));
part_of("out").addEventListener("click", () => setZoom(S.zoom / 1.35));
part_of("fit").addEventListener("click", () => setZoom(0));
part_of("details").addEventListener("toggle", () => { if (part_of("details").open) writeText(); });

// A file may be dropped on the roll itself.
root.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  root.dataset.drop = "yes";
});
root.addEventListener("dragleave", (event) => {
  if (!root.contains(event.relatedTarget)) delete root.dataset.drop;
});
root.addEventListener("drop", async (event) => {
  delete root.dataset.drop;
  const file = event.dataTransfer.files[0];
  if (!file) return;
  event.preventDefault();
  part_of("status").textContent = "Reading " + file.name + "…";
  try {
    const { path } = await upload(file);
    trigger("bring", { path });
  } catch {
    part_of("status").textContent = "The file did not arrive. Is it larger than 5 MB?";
  }
});

new ResizeObserver(() => { if (S.name) { S.zoom = Math.max(S.zoom, fitZoom()); layout(); } schedule(); }).observe(scroll);
new MutationObserver(() => { drawLegend(); schedule(); }).observe(document.body, { attributes: true, attributeFilter: ["class"] });

root.roll = S; // for tests and for the curious: document.querySelector('[data-mf=root]').roll
refresh();
watch("value", receive);
receive();

let known = "";
try { known = window.sessionStorage.getItem("meloformer-session") || ""; } catch { /* private window */ }
trigger("attach", { session: known });
