// Nodes of a picture.

const SVG = "http://www.w3.org/2000/svg";

export const svg = (tag, attributes, text = undefined) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
};
