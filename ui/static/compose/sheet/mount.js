// The piece as sheet music, below its roll: drawn when it is opened, and anew when another version
// is looked at while it is open.

import { write } from "../../dom.js";
import { t } from "../../language.js";
import { offerDrag } from "../links/dragging.js";
import { draw, print } from "./drawing.js";
import { followOn, newFollowing } from "./following.js";

const ZOOMS = [0.4, 0.5, 0.6, 0.7, 0.85, 1, 1.2, 1.5];
const USUAL_ZOOM = 3;
const NARROW_ZOOM = 1;
const NARROW = 600;
const REST_MS = 200;

export const mount = (element, { props, trigger, watch }) => {
  const part = (name) => element.querySelector(`[data-ms="${name}"]`);
  const [open, tools, status, page, link] = ["open", "tools", "status", "page", "download"].map(
    part,
  );
  let zoom = USUAL_ZOOM;
  let asked = ""; // the version whose score was asked for
  let xml = "";
  let shown = ""; // the address of what is drawn
  let display = null;
  let width = 0;

  const isOpen = () => open.getAttribute("aria-expanded") === "true";
  const value = () => props.value || {};
  const following = newFollowing(page, isOpen);

  const showZoom = () => {
    part("out").disabled = zoom === 0;
    part("in").disabled = zoom === ZOOMS.length - 1;
  };

  const drawAgain = () => {
    if (!display || !isOpen()) return;
    width = page.clientWidth;
    display.zoom = ZOOMS[zoom];
    display.render();
    followOn(following, display);
  };

  const drawScore = async ({ file, name, key, bars }) => {
    shown = file.url;
    write(status, t("Drawing the score…"));
    try {
      xml = await (await fetch(file.url)).text();
      followOn(following, null);
      page.replaceChildren();
      width = page.clientWidth;
      if (width < NARROW) zoom = Math.min(zoom, NARROW_ZOOM);
      display = await draw(page, xml, ZOOMS[zoom]);
      followOn(following, display);
    } catch (error) {
      shown = "";
      write(status, t("The score can't be drawn here; download it as MusicXML."));
      console.warn(error);
      return;
    }
    if (key !== value().key) return;
    page.dataset.bars = display.GraphicSheet.MeasureList.length;
    page.setAttribute("aria-label", t("Sheet music of {name}, {bars} bars", { name, bars }));
    link.href = file.url;
    link.download = `${name}.musicxml`;
    link.removeAttribute("aria-disabled");
    showZoom();
    write(status, "");
  };

  const ask = () => {
    const { key, file, problem } = value();
    if (!isOpen() || !key) return;
    if (problem) {
      write(status, problem);
    } else if (file) {
      if (file.url !== shown) drawScore(value());
    } else if (asked !== key) {
      asked = key;
      write(status, t("Writing the score…"));
      trigger("ask", { key });
    }
  };

  const receive = () => {
    const { key = "", file } = value();
    open.disabled = !key;
    if (!file && asked !== key) asked = "";
    if (!key) {
      page.replaceChildren();
      display = null;
      followOn(following, null);
      shown = "";
      delete page.dataset.bars;
    }
    ask();
  };

  open.addEventListener("click", () => {
    const opens = !isOpen();
    open.setAttribute("aria-expanded", String(opens));
    tools.hidden = page.hidden = !opens;
    if (!opens) write(status, "");
    if (opens && display && page.clientWidth !== width) drawAgain();
    ask();
  });
  for (const [name, step] of [
    ["out", -1],
    ["in", 1],
  ]) {
    part(name).addEventListener("click", () => {
      zoom = Math.max(0, Math.min(ZOOMS.length - 1, zoom + step));
      showZoom();
      drawAgain();
    });
  }
  part("print").addEventListener("click", async () => {
    if (!xml || part("print").disabled) return;
    part("print").disabled = true;
    await print(xml).finally(() => {
      part("print").disabled = false;
    });
  });
  offerDrag(link);
  let rest = 0;
  new ResizeObserver(() => {
    if (!page.clientWidth || page.clientWidth === width) return;
    clearTimeout(rest);
    rest = setTimeout(drawAgain, REST_MS);
  }).observe(page);
  watch("value", receive);
  receive();
};
