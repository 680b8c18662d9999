// Messages.

const unpack = (flat, offset) => {
  const notes = [];
  for (let i = 0; i + 4 < flat.length; i += 5) {
    notes.push({ part: flat[i], start: flat[i + 1] + offset, length: flat[i + 2],
                 pitch: flat[i + 3], velocity: flat[i + 4] });
  }
  return notes;
};

const addBar = (message) => {
  while (S.takes.length <= message.take) S.takes.push(new Map());
  S.takes[message.take].set(message.bar, {
    start: S.seam + message.start, length: message.length, chord: message.chord,
    notes: unpack(message.notes, S.seam),
  });
};

const setSounds = (sounds) => {
  S.sounds = new Map(sounds.map((sound) => [sound.take, sound]));
  loadSound();
};

const handlers = {
  empty(message) {
    Object.assign(S, { run: -1, parts: [], notes: [], bars: [0], takes: [], planned: 0, name: "", gap: null, chosen: null });
    setSounds([]);
    root.dataset.state = "empty";
  },
  piece(message) {
    const samePiece = message.name === S.name && message.bars.length === S.bars.length;
    Object.assign(S, {
      run: message.run, parts: message.parts, bars: message.bars, seam: message.seam,
      beat: message.beat, beats: message.beats, planned: message.planned, name: message.name,
      selected: message.selected, notes: unpack(message.notes, 0), takes: [], composing: false,
      gap: message.gap, mostAgain: message.most_again,
    });
    if ("chosen" in message) S.chosen = message.chosen;
    message.takes.forEach((bars) => bars.forEach(addBar));
    root.dataset.state = "ready";
    showFacts(message.name, message.facts);
    if (!samePiece) { S.hidden.clear(); S.zoom = 0; audio.pause(); rest = 0; resume = false; current = null; }
    setSounds(message.sounds);
    if (!samePiece && !message.takes.length) scroll.scrollLeft = 0;
  },
  begin(message) {
    Object.assign(S, {
      run: message.run, planned: message.planned, seam: message.seam, takes: [], selected: 0,
      parts: message.parts, composing: true, follow: true, gap: message.gap,
    });
    for (let i = 0; i < message.candidates; i += 1) S.takes.push(new Map());
    loadSound();
    showSeam();
  },
  bars(message) {
    if (message.run !== S.run) return;
    S.parts = message.parts;
    message.bars.forEach(addBar);
  },
  chosen(message) {
    S.chosen = message.chosen;
    if (S.chosen) showChosen();
  },
  sound(message) {
    if (message.run === S.run) setSounds(message.sounds);
  },
  status() {},
  stopping() {},
};

const receive = () => {
  const message = props.value;
  if (!message || !handlers[message.kind]) return;
  if (message.kind === "stopping" && !S.composing) return; // it had ended by itself
  handlers[message.kind](message);
  if (message.session) remember(message.session);
  if (typeof message.status === "string") part_of("status").textContent = message.status;
  if (message.kind === "bars") refreshSoon(); else refresh();
};

const remember = (session) => {
  try { window.sessionStorage.setItem("meloformer-session", session); } catch { /* private window */ }
};

const showFacts = (name, facts) => {
  const line = part_of("facts");
  line.replaceChildren();
  const title = document.createElement("b");
  title.textContent = name;
  line.append(title);
  (facts || []).forEach((fact) => {
    const item = document.createElement("i");
    item.textContent = fact;
    line.append(item);
  });
};
