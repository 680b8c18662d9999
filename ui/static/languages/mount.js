// The choice of a language. The page is loaded again in it; the app knows what it showed.

import { ENGLISH, language } from "../language.js";
import { translateGradio } from "./gradio.js";

const yearS = 31536000;

export const mount = (element, { props }) => {
  const choice = element.querySelector('[data-mlang="choice"]');
  const { languages, cookie } = props;
  const options = Object.entries(languages).map(([tag, name]) => {
    const option = new Option(name, tag, false, tag === language);
    option.lang = tag;
    return option;
  });
  choice.replaceChildren(...options);
  if (language !== ENGLISH) translateGradio();
  choice.addEventListener("change", () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the app reads it with the next request
    document.cookie = `${cookie}=${choice.value}; path=/; max-age=${yearS}; samesite=lax`;
    const address = new URL(location.href);
    address.searchParams.delete("lang");
    if (address.href === location.href) location.reload();
    else location.replace(address);
  });
};
