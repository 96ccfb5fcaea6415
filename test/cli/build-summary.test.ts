import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/index.ts';
import { project, scapfeed } from '../support/cli.ts';
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
  it('is a scan', () => {
    expect(build().out).toContain(`next: scapfeed scan IMAGE --feed ${out}\n`);
  });

  it('accepts any age for the sample, which is years old', () => {
    const to = join(folder, 'sample');
    const choice = ['--source', 'debian', '--no-ratings', '--platform', 'debian-12', '--no-oval'];
    const places = ['--snapshots', join(folder, 'other'), '--out', to];
    const { out: text } = scapfeed(['build', ...choice, '--mirror', 'sample:', ...places]);
    expect(text).toContain(`next: scapfeed scan IMAGE --feed ${to} --max-age 0\n`);
  });
});
