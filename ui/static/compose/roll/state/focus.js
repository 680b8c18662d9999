// The part whose name the pointer is on. All others step back, unless it is hidden itself.

export const stepsBack = ({ focusPart, hidden }, part) =>
  focusPart !== null && !hidden.has(focusPart) && focusPart !== part;
