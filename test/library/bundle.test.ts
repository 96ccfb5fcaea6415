import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project } from '../support/cli.ts';

// No process.exit, no console, no global state: of every file that `import 'scapfeed'` can load, and not only of what a test calls.

const folder = join(project, 'dist/library');
const bundle = readdirSync(folder)
  .filter((name) => /\.c?js$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

/** Modules that touch the process, with the uses that the library may have. */
const allowed: Readonly<Record<string, string>> = {
  'process.kill': 'signal 0 asks whether the process that has a lock still lives',
  'process.emitWarning':
    'put aside while node:sqlite is loaded, which tells of itself; put back in the same call',
};

const forbidden =
  /\bprocess\.(?:exit|exitCode|abort|kill|chdir|umask|on|once|addListener|stdout|stderr|emitWarning|title)\b|\bconsole\.\w+|\b(?:globalThis|global)\.\w+ ?=(?!=)|\b(?:Object|Array|String|Function|Promise|Error|RegExp)\.prototype(?:\.\w+|\[[^\]]+\]) ?=(?!=)|\bError\.(?:stackTraceLimit|prepareStackTrace) ?=(?!=)/g;

describe('the bundle', () => {
  it('has whole modules', () => {
    expect(bundle.length).toBeGreaterThan(50);
    expect(bundle.some(({ text }) => text.includes('ScapfeedError'))).toBe(true);
  });

  it('does nothing to the process that is not told here', () => {
    const found = bundle.flatMap(({ name, text }) =>
      [...text.matchAll(forbidden)].map(([use]) => `${use} in ${name}`),
    );
    const uses = found.map((use) => use.replace(/ in .*/, ''));
    expect(found.filter((use) => !(use.replace(/ in .*/, '') in allowed))).toEqual([]);
    expect(
      Object.keys(allowed).filter((use) => !uses.includes(use)),
      'told, and not used',
    ).toEqual([]);
  });

  it('signal 0 alone is sent', () => {
    for (const { text } of bundle)
      for (const [, signal] of text.matchAll(/process\.kill\(\w+, ([^)]+)\)/g)) expect(signal).toBe('0');
  });

  it.each(['js', 'cjs'])(
    'leaves names, prototypes, listeners and variables as they were when all of it is loaded: %s',
    (kind) => {
      const program = `
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
const require = createRequire(import.meta.url);
const prototypes = ['Object', 'Array', 'String', 'Function', 'Promise', 'Error', 'RegExp', 'Map', 'Set', 'Uint8Array'];
const state = () => JSON.stringify([
  Object.getOwnPropertyNames(globalThis).sort(),
  prototypes.map((name) => Object.getOwnPropertyNames(globalThis[name].prototype).sort()),
  process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  Object.entries(process.env), process.exitCode ?? null, process.cwd(), process.umask(), process.title,
  Error.stackTraceLimit, typeof Error.prepareStackTrace,
]);
const before = state();
const folder = ${JSON.stringify(folder)};
const isThread = /thread|worker/;
const names = readdirSync(folder).filter((name) => name.endsWith('.${kind}') && !isThread.test(name));
for (const name of names)
  await (name.endsWith('.cjs') ? require(join(folder, name)) : import(join(folder, name)));
const after = state();
process.stdout.write(JSON.stringify({ names: names.length, same: before === after, before, after }));
`;
      const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
        encoding: 'utf8',
      });
      const { names, before, after } = JSON.parse(out) as { names: number; before: string; after: string };
      expect(JSON.parse(after)).toEqual(JSON.parse(before));
      expect(names).toBeGreaterThan(kind === 'js' ? 50 : 0);
    },
  );
});

/** Variables of modules that change: all of them keep what was computed, and no call's result depends on them. */
const kept: Readonly<Record<string, string>> = {
  'src/comply/eval/compile-platforms.ts: mixed':
    'mixed expressions by what they are made of, as long as that lives',
  'src/comply/pcre/case-folding.ts: cases': 'the letters with two cases, read once',
  'src/comply/pcre/char-set.ts: properties': 'the sets of general categories, at most 38',
  'src/comply/pcre/deadline.ts: guard': 'the context that patterns run in, made once',
  'src/comply/pcre/deadline.ts: guarded': 'set and taken back within one synchronous match',
  'src/comply/pcre/pattern.ts: asked': 'the text that was searched last',
  'src/comply/pcre/pattern.ts: askedHasHalves': 'what it holds',
  'src/comply/pcre/pattern.ts: cache': 'compiled patterns, at most 10,000',
  'src/comply/probes/packages.ts: known': 'items by inventory, as long as that lives',
  'src/comply/files/paths.ts: trees': 'directory trees by view, as long as that lives',
  'src/distros/shared/rule/flavour.ts: forms': 'patterns by flavour of a record, of which a vendor has two',
  'src/distros/shared/rule/line.ts: plain':
    'kinds of claims without their channel, as long as their feed lives',
  'src/distros/shared/rule/signers.ts: known': 'keys by vendor, as long as its record lives',
  'src/distros/ubuntu/tracker-status.ts: statuses': 'meanings of status texts, at most 50,000',
  'src/inventory/wanted.ts: known': 'the list of places, made once',
  'src/io/cancellation.ts: signals': 'the store that gives each call its own signal',
  'src/io/embedded.ts: places': 'where the executable has what is compressed, read once',
  'src/io/http/off-link.ts: guards': 'the store that tells which calls may not reach link-local addresses',
  'src/io/http/retry.ts: transient': 'which errors may be tried again, as long as they live',
  'src/publish/feed/shard.ts: recent': 'the last three shards, by the function that reads them',
  'src/site/judge-document.ts: documents': 'the inventory of a document, as long as its bytes live',
  'src/validate/check-document.ts: localNames': 'local names, at most 1,000',
  'src/validate/json-schema.ts: ajv': 'the compiler of schemas, made for its first use',
  'src/validate/json-schema.ts: compiled': 'our own schemas, compiled once',
  'src/validate/schema.ts: isRegistered': 'whether libxml2 reads our schemas from memory',
  'src/validate/schema.ts: openSchemas': 'schemas that libxml2 reads at the moment',
};

/** Programs of threads of their own, whose state ends with them, and scripts of pages. */
const elsewhere =
  /^src\/(tasks\/compile\/index-thread|io\/(xz-thread|hash-beside)|report\/comply\/(html-assets|policy-script)|site\/page)\.ts$/;

it('no module keeps anything between calls but what is told here', () => {
  const files = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name}`)
    .filter((name) => name.endsWith('.ts') && !name.startsWith('src/cli/') && !elsewhere.test(name));
  const variables = files.flatMap((file) => {
    const text = readFileSync(join(project, file), 'utf8');
    const changing =
      /^(?:export )?(?:let (\w+)|const (\w+)(?:: ([^=\n]+))? = (?:new (?:Map|Set|WeakMap|WeakSet)(?:<[^(\n]*>)?\(\)|\[\]|\{\});)/gm;
    return [...text.matchAll(changing)]
      .filter(([, , , type = '']) => !/^(?:readonly|Readonly|Partial|ProServices)/.test(type))
      .map(([, variable, constant]) => `${file}: ${variable ?? constant}`);
  });
  expect(variables.filter((one) => one !== 'src/distros/ubuntu/osv.ts: nothing').sort()).toEqual(
    Object.keys(kept).sort(),
  );
});
