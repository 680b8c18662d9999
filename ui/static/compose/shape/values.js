// What all new notes are held by: {tonic, mode, softest, loudest, grid}. What is not asked for is left
// out; a tonic is a number, or `key` for the key of the piece.

export const KEY = "key";
export const USUAL_MODE = "major";
const [SOFTEST, LOUDEST] = [1, 127];

export const typedVelocity = (text) => {
  const value = Math.round(Number(text));
  if (!text.trim() || !Number.isFinite(value)) return null;
  return Math.min(LOUDEST, Math.max(SOFTEST, value));
};

export const withTonic = ({ tonic: _, mode, ...rest }, value) => {
  if (value === "") return rest;
  if (value === KEY) return { ...rest, tonic: KEY };
  return { ...rest, tonic: Number(value), mode: mode || USUAL_MODE };
};

// `null` and empty ask for nothing.
export const withValue = (shape, name, value) => {
  const { [name]: _, ...rest } = shape;
  return value === null || value === "" ? rest : { ...rest, [name]: value };
};
