import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OptionTable } from '../../src/tasks/option.ts';
import { parameterName } from '../../src/tasks/parameters.ts';

// An option is declared once, in the record of its task: neither a command nor the library declares it again.

const src = join(import.meta.dirname, '../../src');
const builders = /^(?:age|choice|duration|flag|form|number|path|repeatable|required|text|withDefault)$/;

/** Only on the command line: options of every command, outputs, and the page of `help`. */
const ofCommandLine = ['cli/commands/help.ts', 'cli/common-options.ts', 'cli/outputs.ts'];

/** Library files of the tasks whose records are complete, and the parameters whose type differs from the option's. */
const libraryFiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'library/build.ts': {
    out: 'required',
    snapshots: 'required',
    sources: 'the task names the known ones',
    content: 'the text of a list, also an empty one',
  },
  'library/check.ts': {
    content: 'a file and how it is read',
    feed: 'an open one',
  },
  'library/comply.ts': { content: 'a file and how it is read, or a feed' },
  'library/eval.ts': {},
  'library/fleet-tokens.ts': { name: 'of the token, an argument' },
  'library/fleet-waivers.ts': { by: 'required', ended: 'of a list' },
  'library/fleet-serve.ts': {
    ...{ feed: 'opens it', every: 'or at', at: 'hour and minute' },
    ...{ issuer: 'of sign-in', role: 'of a group', owner: 'of a group' },
  },
  'library/fleet-run-options.ts': { from: 'the sender of mail' },
  'library/fleet-data.ts': { name: 'of each inventory' },
  'library/fleet.ts': { tags: 'of a registry', since: 'a Date or a run', labels: 'by name' },
  'library/validate.ts': {},
  'library/tailor.ts': {
    profile: 'of functions without the others too',
    set: 'by name',
    severity: 'by name',
    content: 'a file and how it is read',
  },
  'library/snapshots.ts': {},
  'library/pull.ts': { from: 'required', out: 'required', trustRoot: 'bytes', maxAge: 'of folders only' },
  'library/keys.ts': {
    keys: 'required',
    passphrase: 'required, a text or a function',
    roles: 'required by a rotation',
    thresholds: 'by role',
    external: 'with its public key',
    expires: 'the default is that of the task',
    date: 'a Date',
  },
  'library/fix.ts': { results: 'also what comply returned', content: 'a file and how it is read' },
  'library/export.ts': {
    out: 'required',
    targets: 'required',
    openPgpKey: 'with its passphrase',
    feed: 'an open one',
  },
  'library/documents.ts': {},
  'library/diff.ts': {
    inventory: 'what was read',
    feed: 'an open one',
    judgedAs: 'one',
    profile: 'of comply',
    tailoring: 'of comply',
    product: 'of comply',
  },
  'library/compile.ts': { content: 'a file and how it is read' },
  'library/bundle.ts': {
    from: 'required',
    out: 'required',
    oval: 'true by default',
    content: 'true by default',
  },
  'library/image.ts': {},
  'library/judge.ts': {
    platformMap: 'an object',
    vex: 'also what was read',
    bases: 'open images',
    feed: 'an open one',
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
    limits: 'an object',
    sentinels: 'statements, not their file',
    accepted: 'with their reason',
    trust: 'files by name',
    cosignKey: 'with its password',
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

/** The library's names of the options of tasks that a file imports from, and of those without a task. */
async function recordNames(text: string): Promise<Set<string>> {
  const tasks = new Set(
    [...text.matchAll(/from '(?:\.\.\/)+tasks\/(\w+)\//g)].map(([, task]) => `tasks/${task}`),
  );
  const files = filesBelow('tasks').filter(
    (file) =>
      /^(?:\w+-)?options\.ts$/.test(basename(file)) &&
      (dirname(file) === 'tasks' || tasks.has(dirname(file))),
  );
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

it('no command declares an option of its own', () => {
  const found = filesBelow('cli').filter((file) => makesOptions(textOf(file)));
  expect(found.sort()).toEqual(ofCommandLine);
});

describe.each(Object.entries(libraryFiles))('%s', (file, others) => {
  it('declares no option of a record again, unless its type differs', async () => {
    const text = textOf(file);
    const names = await recordNames(text);
    const again = [...declaredIn(text)].filter((name) => names.has(name));
    expect(again.filter((name) => !(name in others))).toEqual([]);
    expect(
      Object.keys(others).filter((name) => !again.includes(name)),
      'listed, and not declared',
    ).toEqual([]);
  });
});

it('finds an option that is declared a second time', async () => {
  const names = await recordNames("import { evalOptions } from '../tasks/eval/options.ts';");
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
