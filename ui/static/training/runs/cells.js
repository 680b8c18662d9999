// Samples by their key: what a cell of the table holds, and where it stands.

export const wordsOf = (row, prompt) => `${row.label}, ${prompt}`;

// The cell, its words, and its column; undefined where there is none.
export const cellOf = ({ prompts, rows }, key) =>
  rows
    .flatMap((row) =>
      row.cells.map((cell, column) => ({ cell, column, words: wordsOf(row, prompts[column]) })),
    )
    .find(({ cell }) => cell?.key === key);
