// Two sounds that play together, one of them heard: changing from one to the other keeps the place.

const FADE_S = 0.015;
const AHEAD_S = 0.03;

export class PairSound {
  // `told()` is called when it begins, stops, or comes to its end.
  constructor(told) {
    this.told = told;
    this.context = null;
    this.buffers = {};
    this.playing = null;
    this.at = 0;
    this.heard = "a";
    this.turn = 0;
    this.isAwaited = false; // whether it is to begin as soon as it has come
  }

  // Fetches both; what is fetched for a pair that is no longer shown is dropped.
  async load(addresses) {
    this.stop();
    this.buffers = {};
    this.at = 0;
    this.heard = "a";
    this.isAwaited = false;
    this.turn += 1;
    this.told();
    const turn = this.turn;
    this.context ??= new AudioContext();
    const fetched = await Promise.all(
      Object.entries(addresses).map(async ([side, address]) => {
        const answer = await fetch(address);
        if (!answer.ok) throw new Error(`${answer.status}`);
        return [side, await this.context.decodeAudioData(await answer.arrayBuffer())];
      }),
    );
    if (turn !== this.turn) return false;
    this.buffers = Object.fromEntries(fetched);
    if (this.isAwaited) this.play();
    return true;
  }

  get duration() {
    return Math.max(0, ...Object.values(this.buffers).map((buffer) => buffer.duration));
  }

  get isPlaying() {
    return this.playing !== null;
  }

  get position() {
    if (!this.playing) return this.at;
    const passed = this.context.currentTime - this.playing.since;
    return Math.min(this.duration, this.at + Math.max(0, passed));
  }

  async play(from = this.position) {
    this.isAwaited = !this.duration;
    if (this.isAwaited) return;
    this.stop();
    this.at = from >= this.duration - FADE_S ? 0 : from;
    const turn = this.turn;
    await this.context.resume(); // browsers wait for a first key or click
    if (turn !== this.turn || this.playing) return; // another pair, or pressed twice
    const since = this.context.currentTime + AHEAD_S;
    const voices = Object.entries(this.buffers).map(([side, buffer]) => {
      const source = new AudioBufferSourceNode(this.context, { buffer });
      const gain = new GainNode(this.context, { gain: side === this.heard ? 1 : 0 });
      source.connect(gain).connect(this.context.destination);
      source.start(since, this.at);
      return { side, source, gain };
    });
    this.playing = { since, voices };
    const longest = voices.find(({ source }) => source.buffer.duration === this.duration);
    longest.source.onended = () => this.playing?.voices === voices && this.end();
    this.told();
  }

  end() {
    this.stop();
    this.at = 0;
    this.told();
  }

  stop() {
    if (!this.playing) return;
    this.at = this.position;
    for (const { source } of this.playing.voices) source.stop();
    this.playing = null;
    this.told();
  }

  hear(side) {
    this.heard = side;
    for (const voice of this.playing?.voices ?? []) {
      const aim = voice.side === side ? 1 : 0;
      voice.gain.gain.setTargetAtTime(aim, this.context.currentTime, FADE_S / 3);
    }
    this.told();
  }
}
