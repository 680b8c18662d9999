// Sound.

let rest = 0; // where the playhead rests, in quarters, while no sound is loaded
let current = null;
let resume = false; // whether to go on playing once the sound that is wanted has come

const wanted = () => {
  if (S.takes.length && !S.composing) return S.sounds.get(S.selected);
  return S.sounds.get(-1);
};
const hasSound = () => current !== null;

const toSeconds = (clock, quarter) => {
  let i = 1;
  while (i < clock.length - 1 && clock[i][0] <= quarter) i += 1;
  const [q0, s0] = clock[i - 1], [q1, s1] = clock[i];
  return s0 + (quarter - q0) * (s1 - s0) / (q1 - q0 || 1);
};
const toQuarters = (clock, second) => {
  let i = 1;
  while (i < clock.length - 1 && clock[i][1] <= second) i += 1;
  const [q0, s0] = clock[i - 1], [q1, s1] = clock[i];
  return q0 + (second - s0) * (q1 - q0) / (s1 - s0 || 1);
};

const nowQuarter = () => (current && !audio.dataset.waiting ? toQuarters(current.clock, audio.currentTime) : rest);

const loadSound = () => {
  const next = wanted() || null;
  const url = next ? next.file.url || "" : "";
  if (current && next && current.url === url) return;
  const at = nowQuarter();
  resume = resume || !audio.paused;
  audio.pause();
  rest = at;
  current = next ? { ...next, url } : null;
  root.dataset.audio = next ? "loading" : "none";
  if (current) {
    audio.dataset.waiting = "yes";
    audio.src = url;
    audio.load();
    const loading = current;
    audio.onloadedmetadata = () => {
      if (loading !== current) return;
      const second = toSeconds(current.clock, at);
      audio.currentTime = second < audio.duration - 0.05 ? Math.max(0, second) : 0;
      delete audio.dataset.waiting;
      root.dataset.audio = "ready";
      root.dataset.duration = audio.duration.toFixed(2);
      if (resume) audio.play().catch(() => {});
      resume = false;
      showTransport();
      schedule();
    };
  } else {
    audio.removeAttribute("src");
  }
  showTransport();
};

const clockText = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds || 0));
  return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
};

const showTransport = () => {
  const ready = hasSound() && !audio.dataset.waiting;
  const play = part_of("play");
  play.disabled = !ready;
  part_of("home").disabled = !ready;
  part_of("seam").disabled = !ready || !S.takes.length;
  play.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
  play.title = (audio.paused ? "Play" : "Pause") + " (Space)";
  part_of("playicon").setAttribute("d", audio.paused ? PLAY_ICON : PAUSE_ICON);
  part_of("time").textContent = clockText(ready ? audio.currentTime : 0);
  part_of("length").textContent = ready ? " / " + clockText(audio.duration) : S.name && !hasSound() ? "" : "";
};

const seek = (quarter) => {
  const to = Math.min(Math.max(0, quarter), S.end);
  rest = to;
  if (hasSound() && !audio.dataset.waiting) audio.currentTime = Math.min(toSeconds(current.clock, to), audio.duration || 0);
  showTransport();
  schedule();
};

const playPause = () => {
  if (part_of("play").disabled) return;
  if (audio.paused) audio.play().catch(() => {}); else audio.pause();
};

const tick = () => {
  showTransport();
  if (!audio.paused) {
    const x = xOf(nowQuarter());
    if (S.follow && (x > GUTTER + view() * 0.92 || x < GUTTER)) showQuarter(nowQuarter(), calm ? 0.05 : 0.12);
    requestAnimationFrame(tick);
  }
  draw();
};

audio.addEventListener("play", () => { S.follow = true; tick(); });
audio.addEventListener("pause", () => { showTransport(); schedule(); });
audio.addEventListener("ended", () => { showTransport(); schedule(); });
