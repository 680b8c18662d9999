// The piano roll and player. `mount` puts life into one; each has a view of its own.

import { browserName, whenThemeChanges } from "../../dom.js";
import { inOrder } from "../../events.js";
import { listenToSpace } from "../player/keys.js";
import { lend } from "../player/lending.js";
import { prepareLive } from "../player/live.js";
import { drawMixer, listenToMixer } from "../player/mixer.js";
import { tellPlace } from "../player/place.js";
import { listenToPractice } from "../player/practice.js";
import { listenToPlayer, pause } from "../player/transport.js";
import { schedule } from "./drawing.js";
import { listenToEditing } from "./edit/mode.js";
import { listenToGestures } from "./gestures.js";
import { listenToDrags } from "./marking.js";
import { knownSession, receive } from "./receive.js";
import { refresh } from "./refresh.js";
import { resize } from "./scrolling.js";
import { nowQuarter } from "./state/playhead.js";
import { newView } from "./view.js";

const whenIdle = (act) =>
  window.requestIdleCallback ? window.requestIdleCallback(act) : window.setTimeout(act, 500);

export const mount = (element, { props, trigger, watch, upload }) => {
  const view = newView(element, { props, trigger: inOrder(trigger), upload });
  listenToPlayer(view);
  lend({ open: () => prepareLive(view), silence: () => pause(view) });
  listenToPractice(view);
  listenToMixer(view);
  listenToSpace(view);
  listenToDrags(view);
  listenToGestures(view);
  const edited = listenToEditing(view);
  new ResizeObserver(() => resize(view)).observe(view.scroll);
  whenThemeChanges(() => {
    drawMixer(view);
    schedule(view);
  });
  // For tests and for the curious.
  const quarter = () => nowQuarter(view);
  tellPlace(quarter);
  Object.assign(view.root, { roll: view.state, player: view.player, quarter });
  refresh(view);
  const hear = () => {
    receive(view);
    edited();
  };
  watch("value", hear);
  hear();
  trigger("attach", { session: knownSession(), browser: browserName() });
  // By the time there is music to play, what plays it is there, too.
  whenIdle(() => prepareLive(view));
};
