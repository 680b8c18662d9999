// Sheet music drawn from MusicXML. What draws it is large, and is loaded when it is first needed.

const DISPLAY = "../../vendor/opensheetmusicdisplay/display.js";
const OPTIONS = {
  autoResize: false,
  backend: "svg",
  drawComposer: false,
  drawSubtitle: false,
  drawingParameters: "default",
  followCursor: false, // it would scroll the window
};

let loading;

const loadDisplay = () => {
  loading ??= import(new URL(DISPLAY, import.meta.url));
  return loading;
};

const CURSOR = { type: 0, color: "#0b5f9e", alpha: 0.4, follow: false };

// Draws into a node, as wide as it is. Returns what draws it again, larger or smaller.
export const draw = async (node, xml, zoom, options = {}) => {
  const { OpenSheetMusicDisplay } = await loadDisplay();
  const display = new OpenSheetMusicDisplay(node, {
    ...OPTIONS,
    cursorsOptions: [CURSOR],
    ...options,
  });
  await display.load(xml);
  display.zoom = zoom;
  display.render();
  return display;
};

// Gradio would keep these from what is outside of its own container.
const PAPER = `
  #score-on-paper { position: absolute; left: -9999px; top: 0; width: 794px; background: #fff; }
  @media print {
    @page { size: A4; margin: 0; }
    #score-on-paper > div { height: 290mm; overflow: hidden; }
    body:has(> #score-on-paper) > :not(#score-on-paper) { display: none !important; }
    :is(html, body):has(#score-on-paper) { background: #fff !important; min-height: 0 !important; }
    #score-on-paper { position: static; width: 100%; }
    #score-on-paper svg { display: block; width: 100%; height: auto; max-height: 290mm; }
    #score-on-paper > * + * { break-before: page; }
  }`;

const layPaper = () => {
  const style = new CSSStyleSheet();
  style.replaceSync(PAPER);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
  const paper = document.createElement("div");
  paper.id = "score-on-paper";
  document.body.append(paper);
  const takeAway = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== style);
    paper.remove();
  };
  return { paper, takeAway };
};

// Opens the browser's dialogue to print, which writes PDF, too: pages of A4, nothing else on them.
export const print = async (xml) => {
  const { paper, takeAway } = layPaper();
  try {
    await draw(paper, xml, 0.7, { disableCursor: true, pageFormat: "A4_P" });
    const over = new Promise((end) => {
      window.addEventListener("afterprint", end, { once: true });
    });
    window.print();
    await over; // not every browser waits
  } finally {
    takeAway();
  }
};
