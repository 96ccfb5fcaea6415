import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Severity } from '../../src/model/feed/index.ts';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const unrated = 267;

/** An image whose flaws the vendor has not rated, but for one that is low and one that is of no importance. */
let feed: string;
let rated: string;
let image: string;
beforeAll(() => {
  const flaw = { package: 'a', status: 'affected', fixState: 'none_yet' } as const;
  const statements = Array.from({ length: unrated }, (_, at) => ({
    vulnerability: `CVE-2024-${10_000 + at}`,
    ...flaw,
  }));
  const platforms: SmallPlatform[] = [
    {
      platform: bookworm,
      statements: [
        ...statements,
        { vulnerability: 'CVE-2023-0001', ...flaw, severity: 'low' },
        { vulnerability: 'CVE-2023-0002', ...flaw, suppressed: 'unimportant' },
        { vulnerability: 'CVE-2023-0003', package: 'a', status: 'fixed', fixed: '2' },
      ],
    },
  ];
  feed = writeSmallFeed(platforms);
  rated = writeSmallFeed(platforms, undefined, [{ id: 'CVE-2000-0001', ratings: [] }]);
  image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('a', '1'),
  });
});

const scan = (...args: string[]) => scapfeed(['scan', image, '--feed', feed, '--max-age', '0', ...args]);
/** Of a feed with others' ratings, of which none is about the image. */
const withRatings = (...args: string[]) =>
  scapfeed(['scan', image, '--feed', rated, '--max-age', '0', ...args]);
const all = unrated + 1;

describe('many flaws that the vendor has not rated, and a gate of severity', () => {
  it('--severity high --fail-on high counts them in table and policy line: no all-clear', () => {
    const { code, out, err } = scan('--severity', 'high', '--fail-on', 'high', '--allow-unrated');

    expect(out).toContain('no flaws among those asked for\n');
    expect(out).toContain(
      `269 flaws left out by --severity or --only-fixed, ${all} of them not rated by the vendor: --severity unknown lists those\n`,
    );
    expect(err).toBe(
      `policy: ${all} flaws without a vendor rating not counted; --fail-on unrated counts them\n`,
    );
    expect(code).toBe(0);
  });

  it.each([
    [[]],
    [['--severity', 'high']],
    [['--severity', 'low', '--only-fixed']],
    [['--only-fixed']],
    [['--severity', 'unknown']],
    [['--all']],
  ])('JSON has the same counter under %j', (filter) => {
    const result = JSON.parse(scan('-o', 'json', ...filter).out);

    expect(schemaErrors('scan-result', result)).toEqual([]);
    expect(result.unrated).toBe(all);
  });

  it('--severity unknown lists them and nothing else', () => {
    const { verdicts } = JSON.parse(scan('-o', 'json', '--severity', 'unknown').out) as {
      verdicts: { severity: string; hidden?: string }[];
    };
    const listed = verdicts.filter(({ hidden }) => hidden === undefined);

    expect(listed).toHaveLength(all);
    expect(new Set(listed.map(({ severity }) => severity))).toEqual(new Set(['unknown']));
    expect(scan('--severity', 'unknown').out).not.toContain('CVE-2023-0001');
  });

  it('--fail-on unrated gates on them, whatever --severity shows', () => {
    const gated = scan('--severity', 'high', '--fail-on', 'high', '--fail-on', 'unrated');

    expect(gated.err).toBe(`policy: ${all} flaws without a vendor rating (--fail-on unrated)\n`);
    expect(gated.code).toBe(1);
    expect(scan('--fail-on', 'unrated').code).toBe(1);
  });

  it('--only-fixed gates on those with a fix', () => {
    const { code, err } = scan('--only-fixed', '--fail-on', 'unrated');

    expect(err).toBe('policy: 1 flaw without a vendor rating (--fail-on unrated)\n');
    expect(code).toBe(1);
  });

  it('a filter of the view does not weaken the gate', () => {
    const { code, err } = scan('--severity', 'high', '--fail-on', 'any');

    expect(err).toMatch(/^policy: \d+ flaws at or above --fail-on, \d+ of them not shown by --severity\n$/);
    expect(code).toBe(1);
  });

  it('--fail-on unknown is no threshold, and the error says what is meant', () => {
    expect(scan('--fail-on', 'unknown')).toMatchObject({
      code: 2,
      err: expect.stringContaining('unrated: flaws that nobody has rated; unsettled:'),
    });
  });
});

