// The runs on the page: elements, state, and what Gradio has handed over. Nothing is kept here but
// what the visitor has chosen; all else is the latest message of `meloformer/app/training/view.py`.

import { remember } from "../../dom.js";
import { newTools } from "../tools.js";

export const RUN = "meloformer-run";

export const newView = (element, { props, trigger, upload }) => {
  const part = (name) => element.querySelector(`[data-mt="${name}"]`);
  const view = {
    part,
    props,
    trigger,
    upload,
    root: part("root"),
    audio: part("audio"),
    charts: [...element.querySelectorAll("[data-chart]")].map((figure) => ({
      figure,
      scale: null,
    })),
    calm: window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    changed: newChanges(),
    state: {
      chosen: "", // name of a run
      runs: [],
      run: null,
      sure: null, // the action that must be pressed once more
      cursor: null, // the moment under a finger or a mouse, in seconds
      asked: 0, // when the app was last asked for another run
      turned: null, // the message that the page last turned to a run for
      wanted: null, // key of a sample that is to be played
      wantedAt: 0,
      playing: "", // key of the sample in the player
      column: null, // its opening
      models: [], // imported ones
      sureModel: "", // the one whose Delete must be pressed once more
      deleted: null, // what can be brought back, when the first message is here
      said: "", // what has just been done
      saidAt: 0,
    },
  };
  view.tools = newTools(part("tools"), "mt", (what, value) => {
    trigger("ask", { run: view.state.run.name, what, value });
  });
  return view;
};

// What has not changed is left alone: it may just be clicked.
const newChanges = () => {
  const last = new Map();
  return (name, content) => {
    const text = JSON.stringify(content);
    const isNew = last.get(name) !== text;
    last.set(name, text);
    return isNew;
  };
};

export const turnTo = ({ state }, name) => {
  state.chosen = name;
  remember("localStorage", RUN, name);
};
