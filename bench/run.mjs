// `npm run bench -- [--quick] [--json] [--release DIR] [NAME...]`: every bench/NAME.bench.mjs, each figure beside its reference. DIR has
// the executables of `npm run package`; without it they are made.
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, release: { type: 'string' } },
});
const quick = values.quick === true;
const all = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.bench.mjs'));
const chosen = all.filter(
  (name) => positionals.length === 0 || positionals.includes(name.replace('.bench.mjs', '')),
);
let failed = 0;
for (const name of chosen.sort()) {
  const bench = await import(`./${name}`);
  if (!values.json) console.log(`\n${name.replace('.bench.mjs', '')}${quick ? ' (quick)' : ''}`);
  const start = performance.now();
  for (const figure of await bench.run({ quick, release: values.release })) {
    if (values.json) console.log(JSON.stringify(figure));
    else console.log(`  ${line(figure)}`);
    if (fails(figure, quick)) failed += 1;
  }
  if (!values.json) console.log(`  (${Math.round((performance.now() - start) / 1000)} s)`);
}
if (failed > 0) {
  console.log(`\n${failed} figures miss their target${quick ? ' by half' : ''}`);
  process.exitCode = 1;
}

// Short runs on a shared machine sway: there only a ratio of two things measured together can fail, and only far off.
function fails({ met, kind, ratio, target, atLeast }, quick) {
  if (met !== false) return false;
  if (!quick) return true;
  return kind === 'ratio' && (atLeast ? ratio < target / 1.5 : ratio > target * 1.5);
}

function line({ name, value, unit, reference, referenceName, ratio, target, kind, atLeast, met, note }) {
  const parts = [`${name}: ${round(value)} ${unit}`];
  if (reference !== undefined)
    parts.push(`reference ${referenceName ?? ''} ${round(reference)} ${unit}, ratio ${round(ratio)}`);
  if (target !== undefined) {
    parts.push(
      `target ${atLeast ? '>=' : '<='} ${target}${kind === 'ratio' ? '' : ` ${unit}`}: ${met ? 'met' : 'MISSED'}`,
    );
  }
  if (note) parts.push(note);
  return parts.join('; ');
}

function round(value) {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
