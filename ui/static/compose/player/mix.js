// The mixer: of each part that was touched, whether it is muted or solo, and its volume from 0 to 1.5.

const UNTOUCHED = { muted: false, solo: false, volume: 1 };
const LOUDEST = 1.5;
const QUIETEST_DB = -60;

export const channelOfMix = (mix, part) => mix[part] ?? UNTOUCHED;

export const withChange = (mix, part, change) => ({
  ...mix,
  [part]: { ...channelOfMix(mix, part), ...change },
});

const isUntouched = ({ muted, solo, volume }) => !muted && !solo && volume === 1;

// Whether all is heard as it was written.
export const isNeutral = (mix) => Object.values(mix).every(isUntouched);

// A muted part is silent; where any is solo, so is every other.
export const isSilent = (mix, part) => {
  const { muted, solo } = channelOfMix(mix, part);
  return muted || (!solo && Object.values(mix).some((one) => one.solo));
};

// What a part's sound is multiplied with. Half a fader is a quarter of the amplitude.
export const gainOf = (mix, part) =>
  isSilent(mix, part) ? 0 : channelOfMix(mix, part).volume ** 2;

// The touched parts as the app takes them, in decibels; a fader that is all the way down mutes.
export const levelsOf = (mix) =>
  Object.fromEntries(
    Object.entries(mix)
      .filter(([, one]) => !isUntouched(one))
      .map(([part, { muted, solo, volume }]) => {
        const gainDb = Math.max(QUIETEST_DB, 40 * Math.log10(Math.max(volume, 1e-3)));
        return [part, { muted: muted || volume === 0, solo, gain_db: gainDb }];
      }),
  );

const isChannel = (one) =>
  typeof one?.muted === "boolean" &&
  typeof one.solo === "boolean" &&
  one.volume >= 0 &&
  one.volume <= LOUDEST;

// A mix that was kept; whatever is none is left out.
export const mixOf = (kept) =>
  Object.fromEntries(Object.entries(kept ?? {}).filter(([, one]) => isChannel(one)));
