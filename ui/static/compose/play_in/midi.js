// MIDI keyboards: what they say, and how the browser lets them in.

const [NOTE_OFF, NOTE_ON, CONTROL] = [0x80, 0x90, 0xb0];
const SUSTAIN = 64;
const DOWN = 64; // a pedal's value from which it is down

// A message as {kind, ...}, or null where it is none that is played.
export const readMessage = ([status = 0, data1 = 0, data2 = 0]) => {
  const kind = status & 0xf0;
  if (kind === NOTE_ON && data2 > 0) return { kind: "on", pitch: data1, velocity: data2 };
  if (kind === NOTE_OFF || kind === NOTE_ON) return { kind: "off", pitch: data1 };
  if (kind === CONTROL && data1 === SUSTAIN) return { kind: "pedal", isDown: data2 >= DOWN };
  return null;
};

export const hasMidi = () => Boolean(window.isSecureContext && navigator.requestMIDIAccess);

const inputsOf = (access) =>
  [...access.inputs.values()].filter(({ state }) => state !== "disconnected");

// Ask for the keyboards. `heard` is called with each message, `changed` with their names whenever one
// comes or goes. Returns what chooses one of them, by its id, or all.
export const openMidi = async (heard, changed) => {
  const access = await navigator.requestMIDIAccess();
  let chosen = "";
  const listen = () => {
    const inputs = inputsOf(access);
    if (!inputs.some(({ id }) => id === chosen)) chosen = "";
    for (const input of inputs) {
      const isHeard = !chosen || input.id === chosen;
      input.onmidimessage = isHeard
        ? ({ data, timeStamp }) => {
            const message = readMessage(data);
            if (message) heard({ ...message, source: input.id, time: timeStamp });
          }
        : null;
    }
    changed(
      inputs.map(({ id, name }) => ({ id, name: name || id })),
      chosen,
    );
  };
  access.onstatechange = listen;
  listen();
  return (id) => {
    chosen = id;
    listen();
  };
};
