import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Assessment, Manifest, Rating } from '../../src/model/feed/index.ts';
import type { ScanResult, ViewedVerdict } from '../../src/model/verdict/index.ts';
import { hasRatings } from '../../src/runtime/index.ts';
import { judge, openFeed } from '../../src/runtime/node.ts';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, deb, feedDay, type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';

const open = { status: 'affected', fixState: 'none_yet' } as const;

const statements: SmallPlatform['statements'] = [
  {
    vulnerability: 'CVE-2023-4911',
    package: 'glibc',
    status: 'fixed',
    fixed: '2.36-9+deb12u3',
    advisories: ['DSA-5514-1'],
  },
  { vulnerability: 'CVE-2023-45853', package: 'zlib', ...open, fixState: 'will_not_fix', reason: 'minor' },
  { vulnerability: 'CVE-2022-3715', package: 'bash', ...open, severity: 'low' },
  { vulnerability: 'CVE-2022-0001', package: 'bash', ...open },
  { vulnerability: 'CVE-2022-0002', package: 'bash', ...open },
  { vulnerability: 'CVE-2022-0003', package: 'bash', ...open },
  {
    vulnerability: 'CVE-2011-3374',
    package: 'apt',
    ...open,
    severity: 'negligible',
    suppressed: 'unimportant',
  },
];

const rating = (source: Rating['source'], score: number, version: Rating['version'] = '3.1'): Rating => ({
  source,
  version,
  score,
  vector: `${version === '2.0' ? '' : `CVSS:${version}/`}AV:N`,
  date: '2024-03-01',
});

const assessments: Assessment[] = [
  { id: 'CVE-2022-0001', deferred: true, ratings: [] },
  { id: 'CVE-2011-3374', ratings: [rating('nvd', 9.8)] },
  { id: 'CVE-2022-0002', ratings: [rating('cna', 9.3, '4.0')], rejected: true },
  { id: 'CVE-2022-0003', ratings: [rating('cna', 5.1, '4.0')], epss: { probability: 0.2, percentile: 0.97 } },
  { id: 'CVE-2022-3715', ratings: [rating('nvd', 7.8)], epss: { probability: 0.00045, percentile: 0.13 } },
  {
    id: 'CVE-2023-4911',
    ratings: [rating('nvd', 7.8), rating('cisa', 8.8)],
    exploited: { added: '2023-11-21', due: '2023-12-12' },
    epss: { probability: 0.75034, percentile: 0.99 },
    ssvc: { exploitation: 'active', automatable: 'no', impact: 'total', date: '2024-02-01' },
  },
  { id: 'CVE-2023-45853', ratings: [rating('nvd', 9.8)], epss: { probability: 0.012, percentile: 0.78 } },
];

const packages = [
  stanza('apt', '2.6.1'),
  stanza('bash', '5.2.15-2+b2', { Source: 'bash (5.2.15-2)' }),
  stanza('libc-bin', '2.36-9+deb12u1', { Source: 'glibc' }),
  stanza('libc6', '2.36-9+deb12u1', { Source: 'glibc' }),
  stanza('zlib1g', '1:1.2.13.dfsg-1', { Source: 'zlib' }),
];

let feed: string;
let image: string;
beforeAll(() => {
  feed = writeSmallFeed([{ platform: bookworm, statements }], undefined, assessments);
  image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': packages.join(''),
  });
});

const scan = (...args: string[]) => scapfeed(['scan', image, '--feed', feed, '--max-age', '0', ...args]);

interface Document extends ScanResult {
  verdicts: readonly ViewedVerdict[];
  policy: { failOn: string | null; failing: number; unrated: number; unscored: number; exitCode: number };
}
const json = (...args: string[]) => JSON.parse(scan('-o', 'json', ...args).out) as Document;

