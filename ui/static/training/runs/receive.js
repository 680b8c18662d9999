// Messages. One for a training that is not the chosen one any more has been overtaken.

import { showCharts } from "./charts.js";
import { showDetail } from "./detail.js";
import { showList } from "./list.js";
import { showSamples, stopSound } from "./samples.js";
import { showUpkeep } from "./upkeep.js";
import { turnTo } from "./view.js";

const PATIENCE_MS = 5000;

// An app that was started again has forgotten what this page looks at.
const askAgain = ({ state, trigger }) => {
  if (Date.now() - state.asked < PATIENCE_MS) return;
  state.asked = Date.now();
  trigger("choose", { run: state.chosen });
};

export const receive = (view) => {
  const { part, props, state } = view;
  const message = props.value;
  if (!message?.runs) return;
  const names = message.runs.map((run) => run.name);
  if (message.turn || !names.includes(state.chosen)) {
    if (message.chosen !== state.chosen) stopSound(view);
    turnTo(view, message.chosen);
  }
  state.runs = message.runs;
  if (message.chosen === state.chosen) state.run = message.run;
  else askAgain(view);
  showList(view);
  showUpkeep(view, message);
  showDetail(view);
  if (!state.run) return;
  showCharts(view);
  showSamples(view);
  if (message.turn === "new" && message !== state.turned) {
    part("run").scrollIntoView({ block: "start", behavior: view.calm ? "auto" : "smooth" });
  }
  state.turned = message;
};
