// The parts picker. `props.value` is {rewrites, rows: [{number, name, colour, presence, own}]}.
// Where bars are written again, a part of the piece is written as usual there, or kept as it is.

const part_of = (name) => element.querySelector('[data-mp="' + name + '"]');
const CHOICES = [["always", "Every bar"], ["free", "Free"], ["silent", "Silent"]];
const group = "mp" + Math.random().toString(36).slice(2);

const rows = () => (props.value && props.value.rows) || [];
const setRows = (next) => { props.value = { ...props.value, rows: next }; show(); };
const rewrites = () => Boolean(props.value && props.value.rewrites);
const choicesOf = (row) => {
  if (!rewrites()) return CHOICES;
  return row.own ? [[row.usual, "Again"], ["kept", "Keep"]] : CHOICES.slice(0, 2);
};
const dark = () => Boolean(element.closest(".dark"));
const paint = (colour) => (colour === "ink" ? (dark() ? "#f5f5f7" : "#26272b") : colour);

const make = (tag, className, text) => {
  const node = document.createElement(tag);
  node.className = className;
  if (text) node.textContent = text;
  return node;
};

const choice = (row) => {
  const set = make("span", "mp-choice");
  set.setAttribute("role", "radiogroup");
  set.setAttribute("aria-label", row.name);
  choicesOf(row).forEach(([value, text]) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "radio";
    input.name = group + row.number;
    input.value = value;
    input.checked = row.presence === value;
    input.dataset.number = row.number;
    input.setAttribute("aria-label", row.name + ": " + text);
    label.append(input, make("span", "", text));
    set.append(label);
  });
  return set;
};

const show = () => {
  const focused = document.activeElement && element.contains(document.activeElement)
    ? [document.activeElement.dataset.number, document.activeElement.value] : null;
  part_of("rows").replaceChildren(...rows().map((row) => {
    const line = make("div", "mp-row");
    const swatch = make("span", "mp-swatch");
    swatch.style.background = paint(row.colour);
    const name = make("span", "mp-name", row.short || row.name);
    name.title = row.name;
    line.append(swatch, name, choice(row));
    if (!row.own) {
      const off = make("button", "mp-off", "✕");
      off.type = "button";
      off.dataset.off = row.number;
      off.setAttribute("aria-label", "Remove " + row.name);
      line.append(off);
    }
    return line;
  }));
  if (focused && focused[0]) {
    const again = part_of("rows").querySelector('input[data-number="' + focused[0] + '"][value="' + focused[1] + '"]');
    if (again) again.focus();
  }
  part_of("title").textContent = rewrites() ? "Parts to write again" : "Parts";
  part_of("add").disabled = rows().length === 0;
};

props.families.forEach((family) => {
  const list = document.createElement("optgroup");
  list.label = family.family;
  family.choices.forEach((one) => list.append(new Option(one.label, one.program)));
  part_of("add").append(list);
});

part_of("rows").addEventListener("change", (event) => {
  const number = Number(event.target.dataset.number);
  setRows(rows().map((row) => (row.number === number ? { ...row, presence: event.target.value } : row)));
});

part_of("rows").addEventListener("click", (event) => {
  const off = event.target.closest("[data-off]");
  if (off) setRows(rows().filter((row) => row.number !== Number(off.dataset.off)));
});

part_of("add").addEventListener("change", (event) => {
  const program = event.target.value;
  const label = event.target.selectedOptions[0].textContent;
  event.target.value = "";
  if (program === "") return;
  const base = Number(program) * props.instances;
  const most = Number(program) === props.drums ? 1 : props.instances;
  const used = new Set(rows().map((row) => row.number));
  for (let i = 0; i < most; i += 1) {
    if (used.has(base + i)) continue;
    const colour = props.palette[rows().length % props.palette.length];
    const name = i === 0 ? label : label + " " + (i + 1);
    setRows([...rows(), { number: base + i, name, colour, presence: "always", own: false }]);
    return;
  }
});

new MutationObserver(show).observe(document.body, { attributes: true, attributeFilter: ["class"] });
watch("value", show);
show();