describe('the table of a feed with ratings', () => {
  it('has severities with their source, the known exploited flaw first, and the dates of the sources', () => {
    const { out } = scan();

    expect(out).toContain(
      'severity by vendor, nvd, cisa, cna\n' +
        'CVE records 2026-11-20, NVD 2026-11-20, KEV 2026-11-20, EPSS 2026-11-20\n',
    );
    expect(
      out.slice(out.indexOf('VULNERABILITY')),
    ).toBe(`VULNERABILITY   SEVERITY       RISK    EPSS  SOURCE, INSTALLED (PACKAGES)
CVE-2023-4911   high nvd       81.9   75.0%  glibc 2.36-9+deb12u1 (libc-bin +1)
                KNOWN EXPLOITED, due 2023-12-12; fix available: 2.36-9+deb12u3
                (DSA-5514-1)
CVE-2023-45853  critical nvd    1.2    1.2%  zlib 1:1.2.13.dfsg-1 (zlib1g)
                will not be fixed (minor)
CVE-2022-0003   medium cna     10.2   20.0%  bash 5.2.15-2
                no fix yet
CVE-2022-3715   low vendor     <0.1   <0.1%  bash 5.2.15-2
                no fix yet
CVE-2022-0001   unknown           -       -  bash 5.2.15-2
                no fix yet
CVE-2022-0002   unknown           -       -  bash 5.2.15-2
                CVE rejected; no fix yet

6 flaws of source packages: 1 with a fix to install, 5 without; 2 not rated by vendor, nvd, cisa or cna
by severity: 1 critical, 1 high, 1 medium, 1 low, 2 unknown; 1 known exploited
1 more rated unimportant: --all lists them
5 packages judged, 0 not covered
`);
  });

  it('fits into 80 columns, also with long names', () => {
    const rows = scan('--all').out.split('\n\n')[1]!.split('\n');
    expect(rows.filter((row) => row.length > 80)).toEqual([]);
  });

  it("unimportant stays unimportant beside NVD's critical, which --severity-from may ask for first (trivy#4102)", () => {
    expect(scan('--all').out).toMatch(/^CVE-2011-3374 +negligible vendor /m);
    const asked = scan('--all', '--severity-from', 'nvd,vendor').out;
    expect(asked).toMatch(/^CVE-2011-3374 +critical nvd .*\n +vendor says negligible; no fix yet$/m);
    expect(scan('--severity-from', 'nvd,vendor', '--fail-on', 'critical').err).toContain(
      '1 flaw at or above',
    );
  });
});

describe("a flaw that only the EU's list has", () => {
  const eu = { id: 'EUVD-2022-5', reported: '2026-04-27', ransomware: true } as const;
  const listed = assessments.map((assessment) => {
    if (assessment.id === 'CVE-2022-0003')
      return { ...assessment, exploited: { added: eu.reported, only: 'eu' as const, eu } };
    const { exploited } = assessment;
    return exploited
      ? { ...assessment, exploited: { ...exploited, eu: { ...eu, id: 'EUVD-2023-9' } } }
      : assessment;
  });
  const of = (own: string, ...args: string[]) => scapfeed([...args, '--feed', own, '--max-age', '0']);

  it('is known exploited for the gate, the risk and the order, and its EUVD id is told', () => {
    const own = writeSmallFeed([{ platform: bookworm, statements }], undefined, listed);
    const { out, code } = of(own, 'scan', image, '--fail-on', 'kev');
    expect(out).toContain('2 known exploited');
    expect(out).toContain('KNOWN EXPLOITED by ransomware');
    expect(out).toContain("KEV 2026-11-20, the EU's list 2026-11-20, EPSS");
    expect(code).toBe(1);

    const result = JSON.parse(of(own, 'scan', image, '-o', 'json').out) as Document;
    expect(schemaErrors('scan-result', result)).toEqual([]);
    const { exploited, risk } = result.verdicts.find(
      ({ vulnerability }) => vulnerability === 'CVE-2022-0003',
    )!;
    expect(exploited).toEqual({ added: eu.reported, only: 'eu', eu });
    expect(risk).toBe(56.1);

    const explained = (id: string, name: string) => of(own, 'explain', image, id, name).out;
    expect(explained('CVE-2022-0003', 'bash')).toContain(
      "exploited  in the EU's list since 2026-04-27 (EUVD-2022-5), used by ransomware",
    );
    expect(explained('CVE-2023-4911', 'libc-bin')).toMatch(
      /in KEV since 2023-11-21, to be fixed by 2023-12-12, in the EU's list since 2026-04-27 \(EUVD-2023-9\)/,
    );
    expect(explained('CVE-2022-0003', 'bash')).toContain(
      'https://euvd.enisa.europa.eu/vulnerability/EUVD-2022-5',
    );
    expect(explained('CVE-2022-0003', 'bash')).not.toContain('cisa.gov');
    const page = of(own, 'scan', image, '-o', 'html').out;
    expect(page).toMatch(/in the EU.{1,6}s list since 2026-04-27 \(EUVD-2022-5\), by ransomware/);
  });
});

