import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { nowhere, temporaryFolder } from '../support/temporary.ts';

const names = ['openssl', 'zlib', 'apt', 'bash', 'corp'];
const roster = new Map(names.slice(0, 4).map((name) => [name, { version: '1', binaries: [] }]));
const statements = [
  {
    vulnerability: 'CVE-2023-0286',
    package: 'openssl',
    status: 'fixed',
    fixed: '3.0.8-1',
    severity: 'high',
    advisories: ['DSA-5343-1'],
  },
  {
    vulnerability: 'CVE-2023-45853',
    package: 'zlib',
    status: 'affected',
    fixState: 'will_not_fix',
    severity: 'low',
  },
  {
    vulnerability: 'CVE-2011-3374',
    package: 'apt',
    status: 'affected',
    fixState: 'none_yet',
    suppressed: 'unimportant',
  },
  {
    vulnerability: 'CVE-2022-3715',
    package: 'bash',
    status: 'affected',
    fixState: 'none_yet',
    reason: 'minor',
  },
  {
    vulnerability: 'CVE-2024-99999',
    package: 'bash',
    status: 'under_investigation',
    reason: 'nobody_looked',
  },
] as const;

const status = [
  stanza('apt', '2.6.1'),
  stanza('bash', '5.2.15-2+b2', { Source: 'bash (5.2.15-2)' }),
  stanza('libssl3', '3.0.7-1', { Source: 'openssl' }),
  stanza('openssl', '3.0.7-1'),
  stanza('zlib1g', '1:1.2.13.dfsg-1', { Source: 'zlib' }),
].join('');
const release = debianRelease('12', 'bookworm');
const clean = stanza('libssl3', '3.0.8-1', { Source: 'openssl' });

let feed: string;
/** By this feed the release is past its end of life. */
let old: string;
let image: string;
beforeAll(() => {
  const life = [{ phase: 'lts', until: '2026-08-31' }];
  old = writeSmallFeed([{ platform: { ...bookworm, life }, data: { roster }, statements }]);
  feed = writeSmallFeed([{ platform: bookworm, data: { roster }, statements }]);
  image = rootWith({ 'etc/os-release': release, 'var/lib/dpkg/status': status });
});

const scan = (...args: string[]) => scapfeed(['scan', '--feed', feed, '--max-age', '0', ...args]);

describe('the table', () => {
  it('has a row a flaw and source, and counts what it does not show', () => {
    const { out, code } = scan(image);

    const lines = out.replaceAll(image, 'IMAGE').replaceAll(feed, 'FEED').split('\n');
    expect(lines[0]).toMatch(
      /^scapfeed \d+\.\d+\.\d+; feed debian-12, vendor data of 2026-11-20 \(\d+ days? old|today\)/,
    );
    expect(lines.slice(1).join('\n')).toBe(`feed FEED (not signed)
dir:IMAGE: Debian GNU/Linux 12 (bookworm), judged as Debian GNU/Linux 12 (bookworm), 5 packages in /var/lib/dpkg/status

VULNERABILITY   SEVERITY  SOURCE, INSTALLED (PACKAGES)
CVE-2023-0286   high      openssl 3.0.7-1 (libssl3, openssl)
                fix available: 3.0.8-1 (DSA-5343-1)
CVE-2023-45853  low       zlib 1:1.2.13.dfsg-1 (zlib1g)
                will not be fixed
CVE-2022-3715   unknown   bash 5.2.15-2
                no fix yet (minor)

3 flaws of source packages: 1 with a fix to install, 2 without; 1 not rated by the vendor
by severity: 1 high, 1 low, 1 unknown
1 more rated unimportant: --all lists them
1 more not yet looked into by the vendor: --all lists them
5 packages judged, 0 not covered
`);
    expect(code).toBe(0);
  });

  it('shows all on demand, and less on demand with the count of what is left out', () => {
    expect(scan(image, '--all').out).toMatch(/CVE-2011-3374 .*\n(.*\n)*.*CVE-2024-99999/);
    const few = scan(image, '--severity', 'medium').out;
    expect(few).not.toContain('CVE-2023-45853');
    expect(few).toContain(
      '2 flaws left out by --severity or --only-fixed, 1 of them not rated by the vendor: --severity unknown lists those',
    );
    expect(scan(image, '--only-fixed').out).not.toContain('CVE-2022-3715');
  });

  it('has no colour when it is not a terminal', () => {
    expect(scan(image).out).not.toContain('\x1b');
  });
});

