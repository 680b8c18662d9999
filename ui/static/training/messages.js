// Messages. One for a training that is not the chosen one any more has been overtaken.

const askAgain = () => {
  if (Date.now() - S.asked < 5000) return;
  S.asked = Date.now();
  trigger("choose", { run: S.chosen });
};

const receive = () => {
  const message = props.value;
  if (!message || !message.runs) return;
  const names = message.runs.map((run) => run.name);
  if (message.turn || !names.includes(S.chosen)) {
    if (message.chosen !== S.chosen) stopSound();
    remember(message.chosen);
  }
  S.runs = message.runs;
  if (message.chosen === S.chosen) S.run = message.run;
  else askAgain(); // an app that was restarted has forgotten what this page looks at
  showList();
  showDetail();
  if (!S.run) return;
  showCharts();
  showSamples();
  if (message.turn === "new" && message !== S.turned) part_of("run").scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  S.turned = message;
};

watch("value", receive);
receive();

let known = "";
try { known = window.localStorage.getItem("meloformer-run") || ""; } catch { /* private window */ }
trigger("attach", { run: known });
