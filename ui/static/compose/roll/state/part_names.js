// Short names of parts, for where there is little room.

const MOST = 14; // letters
const FEW = 8; // parts, which have room for their names

const SHORTER = [
  [/acoustic/i, "ac."],
  [/electric/i, "el."],
  [/guitar/i, "gtr"],
  [/ensemble/i, "ens."],
  [/synth(esizer)?/i, "syn."],
  [/orchestra(l)?/i, "orch."],
  [/section/i, "sec."],
  [/distortion/i, "dist."],
  [/overdriven/i, "od"],
  [/[()]/g, ""],
];

const cut = (name) => (name.length > MOST ? `${name.slice(0, MOST - 1).trim()}…` : name);

const shortened = (name) => {
  if (name.length <= MOST) return name;
  return cut(SHORTER.reduce((text, [long, short]) => text.replace(long, short), name));
};

// The name by which each part is told from the others; those alike are counted.
export const shortLabels = (parts) => {
  const names = parts.map(({ short, name }) => short || name);
  const labels = parts.length > FEW ? names.map(shortened) : names;
  const seen = new Map();
  return new Map(
    parts.map(({ number }, i) => {
      const count = (seen.get(labels[i]) ?? 0) + 1;
      seen.set(labels[i], count);
      return [number, count > 1 ? `${labels[i]} ${count}` : labels[i]];
    }),
  );
};
