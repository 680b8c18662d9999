// Bundles the synthesizer that plays in the browser: `npm run vendor` writes ui/static/vendor/.
//
// What it writes is committed, so that nobody needs Node to run the app.

import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const TARGET = "ui/static/vendor/spessasynth";
const MAX_BYTES = 1_000_000;
const PACKAGES = ["spessasynth_lib", "spessasynth_core", "stb-vorbis"];

const pathIn = (name, file) => join("node_modules", name, file);
const described = (name) => JSON.parse(readFileSync(pathIn(name, "package.json"), "utf8"));

rmSync(TARGET, { recursive: true, force: true });
mkdirSync(TARGET, { recursive: true });

await build({
  stdin: { contents: 'export { WorkletSynthesizer } from "spessasynth_lib";', resolveDir: "." },
  bundle: true,
  format: "esm",
  minify: true,
  legalComments: "inline",
  outfile: join(TARGET, "synthesizer.js"),
});

// The library ships the other half, which runs beside the page, as one file.
const processor = readFileSync(pathIn("spessasynth_lib", "dist/spessasynth_processor.min.js"));
const withoutMap = processor.toString("utf8").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
writeFileSync(join(TARGET, "processor.js"), withoutMap);

for (const name of PACKAGES) {
  copyFileSync(pathIn(name, "LICENSE"), join(TARGET, `LICENSE-${name}.txt`));
}

const rows = PACKAGES.map(described).map(
  ({ name, version, license }) => `| ${name} | ${version} | ${license} | LICENSE-${name}.txt |`,
);
const readme = [
  "# The synthesizer that plays in the browser",
  "",
  "Written by `npm run vendor` (`tools/vendor.js`) from the packages below, which `package-lock.json` pins;",
  "do not edit. `synthesizer.js` is bundled and minified, `processor.js` is the library's own worklet.",
  "",
  "| package | version | licence | text |",
  "|---|---|---|---|",
  ...rows,
  "",
];
writeFileSync(join(TARGET, "README.md"), readme.join("\n"));

const bytes = ["synthesizer.js", "processor.js"]
  .map((file) => statSync(join(TARGET, file)).size)
  .reduce((sum, size) => sum + size, 0);
if (bytes > MAX_BYTES) throw new Error(`The bundle has ${bytes} bytes, more than ${MAX_BYTES}.`);
console.log(`${TARGET}: ${bytes} bytes`);
