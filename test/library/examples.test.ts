import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as library from '../../src/library/index.ts';
import { project } from '../support/cli.ts';
import { putStores } from '../support/fleet.ts';
import { workshop } from './support/workshop.ts';

const source = join(project, 'src/library');

/** The `@example` of each function, by the function's name. */
function examples(): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of readdirSync(source).filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(source, file), 'utf8');
    const blocks = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*export (?:async )?(?:function|const) (\w+)/g;
    for (const [, comment = '', name = ''] of text.matchAll(blocks)) {
      const code = /@example\s*\n \* ```ts\n([\s\S]*?)\n \* ```/.exec(comment)?.[1];
      if (code !== undefined) found.set(name, code.replace(/^ \* ?/gm, ''));
    }
  }
  return found;
}

/** Exports that are not calls: shapes of errors, and a list. */
const withoutExample = ['ScapfeedError', 'errorCodes', 'exportTargetNames', 'isScapfeedError'];

describe('the examples of the library', () => {
  const all = examples();
  let folder: string;
  /** The lines that each wrote, on stdout and on stderr. */
  const [printed, complaints] = [new Map<string, string[]>(), new Map<string, string[]>()];

  beforeAll(async () => {
    folder = workshop();
    const stores = new Set<string>();
    for (const [name, code] of all) {
      writeFileSync(join(folder, `${name}.ts`), code);
      // One example makes its store, which takes seconds; the others find an empty one.
      if (name === 'openFleet') continue;
      for (const [, fleet = ''] of code.matchAll(/openFleet\('([a-z-]+)'/g)) stores.add(join(folder, fleet));
    }
    await putStores(...stores);
  }, 120_000);

  it('are there for every function', () => {
    const functions = Object.keys(library).filter((name) => !withoutExample.includes(name));
    expect([...all.keys()].sort()).toEqual(functions.sort());
  });

  it('compile in a strict project of a stranger', () => {
    const options = {
      compilerOptions: {
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        module: 'node20',
        target: 'es2022',
        types: ['node'],
        noEmit: true,
        preserveSymlinks: true,
      },
      include: ['*.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
    execFileSync(join(project, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: folder, stdio: 'pipe' });
  }, 60_000);

  it('run one after the other in one process, which ends when the last has ended', () => {
    const names = [...all.keys()];
    writeFileSync(join(folder, 'all.mjs'), program(names));
    const { stdout, stderr, status } = spawnSync(process.execPath, ['all.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder },
      timeout: 280_000,
    });
    for (const [at, stream] of [stdout, stderr].entries()) {
      const [, ...parts] = stream.split(mark);
      for (const part of parts) {
        const [name = '', ...lines] = part.trimEnd().split('\n');
        (at === 0 ? printed : complaints).set(name, lines);
      }
    }
    expect([...printed.keys()]).toEqual(names);
    expect(status).toBe(0);
  }, 300_000);

  it.each([...all.keys()])('%s: does what its comment says', (name) => {
    expect(complaints.get(name)).toEqual([]);
    const lines = printed.get(name)!;
    // A comment behind console.log has the line that it prints; … stands for what differs.
    const told = [...all.get(name)!.matchAll(/console\.log\(.*\); \/\/ ([^\n]+)/g)].map(
      ([, text = '']) => text,
    );
    for (const text of told.filter((one) => !/\bor\b/.test(one))) {
      const [expected = ''] = text.split(/: [a-z]/);
      expect(
        lines.some((line) => matches(line, expected)),
        `${expected} among ${lines.join('\n')}`,
      ).toBe(true);
    }
  });
});

const mark = '--- the example of ';

/** Starting the library and PostgreSQL anew for each example would take most of the time. */
function program(names: readonly string[]): string {
  return names
    .map((name) => {
      const begin = JSON.stringify(mark + name);
      return `console.log(${begin});\nconsole.error(${begin});\nawait import('./${name}.ts').catch(console.error);\n`;
    })
    .join('');
}

function matches(line: string, expected: string): boolean {
  const [before = '', after] = expected.split('…');
  return after === undefined ? line === expected : line.startsWith(before) && line.endsWith(after.trim());
}
