import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debianRelease, project, rootWith, stanza } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const sources = Array.from({ length: 500 }, (_, at) => `src${at}`);
const flaws = sources.flatMap((source, at) =>
  Array.from({ length: 50 }, (_, nth) => ({ id: `CVE-2024-${10_000 + at * 50 + nth}`, source })),
);

describe.skipIf(!hasOracle('time'))('100,000 verdicts', () => {
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': sources
      .flatMap((source) => [0, 1, 2, 3].map((n) => stanza(`lib${source}-${n}`, '1.0-1', { Source: source })))
      .join(''),
  });
  const feed = writeSmallFeed([
    {
      platform: bookworm,
      statements: flaws.map(({ id, source }) => ({
        vulnerability: id,
        package: source,
        status: 'fixed',
        fixed: '2.0-1',
        severity: 'high',
      })),
      vulnerabilities: flaws.map(({ id }) => ({
        id,
        title: `Title of ${id}`,
        description: `Description of ${id}: ${'some words of a long text '.repeat(25)}`,
      })),
    },
  ]);

  it('in six formats of one run need less than 400 MB', () => {
    const folder = temporaryFolder();
    const formats = ['json', 'sarif', 'html', 'csv', 'cyclonedx', 'openvex'];
    const scan = [join(project, 'dist/cli.cjs'), 'scan', image, '--feed', feed, '--max-age', '0'];
    const outputs = formats.flatMap((format) => ['-o', `${format}=${join(folder, format)}`]);
    const { stderr, status } = spawnSync('time', ['-f', '%M', process.execPath, ...scan, ...outputs], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    for (const format of formats)
      expect(statSync(join(folder, format)).size, format).toBeGreaterThan(10_000_000);
    expect(Number(stderr.trim().split('\n').at(-1)) / 1024).toBeLessThan(400);
  });
});
