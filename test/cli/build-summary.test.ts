import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import { writeAlpineMirror } from '../distros/alpine/world.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A mirror that answers "not found" for both of Red Hat's maps and for Debian's tracker. */
const folder = temporaryFolder();
const mirror = join(folder, 'mirror');
const out = join(folder, 'feed');

beforeAll(() => {
  cpSync(join(project, 'feeds/sample'), mirror, { recursive: true, dereference: true });
  rmSync(join(mirror, 'security.access.redhat.com/data/metrics'), { recursive: true });
  rmSync(join(mirror, 'security-tracker.debian.org'), { recursive: true });
});

const build = (...args: string[]) =>
  scapfeed([
    ...['build', '--source', 'redhat', '--mirror', mirror, '--unsigned-mirror'],
    ...['--snapshots', join(folder, 'snapshots'), '--out', out, ...args],
  ]);

describe('a map of CPEs or containers that is not there', () => {
  it('stands in the summary, and in the manifest of the feed', () => {
    const { code, out: text } = build();

    expect(text).toContain('2 used with a doubt: input absent, as at redhat-containers');
    expect(code).toBe(0);
    const { manifest } = JSON.parse(build('-o', 'json').out) as { manifest: Manifest };
    expect(manifest.sources[0]!.findings).toContainEqual(
      expect.objectContaining({
        reason: 'input_absent',
        count: 2,
        examples: [{ where: 'redhat-containers' }, { where: 'redhat-repositories' }],
      }),
    );
  });
});

it('has no account of a vendor that was not read', () => {
  const { code, out: text } = scapfeed([
    ...[
      'build',
      '--source',
      'debian',
      '--source',
      'redhat',
      '--no-ratings',
      '--mirror',
      mirror,
      '--unsigned-mirror',
    ],
    ...['--no-oval', '--snapshots', join(folder, 'half-snapshots'), '--out', join(folder, 'half')],
  ]);

  expect(text).toMatch(/^debian could not be read \([A-Z_]+\) and has no last good data/m);
  expect(text).not.toContain('Debian Security Tracker:');
  expect(text).toMatch(/^Red Hat .*records? in = /m);
  expect(code).toBe(3);
});

describe('the summary as JSON', () => {
  it('names files that are in the feed, and no folder that is gone', () => {
    const { out: text } = build('-o', 'json');
    const { oval } = JSON.parse(text) as {
      oval: { files: { name: string }[]; inexact: { name: string } }[];
    };
    const names = oval.flatMap(({ files, inexact }) => [...files, inexact].map(({ name }) => name));

    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !existsSync(join(out, 'oval', name)))).toEqual([]);
    expect(text).not.toContain('staging');
  });
});

describe('the next step', () => {
  /** The last arguments of the printed command. */
  const printed = (text: string, image: string) => {
    const [, command = ''] = /^next: scapfeed (.*)$/m.exec(text) ?? [];
    return scapfeed(command.split(' ').map((word) => (word === 'IMAGE' ? image : word))).code;
  };

  it('is a scan that works as it is printed', () => {
    const to = join(folder, 'alpine');
    const repository = {
      secfixes: { openssl: { '3.3.1-r1': ['CVE-2024-5535'] } },
      ...{ ships: ['openssl 3.3.1-r1'], built: Math.floor(Date.now() / 1000) - 3600 },
    };
    const today = writeAlpineMirror({
      'v3.20/main': repository,
      'v3.20/community': { ...repository, secfixes: {}, ships: ['zlib 1.3.1-r1'] },
    });
    const { out: text } = scapfeed([
      ...['build', '--source', 'alpine', '--no-ratings', '--no-oval', '--mirror', today],
      ...['--snapshots', join(folder, 'other'), '--out', to],
    ]);
    expect(text).toContain(`next: scapfeed scan IMAGE --feed ${to}\n`);
    const image = rootWith({
      'etc/os-release': 'ID=alpine\nVERSION_ID=3.20.1\n',
      'lib/apk/db/installed': 'P:openssl\nV:3.3.1-r0\nA:x86_64\no:openssl\n\n',
    });
    expect(printed(text, image)).not.toBe(3);
  });

  it('names what is too old for it, by source, and what to do', () => {
    const to = join(folder, 'half-old');
    const branch = (daysAgo: number) => ({
      secfixes: { openssl: { '3.3.1-r1': ['CVE-2024-5535'] } },
      ships: ['openssl 3.3.1-r1'],
      built: Math.floor(Date.now() / 1000) - daysAgo * 86_400,
    });
    const some = writeAlpineMirror({
      'v3.19/main': branch(30),
      'v3.19/community': branch(30),
      'v3.20/main': branch(1),
      'v3.20/community': branch(1),
    });
    const { out: text, code } = scapfeed([
      ...['build', '--source', 'alpine', '--no-ratings', '--no-oval', '--mirror', some],
      ...['--snapshots', join(folder, 'half-old-snapshots'), '--out', to],
    ]);
    expect(code).toBe(0);
    expect(text).toContain(
      `next: scapfeed scan IMAGE --feed ${to}\n` +
        '      too old for that: alpine-3.19 (Alpine Linux security database); build again with newer data, or add --max-age 0\n',
    );
    const image = rootWith({
      'etc/os-release': 'ID=alpine\nVERSION_ID=3.19.1\n',
      'lib/apk/db/installed': 'P:openssl\nV:3.3.1-r0\nA:x86_64\no:openssl\n\n',
    });
    expect(printed(text, image)).toBe(3);
    expect(printed(text.replace(`--feed ${to}`, `--feed ${to} --max-age 0`), image)).not.toBe(3);
  });

  it('accepts any age where all of the data is too old for a scan by default', () => {
    const to = join(folder, 'old');
    const choice = ['--source', 'debian', '--no-ratings', '--platform', 'debian-12', '--no-oval'];
    const places = ['--snapshots', join(folder, 'other'), '--out', to];
    const image = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('bash', '5.2'),
    });
    const copied = ['--mirror', join(project, 'feeds/sample'), '--unsigned-mirror'];
    for (const from of [['--mirror', 'sample:'], copied]) {
      const { out: text } = scapfeed(['build', ...choice, ...from, ...places]);
      expect(text).toContain(`next: scapfeed scan IMAGE --feed ${to} --max-age 0\n`);
      expect(printed(text, image)).not.toBe(3);
    }
  });
});
