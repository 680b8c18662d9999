// The piano roll and player. `mount` puts life into one; each has a view of its own.

import { browserName, whenThemeChanges } from "../../dom.js";
import { schedule } from "./drawing.js";
import { listenToGestures } from "./gestures.js";
import { drawLegend } from "./legend.js";
import { listenToDrags } from "./marking.js";
import { knownSession, receive } from "./receive.js";
import { refresh } from "./refresh.js";
import { resize } from "./scrolling.js";
import { listenToAudio } from "./sound.js";
import { newView } from "./view.js";

export const mount = (element, { props, trigger, watch, upload }) => {
  const view = newView(element, { props, trigger, upload });
  listenToAudio(view);
  listenToDrags(view);
  listenToGestures(view);
  new ResizeObserver(() => resize(view)).observe(view.scroll);
  whenThemeChanges(() => {
    drawLegend(view);
    schedule(view);
  });
  view.root.roll = view.state; // for tests and for the curious
  refresh(view);
  watch("value", () => receive(view));
  receive(view);
  trigger("attach", { session: knownSession(), browser: browserName() });
};
