// Messages of the app, as they change the page.

import { remember, remembered } from "../../dom.js";
import { loadSound, rewind } from "../player/transport.js";
import { showFacts } from "./legend.js";
import { listenAsKept } from "./listening.js";
import { showChosen } from "./marking.js";
import { refresh, refreshSoon, showRoll, showSeam } from "./refresh.js";
import { messageOf } from "./state/message.js";
import { leadIn } from "./state/music.js";
import { isKnown, isLate, isSamePiece, reduce } from "./state/reduce.js";

const SESSION = "meloformer-session";

// That of this tab, which a reload keeps; a new tab shows what the last one did.
export const knownSession = () =>
  remembered("sessionStorage", SESSION) || remembered("localStorage", SESSION);

const rememberSession = (name) => {
  remember("sessionStorage", SESSION, name);
  remember("localStorage", SESSION, name);
};

const showBeginning = (view) => {
  loadSound(view);
  if (!view.player.playing) view.player.rest = leadIn(view.state);
  showSeam(view);
  showRoll(view);
};

// What a message does beside changing the state.
const EFFECTS = {
  empty: loadSound,
  piece: (view, message, isSame, begun) => {
    showFacts(view, message.name, message.facts || []);
    // Messages that come together are seen as the last of them: a short run, all at once.
    if ("ended" in message && message.ended !== begun) {
      showBeginning(view);
      return;
    }
    loadSound(view);
    if (!isSame && !message.takes.length) view.scroll.scrollLeft = 0;
  },
  begin: showBeginning,
  chosen: (view) => {
    if (view.state.chosen) showChosen(view);
  },
  sound: loadSound,
};

export const receive = (view) => {
  const { state } = view;
  const message = messageOf(view.props.value);
  if (!isKnown(message)) return;
  if (message.kind === "stopping" && !state.composing) return; // it had ended by itself
  const isSame = message.kind === "piece" && isSamePiece(state, message);
  // What is kept or undone goes on sounding; only another piece begins anew.
  if (message.kind === "empty" || (message.kind === "piece" && message.name !== state.name)) {
    rewind(view);
  }
  if (!isLate(state, message)) {
    const { begun } = state;
    Object.assign(state, reduce(state, message));
    if (message.kept) listenAsKept(view, message.kept);
    EFFECTS[message.kind]?.(view, message, isSame, begun);
  }
  if (message.session) rememberSession(message.session);
  if (typeof message.status === "string") view.part("status").textContent = message.status;
  if (message.kind === "bars") refreshSoon(view);
  else refresh(view);
};
