// `npm run bench -- [--quick] [--json] [--release DIR] [NAME...]`: every bench/NAME.bench.mjs, each figure beside its reference. DIR has
// the executables of `npm run package`; without it they are made. A whole run is kept in bench/results/DATE.json.
// `npm run bench -- compare [A [B]]`: the same commands by two commits in turn, by default by the last that changed the program and its
// parent. A quick run without names has the short benches and ends with that comparison, and nothing else of it can fail: it is too
// short for the bounds of the others.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, release: { type: 'string' } },
});
const quick = values.quick === true;
/** At most 15 s each. All of them, as quick runs, take ten minutes. */
const short = ['almalinux', 'fleet-pages', 'inventory', 'publish', 'signed', 'verify'];
if (positionals[0] === 'compare') {
  process.exit((await compared(positionals[1], positionals[2])) > 0 ? 1 : 0);
}
const all = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.bench.mjs'));
const wanted = positionals.length === 0 && quick ? short : positionals;
const chosen = all.filter((name) => wanted.length === 0 || wanted.includes(name.replace('.bench.mjs', '')));
let failed = 0;
const figures = [];
for (const name of chosen.sort()) {
  const bench = await import(`./${name}`);
  if (!values.json) console.log(`\n${name.replace('.bench.mjs', '')}${quick ? ' (quick)' : ''}`);
  const start = performance.now();
  for (const figure of await bench.run({ quick, release: values.release })) {
    figures.push({ bench: name.replace('.bench.mjs', ''), ...figure });
    if (values.json) console.log(JSON.stringify(figure));
    else console.log(`  ${line(figure)}`);
    if (!quick && figure.met === false) failed += 1;
  }
  if (!values.json) console.log(`  (${Math.round((performance.now() - start) / 1000)} s)`);
}
if (!quick) keep();
else if (positionals.length === 0) failed = await compared();
if (failed > 0) {
  console.log(`\n${failed} figures miss their target`);
  process.exitCode = 1;
}

/** Prints two commits side by side; the number of figures beyond their bound. */
async function compared(earlier, later) {
  const { compare, before } = await import('./compare.mjs');
  const first = earlier ?? before();
  if (!values.json) console.log(`\ncompared with ${first ?? 'nothing: this checkout has no earlier commit'}`);
  if (first === undefined) return 0;
  const found = await compare(first, later);
  for (const figure of found) console.log(values.json ? JSON.stringify(figure) : `  ${line(figure)}`);
  return found.filter(({ met }) => met === false).length;
}

/** A run of some benches is added to what the day has of the others. */
function keep() {
  const folder = join(import.meta.dirname, 'results');
  const date = new Date().toISOString().slice(0, 10);
  const path = join(folder, `${date}.json`);
  const earlier = readKept(path).filter(({ bench }) => !figures.some((figure) => figure.bench === bench));
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  const machine = { node: process.version, processors: availableParallelism() };
  const rows = [...earlier, ...figures.map((figure) => ({ commit, ...machine, ...figure }))];
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(rows, undefined, 1)}\n`);
}

function readKept(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
}

function line({
  name,
  value,
  unit,
  reference,
  referenceName,
  ratio,
  target,
  kind,
  atLeast,
  met,
  note,
  others,
}) {
  const parts = [`${name}: ${round(value)} ${unit}`];
  if (reference !== undefined)
    parts.push(`reference ${referenceName ?? ''} ${round(reference)} ${unit}, ratio ${round(ratio)}`);
  if (target !== undefined) {
    parts.push(
      `target ${atLeast ? '>=' : '<='} ${target}${kind === 'ratio' ? '' : ` ${unit}`}: ${met ? 'met' : 'MISSED'}`,
    );
  }
  if (note) parts.push(note);
  if (others >= 0.1) parts.push(`others kept ${others.toFixed(1)} processors busy`);
  return parts.join('; ');
}

function round(value) {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
