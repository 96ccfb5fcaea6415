import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { VerifyResult } from '../../src/verify/verify-files.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { removeRpmRoot, rpmFile, rpmRoot } from '../support/rpm-install.ts';
import { lines, verifyReference } from './support/verify.ts';

const ready = hasOracle('rpm', 'tar') && isRoot();

interface Case {
  name: string;
  /** Line of %files, without the path. */
  attributes: string;
  act(path: string): void;
  /** rpm's columns that concern us: 5 digest, S size, L link, M mode, U user, G group. */
  flags: string;
  found: string[];
}

const program = '%attr(755,root,root)';
const cases: Case[] = [
  { name: 'as packaged', attributes: program, act: () => {}, flags: '', found: [] },
  {
    name: 'a byte more',
    attributes: program,
    act: (path) => appendFileSync(path, 'x'),
    flags: 'S5',
    found: ['changed'],
  },
  {
    name: 'configuration changed',
    attributes: '%config(noreplace)',
    act: (path) => appendFileSync(path, 'x'),
    flags: 'S5',
    found: ['config'],
  },
  {
    name: 'another mode',
    attributes: program,
    act: (path) => chmodSync(path, 0o700),
    flags: 'M',
    found: ['attributes'],
  },
  {
    name: 'setuid',
    attributes: program,
    act: (path) => chmodSync(path, 0o4755),
    flags: 'M',
    found: ['setuid', 'attributes'],
  },
  { name: 'setuid as packaged', attributes: '%attr(4755,root,root)', act: () => {}, flags: '', found: [] },
  {
    name: 'another owner',
    attributes: program,
    act: (path) => chownSync(path, 7, 8),
    flags: 'UG',
    found: ['attributes'],
  },
  {
    name: 'taken away',
    attributes: program,
    act: (path) => rmSync(path),
    flags: 'missing',
    found: ['missing'],
  },
  {
    name: 'a link in its place',
    attributes: program,
    act: (path) => {
      rmSync(path);
      symlinkSync('elsewhere', path);
    },
    flags: 'L',
    found: ['changed'],
  },
  {
    name: 'a directory in its place',
    attributes: program,
    act: (path) => {
      rmSync(path);
      mkdirSync(path, { mode: 0o755 });
    },
    flags: 'M',
    found: ['changed'],
  },
  {
    name: 'a ghost that is not there',
    attributes: '%ghost',
    act: (path) => rmSync(path, { force: true }),
    flags: '',
    found: [],
  },
  {
    name: 'a ghost of another content',
    attributes: `%ghost ${program}`,
    act: (path) => writeFileSync(path, 'anything', { mode: 0o755 }),
    flags: '',
    found: [],
  },
  {
    name: 'a ghost of another mode',
    attributes: `%ghost ${program}`,
    act: (path) => writeFileSync(path, 'anything', { mode: 0o600 }),
    flags: 'M',
    found: ['attributes'],
  },
  {
    name: 'content that the packager leaves open',
    attributes: `%verify(not md5 size) ${program}`,
    act: (path) => appendFileSync(path, 'x'),
    flags: '',
    found: [],
  },
  { name: 'documentation that was not installed', attributes: '%doc', act: () => {}, flags: '', found: [] },
  {
    name: 'configuration that may be missing',
    attributes: '%config(missingok)',
    act: (path) => rmSync(path),
    flags: '',
    found: [],
  },
];

describe.skipIf(!ready)('files of a package that rpm itself made and installed', () => {
  let rpm: Map<string, string>;
  let result: VerifyResult;
  beforeAll(async () => {
    const root = rpmRoot(cases.map(({ attributes }) => attributes));
    for (const [at, { act }] of cases.entries()) act(join(root, rpmFile(at)));
    writeFileSync(join(root, 'usr/lib/tool/script'), '#!/bin/sh\n', { mode: 0o755 });
    rpm = rpmVerify(root);
    result = await verifyReference(`dir:${root}`);
    removeRpmRoot(root);
  });

  it.each(cases.map((row, at) => ({ ...row, at })))('$name', ({ at, flags, found }) => {
    const ours = result.deviations.filter(({ path }) => path === rpmFile(at)).map(({ kind }) => kind);

    expect({ rpm: rpm.get(rpmFile(at)) ?? '', ours }).toEqual({ rpm: flags, ours: found });
  });

  it('finds the script that rpm knows nothing of', () => {
    expect(lines(result)).toContain('unowned /usr/lib/tool/script: script');
  });
});

/** rpm's result for each path, in the columns that do not depend on the time of the build. */
function rpmVerify(root: string): Map<string, string> {
  // It ends with 1 when something differs.
  const { stdout } = spawnSync('rpm', ['--root', root, '-Va', '--nomtime'], { encoding: 'utf8' });
  return new Map(
    stdout.split('\n').flatMap((line): [string, string][] => {
      const match = /^(\S+)\s+(?:[a-z] )?(\/\S+)/.exec(line);
      return match ? [[match[2]!, match[1]!.replace(/[.?]/g, '')]] : [];
    }),
  );
}

describe.skipIf(!ready)('a header that is not the one that was installed', () => {
  it('is refused, as rpm refuses it', async () => {
    const root = rpmRoot([program]);
    try {
      const database = join(root, 'var/lib/rpm/rpmdb.sqlite');
      const bytes = readFileSync(database);
      for (
        let at = bytes.indexOf('files of every kind');
        at !== -1;
        at = bytes.indexOf('files of every kind', at)
      ) {
        bytes.write('Files', at);
      }
      writeFileSync(database, bytes);
      for (const ending of ['-wal', '-shm']) rmSync(database + ending, { force: true });
      const rpm = spawnSync('rpm', ['--root', root, '-qa'], { encoding: 'utf8' });

      expect(rpm.stdout).toBe('');
      expect(rpm.stderr).toMatch(/Header SHA256 digest: BAD/);
      await expect(verifyReference(`dir:${root}`)).rejects.toMatchObject({
        code: 'PACKAGE_DATABASE_UNREADABLE',
        message: expect.stringMatching(/^expected a header of sha256 [0-9a-f]{64}, found/),
        where: expect.stringMatching(/hnum 1$/),
      });
    } finally {
      removeRpmRoot(root);
    }
  });
});
