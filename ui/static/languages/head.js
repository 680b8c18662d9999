// Runs before all else. Gradio's own words follow the browser's language; here they follow the page's.
(() => {
  const { lang } = document.documentElement;
  Object.defineProperty(navigator, "language", { get: () => lang, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [lang], configurable: true });
})();
