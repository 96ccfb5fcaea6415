import { spawnSync } from 'node:child_process';
import {
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSampleImage } from '../../scripts/sample-image.mjs';
import { project } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The command's files in a folder of their own, as after a build. */
function freshCommand(): string {
  const folder = temporaryFolder();
  const dist = join(project, 'dist');
  for (const name of readdirSync(dist)) {
    if (/^(?:cli|command-\w+|open-layered-image)\.cjs$/.test(name))
      copyFileSync(join(dist, name), join(folder, name));
  }
  return folder;
}

const root = join(temporaryFolder(), 'root');
mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
writeFileSync(
  join(root, 'var/lib/dpkg/status'),
  'Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2\n\n',
);

interface Run {
  options?: string[];
  args?: string[];
  env?: Record<string, string>;
}

function run(folder: string, { options = [], args = ['inventory', `dir:${root}`], env = {} }: Run = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...options, join(folder, 'cli.cjs'), ...args],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } },
  );
  return { status, stdout, stderr };
}

const works = { status: 0, stdout: expect.stringContaining('5.2.15-2'), stderr: '' };

const cacheName = new RegExp(`^command-\\w+\\.cjs\\.inventory\\.${process.version}-${process.arch}\\.cache$`);

function cacheOf(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.includes('.cache'));
  expect(names).toEqual([expect.stringMatching(cacheName)]);
  return join(folder, names[0]!);
}

/** Bytes turned around at a place, or a page of zeros there. */
function overwritten(bytes: Buffer, at: number, turned: number): Buffer {
  const spoiled = Buffer.from(bytes);
  if (turned === 0) return spoiled.fill(0, at, at + 4096);
  for (let n = at; n < at + turned; n++) spoiled[n]! ^= 0xff;
  return spoiled;
}

