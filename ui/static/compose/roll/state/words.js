// A bar in words, for a screen reader and for the text below the roll.

import { t, tn } from "../../../language.js";

const OCTAVE = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const MOST_NAMED = 12;
const SAME = 0.001;

export const pitchName = (pitch) => OCTAVE[pitch % 12] + (Math.floor(pitch / 12) - 1);

// Flats and sharps as they are printed.
export const chordName = (name) => name.replaceAll("b", "♭").replaceAll("#", "♯");

export const isChord = (name) => Boolean(name) && name !== "N";

const partText = (part, notes) => {
  if (!notes.length) return "";
  if (part.drum) return tn("{name} {count} hit", "{name} {count} hits", notes.length, part);
  const names = notes.slice(0, MOST_NAMED).map((note) => pitchName(note.pitch));
  const left = notes.length - names.length;
  const said = `${part.name} ${names.join(" ")}`;
  return left ? t("{notes} and {left} more", { notes: said, left }) : said;
};

export const barText = (state, index) => {
  const bar = state.all[index];
  if (!bar) return "";
  const newness = bar.kind === "new" ? t(", new") : "";
  const chord = isChord(bar.chord) ? `, ${chordName(bar.chord)}` : "";
  const where = `${t("Bar {number}", { number: index + state.firstNumber })}${newness}${chord}`;
  if (bar.kind === "coming") return t("{bar}: to come", { bar: where });
  const notes = [...state.given.notes, ...state.made.notes].filter(
    (note) => note.start >= bar.start - SAME && note.start < bar.end - SAME,
  );
  const said = state.parts
    .map((part) =>
      partText(
        part,
        notes.filter((note) => note.part === part.number),
      ),
    )
    .filter(Boolean);
  return `${where}: ${said.length ? said.join("; ") : t("rest")}`;
};
