// The trainings. `mount` puts life into one list of them; each has a view of its own.

import { remembered } from "../../dom.js";
import { listenToCharts } from "./charts.js";
import { listenToDetail } from "./detail.js";
import { listenToList } from "./list.js";
import { receive } from "./receive.js";
import { listenToSamples } from "./samples.js";
import { listenToUpkeep } from "./upkeep.js";
import { newView, RUN } from "./view.js";

export const mount = (element, { props, trigger, watch, upload }) => {
  const view = newView(element, { props, trigger, upload });
  listenToList(view);
  listenToDetail(view);
  listenToCharts(view);
  listenToSamples(view);
  listenToUpkeep(view);
  watch("value", () => receive(view));
  receive(view);
  trigger("attach", { run: remembered("localStorage", RUN) });
};
