// npm run fuzz: damaged inputs of every kind, by a seed, for a bounded time. See CONTRIBUTING.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Arguments, readArguments, UsageError, usage } from './arguments.ts';
import { type Finding, fuzzTarget } from './harness.ts';
import type { Table } from './target.ts';

const values = argumentsOrEnd();
const table = resolve(values.table);
const { targets } = (await import(table)) as { targets: Table };
const names = Object.keys(targets);
const strange = values.targets.filter((name) => !names.includes(name));
if (strange.length > 0) endWith(`no target ${strange.join(', ')}; there are ${names.join(', ')}`);
const chosen = names.filter((name) => values.targets.length === 0 || values.targets.includes(name));

let findings = 0;
for (const name of chosen) {
  const outcome = await fuzzTarget(name, {
    table,
    seed: values.seed,
    from: values.from,
    cases: values.cases,
    time: (1000 * values.seconds) / chosen.length,
    deadline: 1000 * values.deadline,
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

function argumentsOrEnd(): Arguments {
  try {
    const read = readArguments(process.argv.slice(2));
    if (read) return read;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    if (error instanceof UsageError) endWith(`${error.message}\n\n${usage}`);
    throw error;
  }
}

function endWith(message: string): never {
  console.error(message);
  process.exit(2);
}
