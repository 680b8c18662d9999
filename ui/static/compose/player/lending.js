// The synthesizer of the page, for those who play it by hand. It is the roll's, which lends it: a second
// one would load the SoundFont a second time.

let lender = null; // {open, silence}

// The first roll of the page lends: `open` gives a promise of the engine, `silence` stops its music.
export const lend = (own) => {
  lender ??= own;
};

export const borrow = async () => {
  const engine = lender ? await lender.open() : null;
  lender?.silence();
  return engine;
};
