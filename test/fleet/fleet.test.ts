import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NewsItem } from '../../src/model/index.ts';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { bookworm, type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';

type Statements = SmallPlatform['statements'];

const feedOf = (...statements: Statements) => writeSmallFeed([{ platform: bookworm, statements }]);

const affected = (vulnerability: string, name: string, severity: 'low' | 'high' = 'high') =>
  ({ vulnerability, package: name, status: 'affected', fixState: 'none_yet', severity }) as const;

const fixed = (vulnerability: string, name: string, version: string) =>
  ({ vulnerability, package: name, status: 'fixed', fixed: version, severity: 'high' }) as const;

const statusFile = 'var/lib/dpkg/status';

function imageOf(...packages: string[]): string {
  return rootWith({ 'etc/os-release': debianRelease('12', 'bookworm'), [statusFile]: packages.join('') });
}

const told = (news: readonly NewsItem[]) =>
  news.map(({ kind, cause, vulnerability, package: name, images }) =>
    [kind, cause, vulnerability, name, images.length].filter((word) => word !== undefined).join(' '),
  );

describe('nights of a fleet', { timeout: 120_000 }, () => {
  it('judge only what changed, and tell each change once with its cause', async () => {
    const place = await newEmbedded();
    const [a, b] = [
      imageOf(stanza('a', '1'), stanza('both', '1')),
      imageOf(stanza('b', '1'), stanza('both', '1')),
    ];
    await addImages(place, [`dir:${a}`, `dir:${b}`, 'dir:/nowhere']);

    const first = await night(
      place,
      feedOf(affected('CVE-2024-0001', 'both'), affected('CVE-2024-0002', 'b')),
    );
    expect(first.summary).toMatchObject({ names: 3, unread: 1, read: 2, judged: 3, packages: 3 });
    expect(told(first.news)).toEqual(['unread image 1', 'added image 1', 'added image 1']);

    const same = await night(
      place,
      feedOf(affected('CVE-2024-0001', 'both'), affected('CVE-2024-0002', 'b')),
    );
    expect(same.summary).toMatchObject({ read: 0, judged: 0, events: 0 });

    const changed = await night(
      place,
      feedOf(
        fixed('CVE-2024-0001', 'both', '1'),
        affected('CVE-2024-0002', 'b', 'low'),
        affected('CVE-2024-0003', 'both'),
        affected('CVE-2024-0004', 'nowhere'),
      ),
    );
    expect(changed.summary.judged).toBe(2);
    expect(told(changed.news)).toEqual([
      'new feed CVE-2024-0003 both 2',
      'severity feed CVE-2024-0002 b 1',
      'fixed feed CVE-2024-0001 both 2',
    ]);

    writeFileSync(join(a, statusFile), stanza('b', '1'));
    const rebuilt = await night(
      place,
      feedOf(affected('CVE-2024-0002', 'b', 'low'), affected('CVE-2024-0003', 'both')),
    );
    expect(told(rebuilt.news)).toEqual(['new image CVE-2024-0002 b 1', 'fixed image CVE-2024-0003 both 1']);
  });
});
