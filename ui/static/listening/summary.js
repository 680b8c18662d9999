// What a listener is told when all pairs are judged: which was which.

import { make, makeButton } from "../dom.js";
import { t, tn } from "../language.js";

export const tally = (pairs) => {
  const count = (of) => pairs.filter(of).length;
  return {
    pairs: pairs.length,
    found: count(({ vote, true: real }) => vote.real === real),
    fooled: count(({ vote, true: real }) => vote.real && vote.real !== real),
    likedWritten: count(({ vote, true: real }) => vote.liked && vote.liked !== real),
    likedReal: count(({ vote, true: real }) => vote.liked === real),
  };
};

const side = (name) => (name ? name.toUpperCase() : "–");

export const makeSummary = (pairs, again) => {
  const counts = tally(pairs);
  const root = make("div", "card");
  root.append(
    make(
      "p",
      "",
      tn(
        "You knew the real piece in {found} of {count} pair, and took the model for it in {fooled}.",
        "You knew the real piece in {found} of {count} pairs, and took the model for it in {fooled}.",
        counts.pairs,
        counts,
      ),
    ),
    make(
      "p",
      "",
      t(
        "You liked the model better {likedWritten} times, the real piece {likedReal} times.",
        counts,
      ),
    ),
  );
  const table = make("table");
  const heads = make("tr");
  for (const said of [t("Music"), t("Real"), t("You thought"), t("You liked")]) {
    const cell = make("th", "", said);
    cell.scope = "col";
    heads.append(cell);
  }
  table.append(heads);
  for (const { set, vote, true: real } of pairs) {
    const row = make("tr");
    for (const said of [set, side(real), side(vote.real), side(vote.liked)]) {
      row.append(make("td", "", said));
    }
    table.append(row);
  }
  const button = makeButton("", t("Let somebody else listen"));
  button.addEventListener("click", again);
  const actions = make("div", "row");
  actions.append(button);
  root.append(table, actions);
  return root;
};
