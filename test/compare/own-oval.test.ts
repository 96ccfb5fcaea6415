import { join } from 'node:path';
import { expect, test } from 'vitest';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('our own OVAL, which reads the status file, has the flaws of our index', () => {
  const folder = temporaryFolder();
  const feed = join(folder, 'feed');
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status':
      stanza('curl', '7.88.1-10+deb12u3') + stanza('libcurl4', '7.88.1-10+deb12u3', { Source: 'curl' }),
  });
  const built = scapfeed([
    ...[
      'build',
      '--source',
      'debian',
      '--no-ratings',
      '--mirror',
      join(project, 'feeds/sample'),
      '--unsigned-mirror',
    ],
    ...['--snapshots', join(folder, 'snapshots'), '--out', feed],
  ]);
  expect(built.code, built.err).toBe(0);
  const compared = ['', '.unfixed'].map((form) => {
    const content = join(feed, `oval/debian-12${form}.oval.xml`);
    const { out, err } = scapfeed([
      ...['compare', image, '--content', content, '--feed', feed, '--max-age', '0', '-o', 'json'],
    ]);
    expect(err).toBe('');
    return JSON.parse(out) as { same: number; differences: { side: string; cause: string }[] };
  });

  const causes = compared.flatMap(({ differences }) =>
    differences.map(({ side, cause }) => `${side} ${cause}`),
  );
  expect(new Set(causes)).toEqual(new Set(['ours not_in_content']));
  // Each is in one document, and not in the other.
  const [fixed, unfixed] = compared.map(({ same }) => same) as [number, number];
  expect(fixed).toBeGreaterThan(5);
  expect(unfixed).toBeGreaterThan(0);
  expect(compared.map(({ differences }) => differences.length)).toEqual([unfixed, fixed]);
});
