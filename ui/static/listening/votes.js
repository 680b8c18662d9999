// What the page asks the app, and who is listening.

import { remember, remembered } from "../dom.js";

const LISTENER = "meloformer-listener";
const BYTES = 16;

export const newListener = () => {
  const bytes = window.crypto.getRandomValues(new Uint8Array(BYTES));
  const name = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  remember("localStorage", LISTENER, name);
  return name;
};

export const listenerName = () => remembered("localStorage", LISTENER) || newListener();

const asked = async (address, options) => {
  const answer = await fetch(address, options);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
};

export const askPairs = async (listener) => (await asked(`/pairs?listener=${listener}`)).pairs;

export const askResult = async (listener) => (await asked(`/result?listener=${listener}`)).pairs;

export const soundAddresses = (listener, pair) => ({
  a: `/sound/${pair}/a?listener=${listener}`,
  b: `/sound/${pair}/b?listener=${listener}`,
});

export const sendVote = (listener, pair, vote) =>
  asked("/votes", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ listener, pair, ...vote }),
  });
