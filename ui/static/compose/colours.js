// Colours of parts. `ink` is black on paper and white at night; a few are too dark for the night.

const INK = { light: "#26272b", dark: "#f5f5f7" };
const AT_NIGHT = { "#883311": "#9c5a3c", "#0000FF": "#3d4dff", "#660088": "#ee00ee" };

export const isDark = (element) => Boolean(element.closest(".dark"));

export const paint = (colour, dark) => {
  if (colour === "ink") return dark ? INK.dark : INK.light;
  return (dark && AT_NIGHT[colour]) || colour;
};

const channels = (hex) => {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

// `share` of one colour on another, both as hex values.
export const mix = (colour, paper, share) => {
  const below = channels(paper);
  const mixed = channels(colour).map((value, i) =>
    Math.round(value * share + below[i] * (1 - share)),
  );
  return `rgb(${mixed.join(",")})`;
};

// The same, remembering what was mixed: the roll asks for few colours, thousands of times.
export const newMixer = () => {
  const mixed = new Map();
  return (colour, paper, share) => {
    const key = colour + paper + share;
    if (!mixed.has(key)) mixed.set(key, mix(colour, paper, share));
    return mixed.get(key);
  };
};
