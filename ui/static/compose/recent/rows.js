// The rows of the list of pieces, and the elements that show them.

import { make, makeButton } from "../../dom.js";
import { language, t, tn } from "../../language.js";
import { paint } from "../colours.js";

const SVG = "http://www.w3.org/2000/svg";
const DAY_S = 86_400;

// Lines (x, y, length, part) as one path for each part.
export const pathsOf = (lines) => {
  const paths = new Map();
  for (const [x, y, length, part] of lines) {
    paths.set(part, `${paths.get(part) || ""}M${x} ${y + 0.5}h${length}`);
  }
  return [...paths];
};

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

// A day as one says it: today and yesterday by name.
export const dayText = (seconds, now = new Date()) => {
  const then = new Date(seconds * 1000);
  const days = Math.round((midnight(now) - midnight(then)) / (DAY_S * 1000));
  const time = then.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  if (days === 0) return t("today, {time}", { time });
  if (days === 1) return t("yesterday, {time}", { time });
  return then.toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" });
};

export const factsText = ({ key, bars, used_s }, now) =>
  [key, tn("{count} bar", "{count} bars", bars), dayText(used_s, now)].filter(Boolean).join(" · ");

const thumbnailOf = (piece, { width, height, palette }, dark) => {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `-1 -1 ${width + 2} ${height + 2}`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  for (const [part, d] of pathsOf(piece.lines)) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    path.setAttribute("stroke", paint(palette[part % palette.length], dark));
    path.setAttribute("stroke-width", "1.2");
    picture.append(path);
  }
  return picture;
};

const keyed = (className, act, piece, text, label) => {
  const button = makeButton(className, text);
  button.dataset.act = act;
  button.dataset.piece = piece.id;
  button.dataset.key = `${act}:${piece.id}`; // the focus stays where it was
  if (label) button.setAttribute("aria-label", label);
  return button;
};

const openButton = (piece, drawing, dark) => {
  const button = keyed("mr-open", "open", piece, undefined, "");
  const words = make("span", "mr-words");
  words.append(make("b", "", piece.name), make("i", "", factsText(piece)));
  button.append(thumbnailOf(piece, drawing, dark), words);
  button.title = piece.name;
  return button;
};

// Deleting asks once, in the row.
export const rowElement = (piece, drawing, { asking, dark }) => {
  const line = make("li", "mr-piece");
  if (piece.here) line.setAttribute("aria-current", "true");
  line.append(openButton(piece, drawing, dark));
  if (asking === piece.id) {
    line.append(
      keyed(
        "mr-sure",
        "remove",
        piece,
        t("Delete"),
        t("Delete {name} with all its versions", piece),
      ),
      keyed("mr-no", "spare", piece, t("Keep"), t("Keep {name}", piece)),
    );
  } else {
    line.append(keyed("mr-off", "ask", piece, "✕", t("Delete {name}…", piece)));
  }
  return line;
};
