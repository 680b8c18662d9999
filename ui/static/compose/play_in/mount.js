// Playing a line in: a button, and the panel it opens. `props` says which instruments and metres there
// are; what is played leaves as the event `use`.

import { whenThemeChanges, write } from "../../dom.js";
import { t, tn } from "../../language.js";
import { listenToComputerKeys } from "./computer_keys.js";
import { firstSettings, listenToFields, showFields } from "./fields.js";
import { drawKeys, lightKey, listenToKeys } from "./keyboard.js";
import { octaveKeys, printedKeys, shifted } from "./keys.js";
import { asText } from "./line.js";
import { barOf } from "./metre.js";
import { hasMidi, openMidi } from "./midi.js";
import { drawPicture } from "./picture.js";
import {
  countText,
  isRecording,
  lift,
  liftAll,
  lineText,
  makeLine,
  movePedal,
  press,
  qpmOf,
  quarterHere,
  record,
  seenNotes,
  seenUntil,
  stopRecording,
} from "./recorder.js";
import {
  closeSound,
  hear,
  heardQuarter,
  isHeard,
  newSound,
  openSound,
  setInstrument,
  stopHearing,
} from "./sound.js";
import { newTake } from "./take.js";

const TOUCH = 84; // the velocity of a finger
const MIDDLE_C = 60;
const KICK = 36; // the C of the drums

const newDesk = (element, { props, trigger }) => {
  const part = (name) => element.querySelector(`[data-pi="${name}"]`);
  const settings = firstSettings(props);
  return {
    part,
    props,
    trigger,
    settings,
    recorded: { ...settings }, // as they were when recording began
    sound: newSound(),
    opening: Promise.resolve(), // until the sound is there
    phase: "idle", // "counting", "recording", "done"
    timing: null,
    take: newTake(),
    line: null,
    base: MIDDLE_C,
    printed: printedKeys(),
    down: new Map(), // pitches by what holds them
    said: "",
    light: (pitch, isDown) => lightKey(part("keys"), pitch, isDown),
  };
};

const whereNow = (desk) => {
  if (isRecording(desk)) return quarterHere(desk);
  return isHeard(desk) ? heardQuarter(desk) : null;
};

const draw = (desk) => {
  const { metre } = isRecording(desk) || desk.line ? desk.recorded : desk.settings;
  drawPicture(desk.part("picture"), {
    notes: seenNotes(desk),
    metre,
    from: isRecording(desk) ? -barOf(metre) : 0,
    until: seenUntil(desk),
    now: whereNow(desk),
  });
  write(desk.part("count"), countText(desk));
};

const show = (desk) => {
  const { part, phase, line } = desk;
  const isBusy = isRecording(desk);
  const root = part("root");
  root.dataset.phase = phase;
  root.dataset.notes = String(line?.notes.length ?? 0);
  write(part("record"), isBusy ? t("Stop") : phase === "done" ? t("Record again") : t("Record"));
  write(part("hear"), isHeard(desk) ? t("Stop hearing") : t("Hear it"));
  part("hear").disabled = !line || !desk.sound.engine;
  part("use").disabled = !line;
  part("picture").setAttribute("aria-label", line ? lineText(desk) : t("What was played"));
  write(part("said"), desk.said);
  showFields(desk, isBusy);
  draw(desk);
};

const redrawKeys = (desk) => {
  drawKeys(desk.part("keys"), desk.base, desk.printed);
  for (const pitch of desk.down.values()) desk.light(pitch, true);
};

const shift = (desk, octaves) => {
  desk.base = shifted(desk.base, octaves);
  redrawKeys(desk);
};

const toggleRecord = async (desk) => {
  if (isRecording(desk)) {
    stopRecording(desk);
    return;
  }
  await desk.opening;
  if (desk.part("sheet").open && !isRecording(desk)) record(desk);
};

const toggleHear = async (desk) => {
  if (isHeard(desk)) await stopHearing(desk);
  else {
    const follow = () => {
      if (!isHeard(desk)) return;
      draw(desk);
      requestAnimationFrame(follow);
    };
    await hear(desk, qpmOf(desk.recorded), () => show(desk));
    follow();
  }
  show(desk);
};

const use = (desk) => {
  const { metre, tempo } = desk.recorded;
  const { program } = desk.settings;
  const line = asText(desk.line, { name: t("Played in"), program, metre, tempo });
  desk.part("sheet").close();
  desk.trigger("use", { line });
};

const open = (desk) => {
  desk.part("sheet").showModal();
  desk.part("record").focus();
  desk.said ||= t("Loading the sound…");
  desk.opening = openSound(desk).then(() => {
    if (desk.phase === "idle") {
      desk.said = desk.sound.engine
        ? t("Play to try, or press Record.")
        : t("There is no sound on this page: you play in silence.");
    }
    show(desk);
  });
  show(desk);
};

const close = async (desk) => {
  stopRecording(desk);
  liftAll(desk);
  await stopHearing(desk);
  closeSound(desk);
};

