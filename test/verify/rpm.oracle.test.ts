import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerifyResult } from '../../src/verify/verify-files.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { temporaryFolder } from '../support/small-feed.ts';
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

const fileOf = (at: number) => `/usr/lib/tool/file${at}`;

describe.skipIf(!ready)('files of a package that rpm itself made and installed', () => {
  let rpm: Map<string, string>;
  let result: VerifyResult;
  const folder = temporaryFolder();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    const root = join(folder, 'root');
    mkdirSync(root);
    install(folder, root);
    for (const [at, { act }] of cases.entries()) act(join(root, fileOf(at)));
    writeFileSync(join(root, 'usr/lib/tool/script'), '#!/bin/sh\n', { mode: 0o755 });
    rpm = rpmVerify(root);
    result = await verifyReference(`dir:${root}`);
  });

  it.each(cases.map((row, at) => ({ ...row, at })))('$name', ({ at, flags, found }) => {
    const ours = result.deviations.filter(({ path }) => path === fileOf(at)).map(({ kind }) => kind);

    expect({ rpm: rpm.get(fileOf(at)) ?? '', ours }).toEqual({ rpm: flags, ours: found });
  });

  it('finds the script that rpm knows nothing of', () => {
    expect(lines(result)).toContain('unowned /usr/lib/tool/script: script');
  });
});

/** What rpm says of each path, in the columns that do not depend on the time of the build. */
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

/** Builds a package with a file a case and installs it, documentation left out. */
function install(folder: string, root: string): void {
  const spec = join(folder, 'tool.spec');
  const files = cases.map(({ attributes }, at) => `${attributes} ${fileOf(at)}\n`);
  writeFileSync(
    spec,
    `Name: tool
Version: 1
Release: 1
Summary: files of every kind
License: none
AutoReqProv: no
%define __os_install_post %{nil}
%define debug_package %{nil}
%description
files of every kind
%install
mkdir -p %{buildroot}/usr/lib/tool
for i in $(seq 0 ${cases.length - 1}); do printf "file $i" > %{buildroot}/usr/lib/tool/file$i; done
%files
${files.join('')}`,
  );
  const quiet = { stdio: 'pipe' } as const;
  const defines = ['--define', `_topdir ${folder}`, '--define', '_binary_payload w0.gzdio'];
  execFileSync('rpmbuild', ['-bb', '--target', 'x86_64', '--nodeps', ...defines, spec], quiet);
  const built = join(folder, 'RPMS/x86_64/tool-1-1.x86_64.rpm');
  const options = ['--excludedocs', '--nodeps', '--ignorearch', '--nosignature', '--noplugins'];
  execFileSync('rpm', ['--root', root, '-i', ...options, built], quiet);
}
