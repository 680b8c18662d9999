// Where the music is that is heard, for those who show it beside the roll.

let roll = null; // gives the quarter

// The first roll of the page tells.
export const tellPlace = (quarter) => {
  roll ??= quarter;
};

export const heardQuarter = () => (roll ? roll() : 0);