describe('JSON', () => {
  it('has whose word a severity is, and what is known of exploitation', () => {
    const result = json();

    expect(schemaErrors('scan-result', result)).toEqual([]);
    expect(result.severityFrom).toEqual(['vendor', 'nvd', 'cisa', 'cna']);
    expect(result.assessments.map(({ id, updated }) => [id, updated])).toEqual(
      ['cve-records', 'nvd', 'kev', 'epss'].map((id) => [id, feedDay]),
    );
    expect(result.verdicts[0]).toMatchObject({
      vulnerability: 'CVE-2023-4911',
      severity: 'high',
      severitySource: 'nvd',
      cvss: { version: '3.1', score: 7.8, vector: 'CVSS:3.1/AV:N' },
      exploited: { added: '2023-11-21', due: '2023-12-12' },
      epss: { probability: 0.75034, percentile: 0.99 },
      risk: 81.9,
    });
    expect(verdictOn(result, 'CVE-2022-3715')).toMatchObject({ severity: 'low', severitySource: 'vendor' });
    expect(verdictOn(result, 'CVE-2022-3715')).not.toHaveProperty('cvss');
    expect(verdictOn(result, 'CVE-2022-0002')).toMatchObject({ severity: 'unknown', rejected: true });
  });

  it('is what judge() returns', () => {
    const inventory = JSON.parse(scapfeed(['inventory', image, '-o', 'json']).out);
    const opened = openFeed(feed);
    const { verdicts, severityFrom, unrated } = judge(opened, inventory);
    opened.close();

    const plain = ({ package: _, ...rest }: ViewedVerdict) => rest;
    const printed = json();
    expect(printed.verdicts.map(plain)).toEqual(JSON.parse(JSON.stringify(verdicts.map(plain))));
    expect([printed.severityFrom, printed.unrated]).toEqual([severityFrom, unrated]);
  });

  it('follows an order of sources, and says which of them the feed does not have', () => {
    const asked = json('--severity-from', 'cisa,nvd');
    expect(asked.severityFrom).toEqual(['cisa', 'nvd']);
    expect(verdictOn(asked, 'CVE-2023-4911')).toMatchObject({ severity: 'high', severitySource: 'cisa' });
    expect(verdictOn(asked, 'CVE-2022-3715')).toMatchObject({ severitySource: 'nvd', vendorSeverity: 'low' });
    expect(verdictOn(asked, 'CVE-2022-0003').severity).toBe('unknown');

    const bare = writeSmallFeed([{ platform: bookworm, statements }]);
    const { out } = scapfeed([
      'scan',
      image,
      '--feed',
      bare,
      '--max-age',
      '0',
      '--severity-from',
      'nvd,vendor',
    ]);
    expect(out).toContain('note: no ratings in feed at severity: nvd\n');
    expect(out).toMatch(/^VULNERABILITY +SEVERITY +SOURCE/m);
  });

  it("uses the feed's own order where none is given", () => {
    const own = writeSmallFeed([{ platform: bookworm, statements }], undefined, assessments);
    edit(own, (manifest) => ({ ...manifest, severityFrom: ['cna', 'nvd'] }));
    const result = JSON.parse(
      scapfeed(['scan', image, '--feed', own, '--max-age', '0', '-o', 'json']).out,
    ) as Document;
    expect(result.severityFrom).toEqual(['cna', 'nvd']);
    expect(verdictOn(result, 'CVE-2022-3715')).toMatchObject({ severity: 'high', severitySource: 'nvd' });
  });
});

describe('--sort', () => {
  it.each([
    [[], ['4911', '45853', '0003', '3715', '0001', '0002']],
    [
      ['--sort', 'severity'],
      ['45853', '4911', '0003', '3715', '0001', '0002'],
    ],
    [
      ['--sort', 'risk'],
      ['4911', '0003', '45853', '3715', '0001', '0002'],
    ],
    [
      ['--sort', 'epss'],
      ['4911', '0003', '45853', '3715', '0001', '0002'],
    ],
    [
      ['--sort', 'package'],
      ['0003', '3715', '0001', '0002', '4911', '45853'],
    ],
  ])('%j', (args, order) => {
    const rows = [...scan(...args).out.matchAll(/^CVE-\d+-(\d+)/gm)].map(([, number]) => number);
    expect(rows).toEqual(order);
  });
});