const choose = async (desk, setting) => {
  if (setting === "program") {
    liftAll(desk);
    desk.base = desk.settings.program === desk.props.drums ? KICK : MIDDLE_C;
    redrawKeys(desk);
    setInstrument(desk);
  }
  if (setting === "grid" && desk.line) {
    await stopHearing(desk);
    makeLine(desk);
    desk.said = lineText(desk);
  }
  show(desk);
};

const listenToMidi = (desk) => {
  const { part } = desk;
  let chooseInput = null;
  const note = (text) => write(part("midinote"), text);
  const heard = ({ kind, pitch, velocity, isDown, source, time }) => {
    if (!part("sheet").open) return;
    if (kind === "on") press(desk, `${source} ${pitch}`, pitch, velocity, time);
    if (kind === "off") lift(desk, `${source} ${pitch}`, time);
    if (kind === "pedal") movePedal(desk, isDown, time);
  };
  const changed = (inputs, chosen) => {
    liftAll(desk); // a keyboard that was pulled out lets go of nothing
    part("inputs").hidden = inputs.length < 2;
    part("input").replaceChildren(
      new Option(t("All of them"), ""),
      ...inputs.map(({ id, name }) => new Option(name, id)),
    );
    part("input").value = chosen;
    if (inputs.length === 1) note(t("{name} plays.", inputs[0]));
    else if (inputs.length)
      note(tn("{count} keyboard plays.", "{count} keyboards play.", inputs.length));
    else note(t("No MIDI keyboard is plugged in yet. It plays as soon as it is."));
  };
  if (!hasMidi()) {
    part("connect").hidden = true;
    note(
      t(
        "This browser lets no MIDI keyboard in here; the computer keyboard and the keys below play.",
      ),
    );
  }
  part("connect").addEventListener("click", async () => {
    try {
      chooseInput = await openMidi(heard, changed);
      part("connect").hidden = true;
      part("record").focus();
    } catch {
      note(
        t(
          "The browser did not let the MIDI keyboard in. The computer keyboard plays all the same.",
        ),
      );
    }
  });
  part("input").addEventListener("change", () => chooseInput?.(part("input").value));
};

const sayKeys = (desk) => {
  const white = desk.printed.filter((_, semitone) => ![1, 3, 6, 8, 10, 13, 15].includes(semitone));
  const [lower, higher] = desk.octaves;
  const fields = { first: white[0], last: white.at(-1), lower, higher };
  write(
    desk.part("hint"),
    t(
      "Computer keyboard: {first} to {last} are the white keys, the row above has the black ones, {lower} and {higher} move by an octave. Space records and stops.",
      fields,
    ),
  );
};

// What is printed on this keyboard, where the browser tells it.
const learnLayout = async (desk) => {
  try {
    const layout = await navigator.keyboard?.getLayoutMap();
    if (!layout) return;
    Object.assign(desk, { printed: printedKeys(layout), octaves: octaveKeys(layout) });
    redrawKeys(desk);
    sayKeys(desk);
  } catch {
    // a page in a frame is not told
  }
};

export const mount = (element, gradio) => {
  const desk = newDesk(element, gradio);
  const { part } = desk;
  desk.octaves = octaveKeys();
  desk.draw = () => draw(desk);
  desk.show = () => show(desk);
  let isByPointer = false;
  listenToFields(desk, (setting) => {
    choose(desk, setting);
    // Letters are to play, not to choose from a list that was just clicked.
    if (isByPointer && setting !== "tempo") part(desk.line ? "hear" : "record").focus();
  });
  const isFrom = (how) => () => {
    isByPointer = how === "pointer";
  };
  window.addEventListener("pointerdown", isFrom("pointer"), true);
  window.addEventListener("keydown", isFrom("key"), true);
  const acts = { toggle: () => toggleRecord(desk), shift: (octaves) => shift(desk, octaves) };
  listenToComputerKeys(desk, acts);
  listenToKeys(
    part("keys"),
    (source, pitch, time) => press(desk, source, pitch, TOUCH, time),
    (source, time) => lift(desk, source, time),
  );
  listenToMidi(desk);
  part("open").addEventListener("click", () => open(desk));
  part("close").addEventListener("click", () => part("sheet").close());
  part("sheet").addEventListener("close", () => close(desk));
  part("sheet").addEventListener("cancel", (event) => {
    if (!isRecording(desk)) return;
    event.preventDefault();
    stopRecording(desk);
  });
  part("record").addEventListener("click", acts.toggle);
  part("hear").addEventListener("click", () => toggleHear(desk));
  part("use").addEventListener("click", () => use(desk));
  part("lower").addEventListener("click", () => shift(desk, -1));
  part("higher").addEventListener("click", () => shift(desk, 1));
  window.addEventListener("blur", () => liftAll(desk));
  new ResizeObserver(() => part("sheet").open && draw(desk)).observe(part("picture"));
  whenThemeChanges(() => part("sheet").open && draw(desk));
  redrawKeys(desk);
  sayKeys(desk);
  learnLayout(desk);
  part("root").desk = desk; // for tests and for the curious
};
