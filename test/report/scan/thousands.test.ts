import { expect, it } from 'vitest';
import { debianRelease, rootWith, stanza } from '../../support/cli.ts';
import { runHere } from '../../support/command.ts';
import { bookworm, type SmallPlatform, writeSmallFeed } from '../../support/small-feed.ts';

it('has thousands separators in all numbers of a summary and its messages', async () => {
  const id = (at: number) => `CVE-2025-${String(10_000 + at)}`;
  const platforms: SmallPlatform[] = [
    {
      platform: bookworm,
      statements: Array.from({ length: 4800 }, (_, at) => ({
        ...{ vulnerability: id(at), package: 'a' },
        ...(at % 4 === 0
          ? { status: 'fixed' as const, fixed: '2' }
          : at % 4 === 3
            ? { status: 'under_investigation' as const, reason: 'nobody_looked' as const }
            : { status: 'affected' as const, fixState: 'none_yet' as const }),
      })),
    },
  ];
  // With others' ratings, of which none is about the image.
  const feed = writeSmallFeed(platforms, undefined, [{ id: 'CVE-2000-0001', ratings: [] }]);
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('a', '1'),
  });
  const { out, err } = await runHere([
    ...['scan', image, '--feed', feed, '--max-age', '0'],
    ...['--fail-on', 'high,unsettled'],
  ]);
  const summary = out.slice(out.indexOf(' flaws of source packages') - 10);

  expect(summary).toContain(
    '3,600 flaws of source packages: 1,200 with a fix to install, 2,400 without; 3,600 not rated by ',
  );
  expect(summary).toContain('1,200 more not yet looked into by the vendor');
  expect(err).toContain('the gate cannot see 3,600 of 3,600 flaws');
  expect(`${summary}${err}`).not.toMatch(/(?<![\d,-])\d{4,} (?!\/)[a-z]/);
});
