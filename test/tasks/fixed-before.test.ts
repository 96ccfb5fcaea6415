import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, openFeed } from '../../src/library/index.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';

const day = 86_400_000;
const now = new Date('2026-11-30T12:00:00Z');

/** Packages named after the day of their fix; a name with `none` has no date, `open` no fix. */
function feedOf(dates: readonly string[]): string {
  const named = (date: string) => `p-${date}`;
  return writeSmallFeed([
    {
      platform: bookworm,
      advisories: dates.flatMap((date, at) =>
        date === 'none' || date === 'open' ? [] : [{ id: `DSA-${at + 1}-1`, date }],
      ),
      statements: dates.map((date, at) => ({
        ...{ vulnerability: `CVE-2026-${1000 + at}`, package: named(date), severity: 'high' },
        ...(date === 'open' ? { status: 'affected', fixState: 'none_yet' } : { status: 'fixed', fixed: '2' }),
        ...(date === 'none' || date === 'open' ? {} : { advisories: [`DSA-${at + 1}-1`] }),
      })),
    },
  ]);
}

const inventoryOf = (dates: readonly string[]): Inventory => ({
  os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
  databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: dates.length }],
  packages: dates.map((date) => deb(`p-${date}`, '1')),
  notes: [],
});

const all = ['2026-11-29', '2026-11-01', '2026-10-31', '2026-10-30', '2025-01-01', 'none', 'open'];

describe('--fixed-before', () => {
  it('fails for fixes of days before the limit and for those without a day, at any age and limit', async () => {
    const offsets = fc.uniqueArray(fc.integer({ min: -2, max: 400 }), { minLength: 1, maxLength: 8 });
    const limit = fc.integer({ min: 1, max: 9000 });
    await fc.assert(
      fc.asyncProperty(offsets, limit, fc.boolean(), async (ages, hours, hasUndated) => {
        const dated = ages.map((age) => new Date(now.getTime() - age * day).toISOString().slice(0, 10));
        const dates = [...dated, 'open', ...(hasUndated ? ['none'] : [])];
        // Text that sorts as time does.
        const latest = new Date(now.getTime() - hours * 3_600_000).toISOString();
        const due = dated.filter((date) => `${date}T00:00:00.000Z` < latest).length + Number(hasUndated);
        const feed = openFeed(feedOf(dates));
        const { policy } = await judge(inventoryOf(dates), feed, { now, fixedBefore: hours * 3_600_000 });
        feed.close();

        expect(policy).toMatchObject({ failing: due, exitCode: due > 0 ? 1 : 0 });
        expect(policy.fixedBefore).toEqual({ hours, undated: Number(hasUndated) });
      }),
      { numRuns: 25 },
    );
  });

  const root = () =>
    `dir:${rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': all.map((date) => stanza(`p-${date}`, '1')).join(''),
    })}`;
  const scan = (feed: string, ...args: string[]) =>
    scapfeed(['scan', root(), '--feed', feed, '--max-age', '0', ...args]);

  it('narrows --fail-on, and says what it leaves out', () => {
    const feed = feedOf(all);
    // The clock of the command is that of the machine: a limit of ten years leaves only the fix without a day.
    const decade = scan(feed, '--fail-on', 'high', '--allow-unrated', '--fixed-before', '3650d');
    expect(decade.code).toBe(1);
    expect(decade.err).toContain('policy: 1 flaw at or above --fail-on');
    expect(decade.err).toContain(
      'policy: 1 flaw with a fix whose date is not known, which counts as older (--fixed-before 3650d)',
    );
    expect(decade.err).toContain(
      'policy: 6 flaws without a fix, or with a newer one, not counted by --fixed-before 3650d',
    );
    const other = scan(feed, '--fail-on', 'critical', '--allow-unrated', '--fixed-before', '1h');
    expect(other.code).toBe(0);
    const policy = join(rootWith({ 'scapfeed.yaml': 'scan:\n  fixed-before: 3650d\n' }), 'scapfeed.yaml');
    expect(scan(feed, '--policy', policy).err).toContain(
      'policy: 1 flaw whose fix is not installed (--fixed-before 3650d)',
    );
    expect(scan(feed, '--fixed-before', 'soon')).toMatchObject({ code: 2 });
  });

  it('without it nothing has a limit, and every format has the day', () => {
    const feed = feedOf(all);
    const { policy, verdicts } = JSON.parse(scan(feed, '-o', 'json').out);
    expect(policy.fixedBefore).toBeUndefined();
    for (const { package: pkg, fixDate } of verdicts) {
      const date = pkg.name.slice(2);
      expect(fixDate).toBe(/^2/.test(date) ? date : undefined);
    }
    expect(scan(feed).out).not.toContain('fixed since');
    const table = scan(feed, '--fixed-before', '3650d').out;
    expect(table).toContain('fixed since 2025-01-01');
    expect(table).toContain('date of the fix unknown');
    for (const format of ['html', 'junit', 'gitlab', 'sarif', 'csv'])
      expect(scan(feed, '-o', format, '--allow-unrated').out, format).toContain('2026-10-31');
    const junit = scan(feed, '--fixed-before', '3650d', '-o', 'junit').out;
    expect(junit).toMatch(/failures="1"/);
    const html = (...args: string[]) => scan(feed, '--fixed-before', '3650d', '-o', 'html', ...args).out;
    expect(html()).toContain('1 flaw with an older fix, by --fixed-before');
    expect(html('--fail-on', 'high', '--allow-unrated')).toContain('1 flaw that --fail-on names');
  });
});
