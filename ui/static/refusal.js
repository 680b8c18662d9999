// Why an upload was refused, in the app's own words.

import { t } from "./language.js";

// Return the sentence that came with a refusal, or "" where none did. Gradio's client puts the
// answer behind a status: "HTTP 507: {…}".
export const refusalOf = (error) => {
  const answer = /\{.*\}/s.exec(error?.message ?? "");
  if (!answer) return "";
  try {
    const { detail, hint } = JSON.parse(answer[0]);
    const said = [detail, hint].filter((one) => typeof one === "string" && one);
    return said.map((one) => t(one)).join(" ");
  } catch {
    return "";
  }
};