describe("V8's code cache", () => {
  it('is made by the first run and taken by the next', () => {
    const folder = freshCommand();
    expect(run(folder)).toEqual(works);
    const cache = cacheOf(folder);
    const made = statSync(cache).mtimeMs;
    expect(run(folder)).toEqual(works);
    expect(statSync(cache).mtimeMs).toBe(made);
  });

  it('is taken by a run under the flags that the start sets, whatever flags the run that left it set', () => {
    const folder = join(temporaryFolder(), 'dist');
    cpSync(join(project, 'dist'), folder, {
      recursive: true,
      filter: (path) => !/\.cache$|types|library/.test(path.slice(project.length)),
    });
    const content = join(temporaryFolder(), 'oval.xml');
    writeFileSync(
      content,
      '<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"><definitions><definition class="compliance" id="oval:x:def:1" version="1"/></definitions></oval_definitions>',
    );
    const made = () => {
      const [cache] = readdirSync(folder).filter(
        (name) => name.includes('.eval.') && name.endsWith('.cache'),
      );
      return statSync(join(folder, cache!)).mtimeMs;
    };
    const compiled = `${content}.jsonl`;
    expect(run(folder, { args: ['compile', content, '-o', compiled] }).status).toBe(0);
    // A document in XML has code optimized, a compiled one does not.
    expect(run(folder, { args: ['eval', `dir:${root}`, '--content', content] }).status).toBe(0);
    const first = made();
    expect(run(folder, { args: ['eval', `dir:${root}`, '--content', compiled] }).status).toBe(0);
    expect(made()).toBe(first);
  });

  it('has one of its own for what opens images with layers', () => {
    const folder = freshCommand();
    const image = join(temporaryFolder(), 'image');
    writeSampleImage(image);
    const args = ['inventory', `oci:${image}:sample`, '--no-cache'];
    const first = run(folder, { args });
    expect(first.status).toBe(0);
    const caches = readdirSync(folder).filter((each) => each.endsWith('.cache'));
    expect(caches).toEqual([
      expect.stringMatching(cacheName),
      expect.stringMatching(/^open-layered-image\.cjs\.inventory\./),
    ]);
    const part = join(folder, caches[1]!);
    const made = statSync(part).mtimeMs;
    expect(run(folder, { args })).toEqual(first);
    expect(statSync(part).mtimeMs).toBe(made);
    const spoiled = overwritten(readFileSync(part), 40_000, 1);
    writeFileSync(part, spoiled);
    expect(run(folder, { args })).toEqual(first);
    expect(readFileSync(part).equals(spoiled)).toBe(false);
  });

  it('gets once an hour what runs since have needed, and keeps what it has', () => {
    const folder = freshCommand();
    run(folder);
    const first = readFileSync(cacheOf(folder)).length;
    const manifest = ['inventory', `dir:${root}`, '-o', 'manifest'];
    run(folder, { args: manifest });
    expect(readFileSync(cacheOf(folder)).length).toBe(first);
    const before = new Date(Date.now() - 3_700_000);
    utimesSync(cacheOf(folder), before, before);
    run(folder, { args: manifest });
    const second = readFileSync(cacheOf(folder)).length;
    expect(second).toBeGreaterThan(first);
    utimesSync(cacheOf(folder), before, before);
    expect(run(folder)).toEqual(works);
    expect(readFileSync(cacheOf(folder)).length).toBeGreaterThan(second - 1024);
    expect(statSync(cacheOf(folder)).mtimeMs).toBeGreaterThan(before.getTime());
  });

  it.each([
    ['no command', ['inventry']],
    ['no name of one', ['../x']],
    ['a wrong option', ['inventory', '--nothing']],
    ['help', ['inventory', '--help']],
    ['an option alone', ['--version']],
  ])('is not made of a run that asks for %s', (_, args) => {
    const folder = freshCommand();
    run(folder, { args });
    expect(readdirSync(folder).filter((each) => each.includes('.cache'))).toEqual([]);
  });

  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    ['empty', () => Buffer.alloc(0)],
    ['of zeros', (bytes: Buffer) => Buffer.alloc(bytes.length)],
    [
      'of zeros in the middle, at which V8 would crash',
      (bytes: Buffer) => overwritten(bytes, bytes.length >> 1, 0),
    ],
    ['another in one byte, which V8 would run', (bytes: Buffer) => overwritten(bytes, 40_000, 1)],
    ['of another V8', (bytes: Buffer) => overwritten(bytes, 36, 12)],
  ])('is made again when it is %s', (_, spoil) => {
    const folder = freshCommand();
    run(folder);
    const cache = cacheOf(folder);
    const spoiled = spoil(readFileSync(cache));
    writeFileSync(cache, spoiled);
    expect(run(folder)).toEqual(works);
    expect(readFileSync(cacheOf(folder)).equals(spoiled)).toBe(false);
    expect(run(folder)).toEqual(works);
  });

  it('does not outlive the code that it was made of, however long that is', () => {
    const folder = freshCommand();
    expect(run(folder)).toEqual(works);
    const command = join(folder, readdirSync(folder).find((name) => /^command-\w+\.cjs$/.test(name))!);
    const code = readFileSync(command, 'latin1');
    expect(code).toContain('"PACKAGE"');
    writeFileSync(command, code.replaceAll('"PACKAGE"', '"package"'), 'latin1');
    expect(run(folder).stdout).toMatch(/^package +/m);
  });

  it.skipIf(process.getuid?.() !== 0)("of another user is passed over: it would be that user's code", () => {
    const folder = freshCommand();
    run(folder);
    const cache = cacheOf(folder);
    chownSync(cache, 65_534, 65_534);
    expect(run(folder)).toEqual(works);
    expect(statSync(cache).uid).toBe(0);
  });

  it('is left alone by a Node with options, which would make V8 refuse it', () => {
    const folder = freshCommand();
    expect(run(folder, { options: ['--stack-size=900'] })).toEqual(works);
    expect(run(folder, { env: { NODE_OPTIONS: '--max-old-space-size=512' } })).toEqual(works);
    expect(readdirSync(folder).some((name) => name.includes('.cache'))).toBe(false);
  });

  it('is not missed where nothing can be written', () => {
    const folder = freshCommand();
    // A folder of the cache's name stands for a right that is missing: tests run as root.
    const [command] = readdirSync(folder).filter((name) => name.startsWith('command-'));
    const name = `${command}.inventory.${process.version}-${process.arch}.cache`;
    spawnSync('mkdir', [join(folder, name)]);
    expect(run(folder)).toEqual(works);
    expect(readdirSync(folder).filter((each) => each.includes('.cache'))).toEqual([name]);
  });
});

it('an older Node is told which one is needed', () => {
  const folder = freshCommand();
  const older = join(folder, 'older.cjs');
  writeFileSync(older, "Object.defineProperty(process.versions, 'node', { value: '22.9.0' });\n");
  expect(run(folder, { options: ['-r', older] })).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^scapfeed needs Node 22\.\d+\.\d+ or newer; this is v\d.*The single file of a release needs no Node/,
    ),
  });
});
