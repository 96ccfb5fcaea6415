import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OptionTable } from '../../src/tasks/option.ts';
import { parameterName } from '../../src/tasks/parameters.ts';

// An option is declared once, in the record of its task: neither a command nor the library declares it again.

const src = join(import.meta.dirname, '../../src');
const builders = /^(?:age|choice|duration|flag|form|number|path|repeatable|required|text|withDefault)$/;

/** Commands and groups of options that still declare their own. One that no longer does is taken out of the list. */
const ownOptions = [
  ...['bundle', 'compare', 'compile', 'diff', 'export', 'feeds', 'fix', 'guide', 'help', 'keys', 'profiles'],
  ...['pull', 'report', 'signed', 'snapshots', 'tailor', 'validate'],
  ...['add', 'import', 'list', 'news', 'prune', 'serve', 'token', 'waive', 'waivers'].map(
    (name) => `fleet/${name}`,
  ),
].map((name) => `cli/commands/${name}.ts`);
const ownGroups = [
  ...['diff-images', 'export-settings', 'fleet-pull', 'fleet-run', 'fleet-server', 'fleet-store', 'person'],
  'receivers',
].map((name) => `cli/options/${name}.ts`);
const ofEveryCommand = ['cli/common-options.ts', 'cli/outputs.ts'];

/** Library files of the tasks whose records are complete, and the parameters whose type differs from the option's. */
const libraryFiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'library/build.ts': {
    out: 'required',
    snapshots: 'required',
    sources: 'the task names the known ones',
    content: 'the text of a list, also an empty one',
  },
  'library/check.ts': {
    judgedAs: 'one',
    content: 'a file and how it is read',
    feed: 'an open one',
    date: 'of the report, not of signatures',
  },
  'library/comply.ts': { judgedAs: 'one', content: 'a file and how it is read, or a feed' },
  'library/eval.ts': {},
  'library/image.ts': { limits: 'of an image, not of a publication' },
  'library/judge.ts': {
    platformMap: 'an object',
    vex: 'also what was read',
    bases: 'open images',
    feed: 'an open one',
    date: 'of the report, not of signatures',
  },
  'library/parameters/things.ts': {
    platform: 'of an index, or the judged one',
    platformMap: 'an object',
  },
  'library/publish.ts': {
    feeds: 'required',
    keys: 'required',
    passphrase: 'a text or a function',
    date: 'a Date',
    expires: 'an object',
    targets: 'of expires',
    limits: 'an object',
    sentinels: 'statements, not their file',
    accepted: 'with their reason',
    trust: 'files by name',
    cosignKey: 'with its password',
    platform: 'of a sentinel or an accepted gate',
    reason: 'of an accepted gate',
  },
  'library/run.ts': {},
  'library/verify.ts': {},
};

function filesBelow(folder: string): string[] {
  return readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`);
}

function textOf(file: string): string {
  return readFileSync(join(src, file), 'utf8');
}

/** Whether a file makes options: imports what makes one of the table. */
function makesOptions(text: string): boolean {
  const imports = text.matchAll(/import \{([^}]*)\} from '[./]+tasks\/option\.ts'/g);
  return [...imports].some(([, names = '']) => names.split(',').some((name) => builders.test(name.trim())));
}

/** Names that a file of the library declares: members of its interfaces of options, and shapes of parameters. */
function declaredIn(whole: string): Set<string> {
  const text = whole.replace(/^import (?:type )?{[^}]*}.*$/gm, '');
  const interfaces = [...text.matchAll(/^(?:export )?interface \w*Options\b[\s\S]*?^}/gm)];
  const members = interfaces.flatMap(([block]) => [...block.matchAll(/^ {2}(\w+)\??: /gm)]);
  const shapes = text.matchAll(
    /^ +(\w+): (?:amount|anyText|bytes|callback|count|date|either|flag|listOf|mapOf|oneOf|optionShapes|recordOf|required|text|texts|things)\b/gm,
  );
  return new Set([...members, ...shapes].map(([, name = '']) => name));
}

async function recordNames(): Promise<Set<string>> {
  const files = filesBelow('tasks').filter((file) => /^(?:\w+-)?options\.ts$/.test(basename(file)));
  const modules = await Promise.all(files.map((file) => import(join(src, file))));
  const tables = modules.flatMap((module) =>
    Object.entries<OptionTable>(module)
      .filter(([name, value]) => name.endsWith('Options') && typeof value === 'object')
      .map(([, table]) => table),
  );
  return new Set(
    tables
      .flatMap((table) => Object.entries(table))
      .map(([name, option]) => option.parameter ?? parameterName(name)),
  );
}

it('only the listed commands declare options of their own', () => {
  const found = filesBelow('cli').filter((file) => makesOptions(textOf(file)));
  expect(found.sort()).toEqual(
    [...ownOptions, ...ownGroups, 'cli/commands/compare.ts', ...ofEveryCommand]
      .filter((file, at, all) => all.indexOf(file) === at)
      .sort(),
  );
});

describe.each(Object.entries(libraryFiles))('%s', (file, others) => {
  it('declares no option of a record again, unless its type differs', async () => {
    const names = await recordNames();
    const again = [...declaredIn(textOf(file))].filter((name) => names.has(name));
    expect(again.filter((name) => !(name in others))).toEqual([]);
    expect(
      Object.keys(others).filter((name) => !again.includes(name)),
      'listed, and not declared',
    ).toEqual([]);
  });
});

it('finds an option that is declared a second time', async () => {
  const names = await recordNames();
  const again = `export interface EvalOvalOptions {
  failOn?: string;
}
const check = { definitions: 1 };
  variables: text,
`;
  expect([...declaredIn(again)].filter((name) => names.has(name))).toEqual(['failOn', 'variables']);
  expect(makesOptions("import { flag } from '../../tasks/option.ts';")).toBe(true);
  expect(makesOptions("import { type OptionValues } from '../../tasks/option.ts';")).toBe(false);
});

it('is what the files are named after', () => {
  const makers = filesBelow('tasks').filter((file) => /from '\.{1,2}\/option\.ts'/.test(textOf(file)));
  const strays = makers
    .filter((file) =>
      /import \{[^}]*\b(?:flag|path|choice|repeatable)\b[^}]*\} from '\.{1,2}\/option\.ts'/.test(
        textOf(file),
      ),
    )
    .filter((file) => !/(?:^|-)options\.ts$/.test(basename(file)));
  expect(
    strays.map((file) => relative('tasks', file)),
    'declares options under another name',
  ).toEqual(['scan/rating-order.ts']);
});
