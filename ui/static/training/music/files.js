// Files that were chosen or dropped, as {file, name}: which of them are music, and whether they
// may be brought. Names are paths below what was dropped.

import { t, tn } from "../../language.js";

const MUSIC = /\.(mid|midi|kar|rmi|zip)$/i;

export const filesText = (count) => tn("{count} file", "{count} files", count);

export const musicOf = (all) => all.filter((one) => MUSIC.test(one.name));

// Why these files cannot be brought; empty if they can.
export const objection = (files, { most_files: mostFiles, most_bytes: mostBytes }) => {
  const bytes = files.reduce((sum, one) => sum + one.file.size, 0);
  if (!files.length) {
    return t(
      "There is no MIDI file in it: their names end in .mid, .midi, .kar or .rmi. A ZIP may hold them, too.",
    );
  }
  if (files.length > mostFiles) {
    return t("{files} at once are too many: up to {most}, or any number in a ZIP.", {
      files: filesText(files.length),
      most: filesText(mostFiles),
    });
  }
  if (bytes > mostBytes) {
    return t("This is {size} MB; up to {most} MB can be brought at once.", {
      size: Math.ceil(bytes / 1e6),
      most: Math.round(mostBytes / 1e6),
    });
  }
  return "";
};

// A folder that was dropped, walked through.
const walk = async (entry) => {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    return [{ file, name: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const one of some) found.push(...(await walk(one)));
  }
};

export const droppedFiles = async (carried) => {
  const entries = [...carried.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...carried.files].map((file) => ({ file, name: file.name }));
  return (await Promise.all(entries.map(walk))).flat();
};

export const chosenFiles = (input) =>
  [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