describe('a gate by severity', () => {
  const formats = [
    ...['table', 'json', 'html', 'markdown', 'sarif', 'junit', 'gitlab', 'github'],
    ...['cyclonedx', 'cyclonedx-1.7', 'cyclonedx-vex', 'spdx', 'csaf'],
  ];

  it('needs ratings in the feed: of the vendor or of others', () => {
    const { code, out, err } = scan('--fail-on', 'high');
    expect(err).toContain(
      '--fail-on high needs ratings: debian rates few flaws or none, and this feed has neither nvd nor cve-records [FEED_LACKS_SOURCE]',
    );
    // The advised option is accepted: this feed has no catalog of exploited flaws either.
    expect(err).toContain(
      'next: build the feed with nvd and cve-records; fail on any; or accept with --allow-unrated',
    );
    expect(scan('--fail-on', 'any').code).toBe(1);
    expect(scan('--fail-on', 'kev').code).toBe(3);
    expect(out).toBe('');
    expect(code).toBe(3);
    const policy = join(temporaryFolder(), 'scapfeed.yaml');
    writeFileSync(policy, 'scan:\n  fail-on: high\n');
    expect(scan('--policy', policy).code).toBe(3);
    writeFileSync(policy, 'scan:\n  fail-on: high\n  allow-unrated: true\n');
    expect(scan('--policy', policy).code).toBe(0);
  });

  it('that cannot see most flaws ends with 4, and each format has their number', () => {
    for (const format of formats) {
      const { code, out, err } = withRatings('--fail-on', 'high', '-o', format);
      expect(code, format).toBe(4);
      expect(out, format).toContain(`the gate cannot see ${all} of ${all + 1} flaws`);
      expect(err, format).toContain(
        `not judged: the gate cannot see ${all} of ${all + 1} flaws: they are without a rating of vendor, nvd, cisa or cna; --allow-unrated accepts that\n`,
      );
    }
    const document = JSON.parse(withRatings('--fail-on', 'high', '-o', 'json').out);
    expect(schemaErrors('scan-result', document)).toEqual([]);
    expect(document).toMatchObject({
      policy: { allowUnrated: false, unseen: all, exitCode: 4 },
      gaps: [{ code: 'unrated_flaws' }],
    });
  });

  it('that is accepted passes, and each format has their number still', () => {
    for (const format of formats) {
      const { code, out } = withRatings('--fail-on', 'high', '--allow-unrated', '-o', format);
      expect(code, format).toBe(0);
      if (format === 'json') expect(JSON.parse(out).policy).toMatchObject({ unseen: all, exitCode: 0 });
      else if (format === 'table') expect(out).toContain(`; ${all} not rated by vendor, nvd, cisa or cna`);
      else expect(out, format).toContain(`the gate cannot see ${all} flaws without a rating`);
    }
  });

  it('of which a template tells what it cannot see', () => {
    const template = join(temporaryFolder(), 'gate.txt');
    writeFileSync(template, '{{policy.unseen}} unseen');
    const format = `template=${template}`;
    expect(withRatings('--fail-on', 'high', '-o', format).out).toBe(`${all} unseen`);
    expect(withRatings('-o', format).out).toBe('0 unseen');
  });

  it('is not in a bill of materials or a VEX document without a gate, or by a gate that sees all', () => {
    for (const format of formats.slice(8)) {
      const without = withRatings('-o', format);
      expect(without.code, without.err).toBe(0);
      expect(without.out, format).not.toContain('cannot see');
      expect(withRatings('-o', format, '--fail-on', 'any').out, format).toBe(without.out);
      const identity = /"(?:serialNumber|id)": .*/;
      if (!['cyclonedx-vex', 'csaf'].includes(format)) continue;
      // Two documents of one identity have one content.
      const blind = withRatings('-o', format, '--fail-on', 'high').out;
      expect(identity.exec(blind)?.[0], format).not.toBe(identity.exec(without.out)?.[0]);
    }
  });

  it('by risk needs ratings as well, and does not pass where most flaws have none', () => {
    const scored = writeSmallFeed(
      [{ platform: bookworm, statements: (['high', 'unknown', 'unknown'] as const).map(flawOf) }],
      undefined,
      [0, 1, 2].map((at) => ({
        ...{ id: `CVE-2025-000${at}`, ratings: [] },
        epss: { probability: 0.2, percentile: 0.9 },
      })),
    );
    const byRisk = (...args: string[]) =>
      scapfeed(['scan', image, '--feed', scored, '--max-age', '0', '--fail-on', 'risk=50', ...args]);

    const blind = byRisk('-o', 'json');
    expect(blind.err).toContain('not judged: the gate cannot see 2 of 3 flaws');
    expect(blind.code).toBe(4);
    expect(JSON.parse(blind.out)).toMatchObject({ policy: { unseen: 2 }, gaps: [{ code: 'unrated_flaws' }] });
    expect(byRisk('--allow-unrated').code).toBe(0);
    expect(byRisk('--fail-on', 'unrated').code).toBe(1);

    leaveOut(scored, ['nvd', 'cve-records']);
    const refused = byRisk();
    expect(refused.err).toContain('--fail-on risk=50 needs ratings: debian rates few flaws or none');
    expect(refused.code).toBe(3);
    expect(byRisk('--allow-unrated').code).toBe(0);
  });

  it.each([[['--fail-on', 'unrated']], [['--fail-on', 'any']]])(
    'that sees them fails for them: %j',
    (gate) => {
      expect(withRatings('--fail-on', 'high', ...gate).code).toBe(1);
    },
  );

  it('in which others are a minority says their number and passes', () => {
    const few = writeSmallFeed(
      [{ platform: bookworm, statements: (['low', 'low', 'unknown'] as const).map(flawOf) }],
      undefined,
      [{ id: 'CVE-2000-0001', ratings: [] }],
    );
    for (const format of formats.slice(2)) {
      const { code, out } = scapfeed([
        ...['scan', image, '--feed', few, '--max-age', '0', '--fail-on', 'high', '-o', format],
      ]);
      expect(code, format).toBe(0);
      expect(out, format).toContain('the gate cannot see 1 flaw without a rating');
    }
  });
});

function flawOf(severity: Severity, at: number): SmallPlatform['statements'][number] {
  const flaw = { package: 'a', status: 'affected', fixState: 'none_yet' } as const;
  return { ...flaw, vulnerability: `CVE-2025-000${at}`, severity };
}

/** A feed as it is pulled without some of its sources. */
function leaveOut(feed: string, ids: readonly string[]): void {
  const file = join(feed, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<'inputs' | 'sources', { id: string }[]>;
  for (const list of ['inputs', 'sources'] as const)
    manifest[list] = manifest[list].filter(({ id }) => !ids.includes(id));
  writeFileSync(file, JSON.stringify(manifest));
}
