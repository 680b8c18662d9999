// Sheet music drawn from MusicXML. What draws it is large, and is loaded when it is first needed.

const DISPLAY = "../../vendor/opensheetmusicdisplay/display.js";
const OPTIONS = {
  autoResize: false,
  backend: "svg",
  drawComposer: false,
  drawSubtitle: false,
  drawingParameters: "default",
  followCursor: false,
};

let loading;

const loadDisplay = () => {
  loading ??= import(new URL(DISPLAY, import.meta.url));
  return loading;
};

// Draws into a node, as wide as it is. Returns what draws it again, larger or smaller.
export const draw = async (node, xml, zoom, options = {}) => {
  const { OpenSheetMusicDisplay } = await loadDisplay();
  const display = new OpenSheetMusicDisplay(node, { ...OPTIONS, ...options });
  await display.load(xml);
  display.zoom = zoom;
  display.render();
  return display;
};

// Opens the browser's dialogue to print, which writes PDF, too: pages of A4, nothing else on them.
export const print = async (xml) => {
  const paper = document.createElement("div");
  paper.id = "score-on-paper";
  document.body.append(paper);
  try {
    await draw(paper, xml, 0.7, { pageFormat: "A4_P" });
    window.print();
  } finally {
    paper.remove();
  }
};