describe('--fail-on', () => {
  const unrated = 'without a rating of vendor, nvd, cisa or cna not counted; --fail-on unrated counts them';
  it.each<[string[], number, string[]]>([
    [['high'], 1, ['2 flaws at or above --fail-on', `2 flaws ${unrated}`]],
    [['kev'], 1, ['1 flaw known to be exploited (--fail-on kev)']],
    [
      ['KEV', 'critical'],
      1,
      ['1 flaw at or above --fail-on', '1 flaw known to be exploited (--fail-on kev)', `2 flaws ${unrated}`],
    ],
    [
      ['epss=0.1'],
      1,
      [
        '2 flaws at or above --fail-on epss=0.1',
        '2 flaws without an EPSS score not counted by --fail-on epss=0.1',
      ],
    ],
    [['epss=0.97'], 0, ['2 flaws without an EPSS score not counted by --fail-on epss=0.97']],
    [
      ['risk=50'],
      1,
      [
        '1 flaw at or above --fail-on risk=50',
        '2 flaws without a risk not counted by --fail-on risk=50',
        `2 flaws ${unrated}`,
      ],
    ],
    [
      ['risk=81.9'],
      1,
      [
        '1 flaw at or above --fail-on risk=81.9',
        '2 flaws without a risk not counted by --fail-on risk=81.9',
        `2 flaws ${unrated}`,
      ],
    ],
    [['risk=82'], 0, ['2 flaws without a risk not counted by --fail-on risk=82', `2 flaws ${unrated}`]],
    [['low,medium'], 1, ['4 flaws at or above --fail-on', `2 flaws ${unrated}`]],
    [
      ['critical', 'epss=0.5', 'risk=10'],
      1,
      [
        '1 flaw at or above --fail-on',
        '1 flaw at or above --fail-on epss=0.5',
        '2 flaws at or above --fail-on risk=10',
        '2 flaws without an EPSS score not counted by --fail-on epss=0.5',
        '2 flaws without a risk not counted by --fail-on risk=10',
        `2 flaws ${unrated}`,
      ],
    ],
    [['any', 'kev'], 1, ['6 flaws at or above --fail-on', '1 flaw known to be exploited (--fail-on kev)']],
  ])('%j', (asked, code, lines) => {
    const { code: ended, err } = scan(...asked.flatMap((each) => ['--fail-on', each]));
    expect(err).toBe(lines.map((line) => `policy: ${line}\n`).join(''));
    expect(ended).toBe(code);
  });

  it('tells in JSON what was asked and how many flaws it is', () => {
    expect(json('--fail-on', 'high,epss=0.15').policy).toMatchObject({
      ...{ failOn: 'high,epss=0.15', failing: 3, unrated: 2, unscored: 2, exitCode: 1 },
    });
  });

  it('counts with --severity what it does not show, and with --only-fixed only what has a fix', () => {
    expect(scan('--severity', 'critical', '--fail-on', 'kev').err).toBe(
      'policy: 1 flaw known to be exploited (--fail-on kev), 1 of them not shown by --severity\n',
    );
    expect(scan('--only-fixed', '--fail-on', 'epss=0.1').err).toBe(
      'policy: 1 flaw at or above --fail-on epss=0.1\n',
    );
    expect(scan('--only-fixed', '--fail-on', 'critical')).toMatchObject({ code: 0, err: '' });
  });

  it('a package without data ends with 4, whatever the gates find', () => {
    const more = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': [...packages, stanza('corp', '1.0-1~bpo99+1')].join(''),
    });
    const ended = scapfeed(['scan', more, '--feed', feed, '--max-age', '0', '--fail-on', 'kev,high']);
    expect(ended.err).toContain('known to be exploited');
    expect(ended.code).toBe(4);
  });

  it.each([
    ['epss', 'epss=0.1'],
    ['epss=0', 'above 0'],
    ['epss=1.1', 'up to 1'],
    ['epss=ten', 'a probability'],
    ['risk=', 'a risk'],
    ['risk=101', 'up to 100'],
    ['kevs', 'did you mean kev'],
    ['unknown', 'unrated: flaws that nobody has rated'],
  ])('%s is wrong use: %s', (word, told) => {
    expect(scan('--fail-on', word)).toMatchObject({ code: 2, err: expect.stringContaining(told) });
  });

  it.each(['kev', 'epss=0.1', 'risk=1'])('%s on a feed that cannot tell is no pass', (gate) => {
    const bare = writeSmallFeed([{ platform: bookworm, statements }]);
    const { code, err } = scapfeed(['scan', image, '--feed', bare, '--max-age', '0', '--fail-on', gate]);
    expect(err).toContain('[FEED_LACKS_SOURCE]');
    expect(code).toBe(3);
  });

  it('epss on a feed that was pulled without it is no pass', () => {
    const without = writeSmallFeed([{ platform: bookworm, statements }], undefined, assessments);
    edit(without, ({ outputs, ...rest }) => ({
      ...rest,
      outputs: outputs.filter(({ path }) => !path.startsWith('index/epss.')),
    }));
    for (const file of ['epss.jsonl', 'epss.offsets.json']) rmSync(join(without, 'index', file));
    const run = (...args: string[]) =>
      scapfeed(['scan', image, '--feed', without, '--max-age', '0', ...args]);
    expect(run('--fail-on', 'epss=0.1').err).toContain('[FEED_LACKS_SOURCE]');
    expect(run('--fail-on', 'kev').code).toBe(1);
    expect(run().out).toMatch(/^CVE-2023-45853 +critical nvd +- +- /m);
  });
});

