// npm run fuzz: damaged inputs of every kind, by a seed, for a bounded time. See CONTRIBUTING.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Finding, fuzzTarget } from './harness.ts';
import type { Table } from './target.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '240' },
    case: { type: 'string' },
    cases: { type: 'string', default: '1000000' },
    deadline: { type: 'string', default: '20' },
    table: { type: 'string', default: join(import.meta.dirname, 'targets/index.ts') },
    out: { type: 'string', default: 'out/fuzz' },
  },
});

const table = resolve(values.table);
const { targets } = (await import(table)) as { targets: Table };
const names = Object.keys(targets);
const chosen = names.filter((name) => !values.target || values.target.includes(name));
if (chosen.length === 0) throw new Error(`no such target; there are ${names.join(', ')}`);

let findings = 0;
for (const name of chosen) {
  const outcome = await fuzzTarget(name, {
    table,
    seed: Number(values.seed),
    from: Number(values.case ?? 0),
    cases: values.case === undefined ? Number(values.cases) : 1,
    time: (1000 * Number(values.seconds)) / chosen.length,
    deadline: 1000 * Number(values.deadline),
    maxGrowth: 512 * 2 ** 20,
  });
  findings += outcome.findings.length;
  console.log(`${name}: ${outcome.cases} cases, ${outcome.findings.length} findings`);
  for (const finding of outcome.findings) console.log(described(finding));
}
process.exitCode = findings > 0 ? 1 : 0;

/** The problem, the command that repeats it, and where its input was written. */
function described({ target, name, problem, input }: Finding): string {
  const lines = [`  case ${name}: ${problem.replaceAll('\n', '\n    ')}`];
  if (!name.startsWith('kept')) {
    lines.push(`    npm run fuzz -- --target ${target} --seed ${values.seed} --case ${name}`);
  }
  if (input) {
    mkdirSync(values.out, { recursive: true });
    const file = join(values.out, `${target}-${values.seed}-${name.replaceAll(' ', '-')}`);
    writeFileSync(file, input);
    lines.push(`    input: ${file}`);
  }
  return lines.join('\n');
}
