// Which channel of the synthesizer plays a part. It has more than sixteen, so parts share none.

export const CLICK = "click"; // the part of the metronome

const IN_A_PORT = 16;
const DRUMS = 9; // of each port
const CLICK_CHANNEL = IN_A_PORT + DRUMS;
const [BANK, VOLUME, PAN, EXPRESSION, RESET] = [0, 7, 10, 11, 121];
const CENTRED = [8, 71, 72, 73, 74, 75, 76, 77, 78, 81, 83]; // controllers with a middle

export const isDrumChannel = (channel) => channel % IN_A_PORT === DRUMS;

const firstFree = (taken) => {
  let channel = 0;
  while (taken.has(channel) || isDrumChannel(channel)) channel += 1;
  return channel;
};

// Channels by part; those that have one keep it.
export const withChannels = (channels, parts) => {
  const next = new Map(channels).set(CLICK, CLICK_CHANNEL);
  for (const { number, drum } of parts) {
    if (!next.has(number)) next.set(number, drum ? DRUMS : firstFree(new Set(next.values())));
  }
  return next;
};

// How many channels there must be; they come by the port.
export const channelsNeeded = (channels) =>
  IN_A_PORT * Math.ceil((Math.max(DRUMS, ...channels.values()) + 1) / IN_A_PORT);

const BEND_RANGE = 24; // semitones, so that each bend can be sent
const BEND_CENTRE = 8192;
// Controllers that choose the range of bends, set it, and choose nothing any more.
const RANGE = [
  [101, 0],
  [100, 0],
  [6, BEND_RANGE],
  [38, 0],
  [101, 127],
  [100, 127],
];

// A bend as a message has it.
export const bendOf = (semitones) =>
  Math.max(0, Math.min(16383, Math.round(BEND_CENTRE * (1 + semitones / BEND_RANGE))));

// What a channel is set to: controllers, then the program. A channel that the synthesizer has added
// has every controller at 0, even those that rest in the middle.
export const settingsOf = ({ program = 0, bank = 0, volume = 100, pan = 64 } = {}) => ({
  controllers: [
    [RESET, 0],
    ...CENTRED.map((controller) => [controller, 64]),
    [EXPRESSION, 127],
    [BANK, bank],
    [VOLUME, volume],
    [PAN, pan],
    ...RANGE,
  ],
  program,
});