describe('many flaws that nobody has rated', () => {
  it('267 of them are counted under --severity high --fail-on high, and no all-clear', () => {
    const many = Array.from({ length: 267 }, (_, at) => ({
      vulnerability: `CVE-2024-${10_000 + at}`,
      package: 'a',
      ...open,
    }));
    const rated = { id: 'CVE-2024-1', ratings: [rating('nvd', 5)] };
    const directory = writeSmallFeed(
      [{ platform: bookworm, statements: [...many, { vulnerability: rated.id, package: 'a', ...open }] }],
      undefined,
      [rated, { id: 'CVE-2024-2', ratings: [], epss: { probability: 0.1, percentile: 0.9 } }],
    );
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1'),
    });
    const run = (...args: string[]) =>
      scapfeed([
        'scan',
        root,
        '--feed',
        directory,
        '--max-age',
        '0',
        '--severity',
        'high',
        '--fail-on',
        'high',
        ...args,
      ]);

    const { out, err, code } = run();
    expect(out).toContain('no flaws among those asked for\n');
    expect(out).toContain(
      '268 flaws left out by --severity or --only-fixed, 267 of them not rated by vendor, nvd, cisa or cna: ' +
        '--severity unknown lists those\n',
    );
    expect(err).toBe(
      'policy: 267 flaws without a rating of vendor, nvd, cisa or cna not counted; --fail-on unrated counts them\n' +
        'not judged: the gate cannot see 267 of 268 flaws: they are without a rating of vendor, nvd, cisa or cna; ' +
        '--allow-unrated accepts that\n',
    );
    expect(code).toBe(4);
    expect(run('--allow-unrated').code).toBe(0);
    expect((JSON.parse(run('-o', 'json').out) as Document).unrated).toBe(267);
    expect(run('--fail-on', 'unrated').code).toBe(1);
  });
});

describe('diff --inventory', () => {
  it('tells which flaws of an image are rated otherwise, or known to be exploited since', () => {
    const night = assessments.map(
      (each): Assessment =>
        each.id === 'CVE-2022-0003'
          ? { ...each, ratings: [rating('nvd', 7.5)], exploited: { added: '2026-11-19' } }
          : each,
    );
    const after = writeSmallFeed([{ platform: bookworm, statements }], undefined, night);
    const { out, code } = scapfeed(['diff', feed, after, '--inventory', image]);

    expect(out).toContain('affected, no fix yet; medium by cna ');
    expect(out).toContain('affected, no fix yet; high by nvd, known exploited\n');
    expect(out).toContain('1 verdict of this inventory changed\n');
    expect(code).toBe(0);
  });
});

