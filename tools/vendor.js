// Bundles what the page plays and draws with: `npm run vendor` writes ui/static/vendor/.
//
// What it writes is committed, so that nobody needs Node to run the app.

import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const pathIn = (name, file) => join("node_modules", name, file);
const described = (name) => JSON.parse(readFileSync(pathIn(name, "package.json"), "utf8"));
const licenceOf = (name) => readdirSync(pathIn(name, "")).find((file) => /^licen[cs]e/i.test(file));

const startAnew = (target) => {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
};

const bundle = (contents, outfile) =>
  build({
    stdin: { contents, resolveDir: "." },
    bundle: true,
    format: "esm",
    minify: true,
    legalComments: "inline",
    outfile,
  });

// Licences beside the scripts, and a table of what is in them.
const describe = (target, title, packages, sentences) => {
  for (const name of packages) {
    const licence = licenceOf(name);
    if (licence) copyFileSync(pathIn(name, licence), join(target, `LICENSE-${name}.txt`));
  }
  const rows = packages.map(described).map(({ name, version, license }) => {
    const text = licenceOf(name) ? `LICENSE-${name}.txt` : "in its source";
    return `| ${name} | ${version} | ${license} | ${text} |`;
  });
  const readme = [
    `# ${title}`,
    "",
    "Written by `npm run vendor` (`tools/vendor.js`) from the packages below, which `package-lock.json` pins;",
    `do not edit. ${sentences}`,
    "",
    "| package | version | licence | text |",
    "|---|---|---|---|",
    ...rows,
    "",
  ];
  writeFileSync(join(target, "README.md"), readme.join("\n"));
};

const checkSize = (target, files, maxBytes) => {
  const bytes = files
    .map((file) => statSync(join(target, file)).size)
    .reduce((sum, size) => sum + size, 0);
  if (bytes > maxBytes) throw new Error(`${target} has ${bytes} bytes, more than ${maxBytes}.`);
  console.log(`${target}: ${bytes} bytes`);
};

const SYNTH = "ui/static/vendor/spessasynth";
startAnew(SYNTH);
await bundle(
  'export { WorkletSynthesizer } from "spessasynth_lib";',
  join(SYNTH, "synthesizer.js"),
);
// The library ships the other half, which runs beside the page, as one file.
const processor = readFileSync(pathIn("spessasynth_lib", "dist/spessasynth_processor.min.js"));
const withoutMap = processor.toString("utf8").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
writeFileSync(join(SYNTH, "processor.js"), withoutMap);
describe(
  SYNTH,
  "The synthesizer that plays in the browser",
  ["spessasynth_lib", "spessasynth_core", "stb-vorbis"],
  "`synthesizer.js` is bundled and minified, `processor.js` is the library's own worklet.",
);
checkSize(SYNTH, ["synthesizer.js", "processor.js"], 1_000_000);

const SHEET = "ui/static/vendor/opensheetmusicdisplay";
startAnew(SHEET);
await bundle(
  'export { OpenSheetMusicDisplay } from "opensheetmusicdisplay";',
  join(SHEET, "display.js"),
);
// The package is one script with all of these in it; it can't be made smaller from outside.
describe(
  SHEET,
  "What draws sheet music in the browser",
  [
    ...["opensheetmusicdisplay", "vexflow", "jszip", "pako", "lie", "immediate"],
    ...["setimmediate", "loglevel", "typescript-collections"],
  ],
  "`display.js` is loaded when a score is looked at, and not before.",
);
checkSize(SHEET, ["display.js"], 1_400_000);

const DOCS = "ui/static/vendor/swagger-ui";
const DOCS_FILES = ["swagger-ui-bundle.js", "swagger-ui.css"];
startAnew(DOCS);
for (const file of [...DOCS_FILES, "NOTICE"]) {
  const text = readFileSync(pathIn("swagger-ui-dist", file), "utf8");
  writeFileSync(join(DOCS, file), text.replace(/\n\/[/*]# sourceMappingURL=.*\s*$/, "\n"));
}
// The licences of what is in the bundle, whose first line names this file.
copyFileSync(
  pathIn("swagger-ui-dist", "swagger-ui-bundle.js.LICENSE.txt"),
  join(DOCS, "swagger-ui-bundle.js.LICENSE.txt"),
);
describe(
  DOCS,
  "What shows the HTTP API in the browser",
  ["swagger-ui-dist"],
  "They are the package's own files, without the addresses of their maps.",
);
checkSize(DOCS, DOCS_FILES, 2_000_000);