describe('JSON', () => {
  it('keeps its schema and holds every verdict with package, versions and evidence', () => {
    const result = JSON.parse(scan(image, '-o', 'json').out) as { verdicts: { vulnerability: string }[] };

    expect(schemaErrors('scan-result', result)).toEqual([]);
    expect(result.verdicts.map(({ vulnerability }) => vulnerability).sort()).toEqual([
      'CVE-2011-3374',
      'CVE-2022-3715',
      'CVE-2023-0286',
      'CVE-2023-0286',
      'CVE-2023-45853',
      'CVE-2024-99999',
    ]);
    expect(result.verdicts[0]).toMatchObject({
      package: { name: 'libssl3', source: { name: 'openssl', version: '3.0.7-1' } },
      fixedVersion: '3.0.8-1',
      evidence: 'test-input#/openssl/CVE-2023-0286',
    });
  });

  it('goes to a file beside a table on stdout', () => {
    const file = join(temporaryFolder(), 'scan.json');

    const { out, err } = scan(image, '-o', 'table', '-o', `json=${file}`);

    expect(out).toContain('CVE-2023-0286');
    expect(err).toContain(`wrote json report to ${file}`);
  });
});

describe('exit codes: of several the first of 2, 3, 4, 1 counts', () => {
  const cases: [string, Record<string, string>, string[], number, RegExp][] = [
    ['fine without a policy', { 'var/lib/dpkg/status': status }, [], 0, /^$/],
    [
      'a flaw at the policy',
      { 'var/lib/dpkg/status': status },
      ['--fail-on', 'high', '--allow-unrated'],
      1,
      /policy: 1 flaw at or above/,
    ],
    [
      'no flaw at the policy',
      { 'var/lib/dpkg/status': status },
      ['--fail-on', 'critical', '--allow-unrated'],
      0,
      /1 flaw without a vendor rating not counted/,
    ],
    ['unrated flaws by --fail-on any', { 'var/lib/dpkg/status': status }, ['--fail-on', 'any'], 1, /policy/],
    [
      'suppressed flaws trip nothing',
      { 'var/lib/dpkg/status': stanza('apt', '2.6.1') },
      ['--fail-on', 'any'],
      0,
      /^$/,
    ],
    [
      '--fail-on unsettled',
      { 'var/lib/dpkg/status': status },
      ['--fail-on', 'unsettled'],
      1,
      /^policy: 1 flaw that the vendor has not yet looked into \(--fail-on unsettled\); --all lists them, an exception or VEX accepts them$/m,
    ],
    ['a clean image', { 'var/lib/dpkg/status': clean }, ['--fail-on', 'low', '--allow-unrated'], 0, /^$/],
    [
      'a package never shipped',
      { 'var/lib/dpkg/status': clean + stanza('corp', '1.0') },
      [],
      4,
      /1 package without data/,
    ],
    [
      'a package never shipped, accepted',
      { 'var/lib/dpkg/status': clean + stanza('corp', '1.0') },
      ['--allow-uncovered'],
      0,
      /^policy: 1 package without data in this feed \(accepted by --allow-uncovered\)\n$/,
    ],
    [
      'uncovered before the policy',
      { 'var/lib/dpkg/status': status + stanza('corp', '1.0') },
      ['--fail-on', 'low', '--allow-unrated'],
      4,
      /policy/,
    ],
    ['no package database', {}, [], 4, /PACKAGE_DATABASE_MISSING/],
    ['an empty package database', { 'var/lib/dpkg/status': '' }, [], 4, /lists no package/],
    [
      'a half-written status',
      { 'var/lib/dpkg/status': status.slice(0, -30) },
      [],
      4,
      /PACKAGE_DATABASE_UNREADABLE|status/,
    ],
    [
      'an unknown distribution',
      { 'etc/os-release': 'ID=plan9\n', 'var/lib/dpkg/status': status },
      [],
      4,
      /PLATFORM_NOT_COVERED[\s\S]*; pull or build it with this system; a derivative/,
    ],
    [
      'a release without data',
      { 'etc/os-release': debianRelease('9', 'stretch'), 'var/lib/dpkg/status': status },
      [],
      4,
      /no data for Debian GNU\/Linux 9[\s\S]*; pull or build it with this release, or/,
    ],
    ['an old feed', { 'var/lib/dpkg/status': status }, ['--max-age', '1h'], 3, /FEED_STALE/],
    ['no feed', { 'var/lib/dpkg/status': status }, ['--feed', nowhere()], 3, /FEED_MISSING/],
    ['a wrong severity', { 'var/lib/dpkg/status': status }, ['--fail-on', 'hihg'], 2, /did you mean high\?/],
    [
      'an unknown option',
      { 'var/lib/dpkg/status': status },
      ['--fail-onn', 'high'],
      2,
      /did you mean --fail-on\?/,
    ],
  ];

  it.each(cases)('%s', (_, files, args, code, message) => {
    const result = scan(rootWith({ 'etc/os-release': release, ...files }), ...args);

    expect(result.err).toMatch(message);
    expect(result.code).toBe(code);
  });

  it('an image past its end of life', () => {
    const { code, out, err } = scapfeed(['scan', image, '--feed', old, '--max-age', '0', '--quiet']);

    expect(out).toContain('WARNING: Debian GNU/Linux 12 (bookworm) is past its end of life');
    // A report in a file shows nothing of it.
    expect(err).toMatch(/^not covered: Debian GNU\/Linux 12 \(bookworm\) is past its end of life: /m);
    expect(code).toBe(4);
  });
});

