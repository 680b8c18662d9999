// What a row of the downloads is: a link, or a button that asks for the file.

// Audio as it is heard is made anew each time: the mixer may have been moved.
export const isAsked = ({ kind, audio, file }, asHeard) =>
  Boolean(kind) && (audio && asHeard ? true : !file);

export const nameOf = ({ label, audio }, asHeard) =>
  audio && asHeard ? `${label}, as heard` : label;
