// What the modules say, in the language of the page. English is what stands in them; the catalogue
// of another language is what the app reads, too.

export const ENGLISH = "en";

export const language = globalThis.document?.documentElement.lang || ENGLISH;

const load = async () => {
  if (language === ENGLISH) return {};
  const answer = await fetch(new URL(`./languages/${language}.json`, import.meta.url));
  return answer.json();
};

const catalogue = await load();

// Fields are in braces.
export const fill = (template, fields) =>
  template.replace(/\{(\w+)\}/g, (whole, name) => (name in fields ? String(fields[name]) : whole));

export const t = (template, fields = {}) => fill(catalogue[template] ?? template, fields);

// One thing or many, as `count` says; numbers have their thousands apart. The catalogue knows it by
// `many`.
export const tn = (one, many, count, fields = {}) => {
  const known = catalogue[many] ?? (count === 1 ? one : many);
  return fill(known, { ...fields, count: count.toLocaleString("en") });
};