describe('explain', () => {
  const explain = (...args: string[]) => scapfeed(['explain', ...args, '--feed', feed, '--max-age', '0']);

  describe('of a release past its end of life', () => {
    const ended = (...args: string[]) => scapfeed(['explain', ...args, '--feed', old, '--max-age', '0']);
    const said =
      'Debian GNU/Linux 12 (bookworm) is past its end of life: the vendor no longer publishes statements about this release';

    it.each([
      ['a package with a verdict', ['CVE-2023-0286', 'libssl3'], 'explanation'],
      ['a package without one', ['CVE-2023-0286', 'zlib1g'], 'explanation'],
      ['the image', ['CVE-2023-0286'], 'explained-packages'],
    ] as const)('%s is not covered, as scan has it', (_, asked, schema) => {
      const { code, out, err } = ended(image, ...asked);
      expect(scapfeed(['scan', image, '--feed', old, '--max-age', '0', '--quiet']).err).toContain(
        `not covered: ${said}\n`,
      );
      expect({ code, err }).toEqual({ code: 4, err: `not covered: ${said}\n` });
      expect(out).toContain(`\n${said}\n`);
      expect(out).not.toContain('not read: what the image says');

      const json = ended(image, ...asked, '-o', 'json');
      expect(json.code).toBe(4);
      expect(schemaErrors(schema, JSON.parse(json.out))).toEqual([]);
      expect(JSON.parse(json.out).gaps).toEqual([
        { code: 'end_of_life', detail: 'the vendor no longer publishes statements about this release' },
      ]);
    });
  });

  it('shows both versions, how they compare, and where the vendor says so', () => {
    const { out, code } = explain(image, 'CVE-2023-0286', 'libssl3');

    expect(out).toContain('CVE-2023-0286 in libssl3 on debian-12: affected, fix available');
    expect(out).toContain('compared   3.0.7-1 is older than 3.0.8-1 (dpkg order)');
    expect(out).toContain('rule       affected below 3.0.8-1\n');
    expect(out).toContain('document   https://example.test/data');
    expect(out).toContain('pointer    /openssl/CVE-2023-0286');
    expect(code).toBe(0);
  });

  it('says when nothing is known of it', () => {
    expect(explain(image, 'CVE-1999-0001', 'zlib1g').out).toContain(
      'debian-12 says nothing of CVE-1999-0001 in zlib1g',
    );
  });

  it('refuses a package that is not installed', () => {
    expect(explain(image, 'CVE-2023-0286', 'nginx')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no installed package'),
    });
  });
});

describe('every command', () => {
  it.each(['build', 'feeds', 'scan', 'explain', 'validate'])(
    '%s --help shows an example and needs nothing',
    (name) => {
      const { out, code } = scapfeed([name, '--help']);

      expect(out).toMatch(new RegExp(`Examples?:\\n  scapfeed ${name}`));
      expect(code).toBe(0);
    },
  );

  it('an unknown one names the nearest', () => {
    expect(scapfeed(['scna'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean `scapfeed scan`?'),
    });
  });

  it('--version', () => {
    expect(scapfeed(['--version']).out).toMatch(/^scapfeed \d+\.\d+\.\d+\n$/);
  });

  it('feeds tells platforms, statements, dates and age', () => {
    expect(scapfeed(['feeds', '--feed', feed]).out).toMatch(
      /debian-12\s+5\s+4\s+2026-11-20\s+\d+ days?\s+lts/,
    );
  });

  it('validate checks a whole feed by its digests and schemas', () => {
    mkdirSync(join(feed, 'extra'), { recursive: true });
    expect(scapfeed(['validate', feed])).toMatchObject({
      code: 0,
      err: expect.stringContaining('a sound feed'),
    });
    const damaged = writeSmallFeed([{ platform: bookworm, statements }]);
    writeFileSync(join(damaged, 'index/debian-12.jsonl'), '{}\n');
    expect(scapfeed(['validate', damaged])).toMatchObject({
      code: 3,
      err: expect.stringContaining('FEED_CORRUPT'),
    });
  });
});
