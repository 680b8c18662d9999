// The listening page: one pair after the other.

import { make, makeButton, write } from "../dom.js";
import { t } from "../language.js";
import { makeBallot } from "./ballot.js";
import { wantedBy } from "./keys.js";
import { PairSound } from "./sound.js";
import { makeSummary } from "./summary.js";
import {
  askPairs,
  askResult,
  listenerName,
  newListener,
  sendVote,
  soundAddresses,
} from "./votes.js";

const SEAM_LEAD_S = 2; // so much before the seam is heard again, for the ear to be in it
const STEPS = 1000;

const page = document.getElementById("page");
let listener = listenerName();
let pairs = [];
let place = 0;
let heardNew = new Set();

const key = (name) => {
  const node = make("kbd", "", name);
  node.setAttribute("aria-hidden", "true");
  return node;
};

const title = make("h1", "", t("Which one goes on better?"));
const count = make("p", "dim");
count.setAttribute("role", "status");
const bar = make("span");
const sides = Object.fromEntries(
  ["a", "b"].map((side) => [side, makeButton("", side.toUpperCase())]),
);
const slider = make("input");
Object.assign(slider, { type: "range", min: 0, max: STEPS, value: 0 });
slider.setAttribute("aria-label", t("Place in the music"));
const seam = make("span", "seam");
const seamText = make("p", "", t("from here on they differ"));
const play = makeButton("wide", "");
const fromSeam = makeButton("", t("From there"));
const back = makeButton("", t("Back"));
const next = makeButton("primary wide", "");
const problem = make("p", "problem");
problem.setAttribute("role", "alert");
const hint = make("p", "dim");

const sound = new PairSound(() => show());
const ballot = makeBallot(() => show());

const isLast = () => place === pairs.length - 1;

const show = () => {
  const pair = pairs[place];
  if (!pair) return;
  const isReady = sound.duration > 0;
  for (const [side, button] of Object.entries(sides)) {
    const isHeard = sound.heard === side;
    button.setAttribute("aria-pressed", String(isHeard));
    button.disabled = !isReady;
    const word = isHeard && sound.isPlaying ? t("playing") : t("listen");
    write(button.querySelector("small span"), word);
  }
  write(play.firstChild, sound.isPlaying ? t("Pause") : t("Play"));
  play.disabled = !isReady;
  fromSeam.disabled = !isReady;
  const hasHeard = heardNew.size === 2 || pair.vote !== null;
  ballot.enable(hasHeard);
  next.disabled = !hasHeard || ballot.vote() === null;
  back.disabled = place === 0;
  write(next.firstChild, isLast() ? t("Finish") : t("Next pair"));
  write(hint, hasHeard ? "" : t("Listen to both, past the mark, then say what you think."));
};

const follow = () => {
  const pair = pairs[place];
  if (pair && sound.isPlaying) {
    slider.value = Math.round((STEPS * sound.position) / sound.duration);
    if (sound.position > pair.seam_s && !heardNew.has(sound.heard)) {
      heardNew.add(sound.heard);
      show();
    }
  }
  requestAnimationFrame(follow);
};

const open = async (at) => {
  place = at;
  heardNew = new Set();
  slider.value = 0;
  const pair = pairs[place];
  write(problem, "");
  write(count, t("Pair {place} of {count}", { place: place + 1, count: pairs.length }));
  bar.style.width = `${(100 * place) / pairs.length}%`;
  ballot.show(pair.vote);
  show();
  try {
    if (!(await sound.load(soundAddresses(listener, pair.name)))) return;
  } catch {
    write(problem, t("The sound did not come. Is the program that plays it still running?"));
    return;
  }
  const share = (100 * pair.seam_s) / sound.duration;
  seam.style.left = `${share}%`;
  seamText.style.left = `min(${share}%, 100% - 190px)`;
  show();
};

const finish = async () => {
  sound.stop();
  const told = await askResult(listener);
  write(title, t("That was all. Thank you!"));
  write(count, "");
  bar.style.width = "100%";
  page.replaceChildren(
    head,
    done,
    makeSummary(told, () => {
      listener = newListener();
      begin();
    }),
  );
  title.tabIndex = -1;
  title.focus();
};

const goOn = async () => {
  const vote = ballot.vote();
  if (next.disabled || vote === null) return;
  next.disabled = true;
  try {
    await sendVote(listener, pairs[place].name, vote);
    pairs[place].vote = vote;
    if (isLast()) await finish();
    else await open(place + 1);
  } catch {
    write(problem, t("Your answer was not kept. Is the program that keeps it still running?"));
    show();
  }
};

const hear = (side) => {
  if (sound.heard === side && sound.isPlaying) sound.stop();
  else {
    sound.hear(side);
    if (!sound.isPlaying) sound.play();
  }
};

const toggle = () => (sound.isPlaying ? sound.stop() : sound.play());
const playSeam = () => sound.play(Math.max(0, pairs[place].seam_s - SEAM_LEAD_S));

const onKey = (event) => {
  if (!ballot.root.isConnected) return;
  const onto = event.target.closest("button") ? "button" : event.target.tagName.toLowerCase();
  const wanted = wantedBy(event, onto);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.hear) {
    sound.hear(wanted.hear);
    if (!sound.isPlaying) sound.play();
  }
  if (wanted.play) toggle();
  if (wanted.seam) playSeam();
  if (wanted.question) ballot.answer(wanted.question, wanted.answer);
  if (wanted.next) goOn();
};

const head = make("header");
head.append(title, count);
const done = make("div", "done");
done.append(bar);

const player = make("div", "card");
const both = make("div", "sides");
for (const [side, button] of Object.entries(sides)) {
  const small = make("small");
  small.append(make("span", ""), " ", key(side.toUpperCase()));
  button.append(small);
  button.addEventListener("click", () => hear(side));
  both.append(button);
}
const track = make("div", "place");
track.append(slider, seam, seamText);
slider.addEventListener("input", () => {
  const to = (sound.duration * Number(slider.value)) / STEPS;
  if (sound.isPlaying) sound.play(to);
  else sound.at = to;
});
play.append(document.createTextNode(""), " ", key(t("space")));
fromSeam.append(" ", key("S"));
play.addEventListener("click", toggle);
fromSeam.addEventListener("click", playSeam);
const controls = make("div", "row");
controls.append(play, fromSeam);
player.append(both, track, controls);

back.addEventListener("click", () => open(place - 1));
next.append(document.createTextNode(""), " ", key("Enter"));
next.addEventListener("click", goOn);
const ends = make("div", "row");
ends.append(back, next);
document.addEventListener("keydown", onKey);

const begin = async () => {
  write(title, t("Which one goes on better?"));
  page.replaceChildren(head, done, player, ballot.root, hint, problem, ends);
  try {
    pairs = await askPairs(listener);
    const first = pairs.findIndex((pair) => pair.vote === null);
    if (first < 0) await finish();
    else await open(first);
  } catch {
    write(problem, t("The sound did not come. Is the program that plays it still running?"));
  }
};

await begin();
requestAnimationFrame(follow);
