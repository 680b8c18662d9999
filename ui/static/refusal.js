// Why an upload was refused, where the app has said so.

import { t } from "./language.js";

// By what the app's sentence begins with; see `ui/middleware/bodies.py`.
const SAID = {
  "You hold": () => [
    t("You hold as much on this machine as one visitor may."),
    t("Close pages that you do not need, delete music to train on, or come again tomorrow."),
  ],
  "The disk": () => [t("The disk of this machine is nearly full, so nothing can be uploaded now.")],
};

// Return the sentence for a refusal, or "" where none is known. Gradio's client puts the answer
// behind a status: "HTTP 507: {…}".
export const refusalOf = (error) => {
  const said = String(error?.message ?? "");
  const known = Object.keys(SAID).find((beginning) => said.includes(`"detail":"${beginning}`));
  return known ? SAID[known]().join(" ") : "";
};
