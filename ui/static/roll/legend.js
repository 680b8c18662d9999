// Legend, takes, text.

const drawLegend = () => {
  const key = JSON.stringify([S.parts, [...S.hidden], Boolean(root.closest(".dark"))]);
  if (S.legendKey === key) return;
  S.legendKey = key;
  const c = colours();
  part_of("legend").replaceChildren(...S.parts.map((part) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "mf-chip";
    chip.dataset.part = part.number;
    chip.setAttribute("aria-pressed", String(!S.hidden.has(part.number)));
    chip.title = part.name + ": show or hide";
    const swatch = document.createElement("span");
    swatch.className = "mf-swatch";
    swatch.style.background = partColour(part, c);
    const name = document.createElement("span");
    name.className = "mf-name";
    name.textContent = part.short;
    chip.append(swatch, name);
    return chip;
  }));
};

const drawTakes = () => {
  const count = S.takes.length;
  const key = count + ":" + S.selected;
  if (S.takesKey === key) return;
  S.takesKey = key;
  const buttons = [];
  if (count > 1) {
    const label = document.createElement("span");
    label.className = "mf-label";
    label.textContent = "Compare";
    buttons.push(label);
    for (let i = 0; i < count; i += 1) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "mf-btn";
      button.dataset.take = i;
      button.textContent = String(i + 1);
      button.setAttribute("aria-label", "Continuation " + (i + 1));
      button.setAttribute("aria-pressed", String(i === S.selected));
      buttons.push(button);
    }
  }
  part_of("takes").replaceChildren(...buttons);
};

const pitchName = (pitch) => OCTAVE[pitch % 12] + (Math.floor(pitch / 12) - 1);

const barText = (index) => {
  const bar = S.all[index];
  if (!bar) return "";
  const where = "Bar " + (index + 1) + (bar.kind === "new" ? ", new" : "") +
    (bar.chord && bar.chord !== "N" ? ", " + bar.chord : "");
  if (bar.kind === "coming") return where + ": to come";
  const notes = [...S.given, ...S.made]
    .filter((n) => n.start >= bar.start - 0.001 && n.start < bar.end - 0.001);
  const said = S.parts.map((part) => {
    const own = notes.filter((n) => n.part === part.number);
    if (!own.length) return "";
    if (part.drum) return part.name + " " + own.length + (own.length === 1 ? " hit" : " hits");
    const names = own.slice(0, 12).map((n) => pitchName(n.pitch)).join(" ");
    return part.name + " " + names + (own.length > 12 ? " and " + (own.length - 12) + " more" : "");
  }).filter(Boolean);
  return where + ": " + (said.length ? said.join("; ") : "rest");
};

const writeText = () => {
  part_of("text").replaceChildren(...S.all.map((bar, index) => {
    const line = document.createElement("li");
    line.textContent = barText(index);
    return line;
  }));
};
