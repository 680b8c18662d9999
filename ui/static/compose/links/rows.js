// What a row of the downloads is: a link, or a button that asks for the file.

import { t } from "../../language.js";

// Audio as it is heard is made anew each time: the mixer may have been moved.
export const isAsked = ({ kind, audio, file }, asHeard) =>
  Boolean(kind) && (audio && asHeard ? true : !file);

export const nameOf = ({ label, audio }, asHeard) =>
  audio && asHeard ? t("{label}, as heard", { label }) : label;
