// Metres as they are written, "6/8": how long a bar is and what is counted in it, in quarters.

const numbers = (metre) => metre.split("/").map(Number);

export const barOf = (metre) => {
  const [numerator, denominator] = numbers(metre);
  return (4 * numerator) / denominator;
};

const isCompound = (metre) => {
  const [numerator, denominator] = numbers(metre);
  return denominator === 8 && numerator > 3 && numerator % 3 === 0;
};

// What clicks: in 6/8 dotted quarters, in 7/8 eighths.
export const beatOf = (metre) => (isCompound(metre) ? 1.5 : 4 / numbers(metre)[1]);

// What a tempo counts, and how it is written.
export const tempoUnit = (metre) =>
  isCompound(metre) ? { quarters: 1.5, sign: "♩." } : { quarters: 1, sign: "♩" };

// So many bars from a quarter on; the count-in is one before the music.
export const barsFrom = (metre, first, count) => {
  const bar = barOf(metre);
  return Array.from({ length: count }, (_, i) => ({
    start: first + i * bar,
    end: first + (i + 1) * bar,
  }));
};