describe('age of the sources', () => {
  it('each has its own limit, which is said and stops nothing', () => {
    const opened = openFeed(feed);
    const inventory = { os: { id: 'debian', versionId: '12', found: '/etc/os-release' } };
    const at = (day: string) =>
      judge(
        opened,
        {
          ...inventory,
          databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 1 }],
          packages: [deb('bash', '5.2.15-2')],
          notes: [],
        },
        { now: new Date(day) },
      ).assessments.map(({ id, ageDays, stale }) => [id, ageDays, stale]);
    const ids = ['cve-records', 'nvd', 'kev', 'epss'];
    expect(at('2026-12-04T12:00:00Z')).toEqual(ids.map((id) => [id, 14, undefined]));
    expect(at('2026-12-05T00:00:00Z')).toEqual(ids.map((id) => [id, 15, true]));
    opened.close();
  });
});

function verdictOn({ verdicts }: Document, id: string): ViewedVerdict {
  return verdicts.find(({ vulnerability }) => vulnerability === id)!;
}

function edit(directory: string, change: (manifest: Manifest) => Manifest): void {
  const path = join(directory, 'manifest.json');
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Manifest)));
}

describe('explain', () => {
  const explain = (...args: string[]) =>
    scapfeed(['explain', image, ...args, '--feed', feed, '--max-age', '0']);

  it('shows all ratings side by side, which of them decided, KEV, EPSS, SSVC and links', () => {
    const { out, code } = explain('CVE-2023-4911', 'libc6');

    expect(out).toContain(`
  severity   high by nvd
  ratings    vendor: not rated
             nvd: high 7.8 (CVSS 3.1) of 2024-03-01, CVSS:3.1/AV:N; this one decided
             cisa: high 8.8 (CVSS 3.1) of 2024-03-01, CVSS:3.1/AV:N
  exploited  in KEV since 2023-11-21, to be fixed by 2023-12-12
  EPSS       probability 75.0% within 30 days (percentile 99th), scores of 2026-11-20
  risk       81.9 of 100
  SSVC       exploitation active, automatable no, technical impact total (CISA, 2024-02-01)
  links      https://security-tracker.debian.org/tracker/CVE-2023-4911
             https://www.cve.org/CVERecord?id=CVE-2023-4911
             https://nvd.nist.gov/vuln/detail/CVE-2023-4911
             https://www.cisa.gov/known-exploited-vulnerabilities-catalog?search_api_fulltext=CVE-2023-4911
`);
    expect(code).toBe(0);
  });

  it.each([
    [
      'CVE-2022-0001',
      'bash',
      [],
      'vendor: not rated\n             nvd: not rated: NVD has deferred the record, and does not plan to rate it\n',
    ],
    ['CVE-2022-3715', 'bash', [], 'ratings    vendor: low; this one decided\n             nvd: high 7.8'],
    [
      'CVE-2022-3715',
      'bash',
      ['--severity-from', 'nvd'],
      'severity   high by nvd\n  ratings    vendor: low\n',
    ],
    ['CVE-2011-3374', 'apt', [], 'severity   negligible by vendor (unimportant)\n'],
    ['CVE-2022-0002', 'bash', [], 'rejected   the CVE record was withdrawn'],
    ['CVE-2022-0001', 'bash', [], 'EPSS       not scored\n  risk       not known\n'],
  ])('%s in %s %j', (id, name, args, told) => {
    expect(explain(id, name, ...args).out).toContain(told);
  });

  it('has in JSON what the text says, by its schema', () => {
    const explained = JSON.parse(explain('CVE-2022-3715', 'bash', '-o', 'json').out);
    expect(schemaErrors('explanation', explained)).toEqual([]);
    expect(explained.verdicts[0].ratings).toEqual([
      { source: 'vendor', severity: 'low', decides: true },
      { ...rating('nvd', 7.8), severity: 'high' },
    ]);
    expect(explained.verdicts[0].assessment.epss).toEqual({
      probability: 0.00045,
      percentile: expect.any(Number),
    });
  });
});

it('a source of which no document could be had rates nothing', () => {
  const nvd = { id: 'nvd', name: 'NVD' } as const;
  expect(hasRatings('nvd', [nvd], [])).toBe(true);
  expect(hasRatings('nvd', [{ ...nvd, refused: 'SOURCE_NOT_JSON' }], [])).toBe(false);
  const last = { ...nvd, refused: 'SOURCE_NOT_JSON', updated: '2026-01-01T00:00:00Z' };
  expect(hasRatings('nvd', [last], [])).toBe(true);
});
