import { beforeAll, describe, expect, it } from 'vitest';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';

const unrated = 267;

/** An image whose flaws the vendor has not rated, but for one that is low and one that is of no importance. */
let feed: string;
let image: string;
beforeAll(() => {
  const flaw = { package: 'a', status: 'affected', fixState: 'none_yet' } as const;
  const statements = Array.from({ length: unrated }, (_, at) => ({
    vulnerability: `CVE-2024-${10_000 + at}`,
    ...flaw,
  }));
  feed = writeSmallFeed([
    {
      platform: bookworm,
      statements: [
        ...statements,
        { vulnerability: 'CVE-2023-0001', ...flaw, severity: 'low' },
        { vulnerability: 'CVE-2023-0002', ...flaw, suppressed: 'unimportant' },
        { vulnerability: 'CVE-2023-0003', package: 'a', status: 'fixed', fixed: '2' },
      ],
    },
  ]);
  image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('a', '1'),
  });
});

const scan = (...args: string[]) => scapfeed(['scan', image, '--feed', feed, '--max-age', '0', ...args]);
const all = unrated + 1;

describe('many flaws that the vendor has not rated, and a gate of severity', () => {
  it('--severity high --fail-on high counts them in table and policy line: no all-clear', () => {
    const { code, out, err } = scan('--severity', 'high', '--fail-on', 'high');

    expect(out).toContain('no flaws among those asked for\n');
    expect(out).toContain(
      `269 flaws left out by --severity or --only-fixed, ${all} of them not rated by the vendor: --severity unknown lists those\n`,
    );
    expect(err).toBe(
      `policy: ${all} flaws without a vendor rating not counted; --fail-on-unrated counts them\n`,
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

  it('--fail-on-unrated gates on them, whatever --severity shows', () => {
    const gated = scan('--severity', 'high', '--fail-on', 'high', '--fail-on-unrated');

    expect(gated.err).toBe(`policy: ${all} flaws without a vendor rating (--fail-on-unrated)\n`);
    expect(gated.code).toBe(1);
    expect(scan('--fail-on-unrated').code).toBe(1);
  });

  it('--only-fixed gates on those with a fix', () => {
    const { code, err } = scan('--only-fixed', '--fail-on-unrated');

    expect(err).toBe('policy: 1 flaw without a vendor rating (--fail-on-unrated)\n');
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
      err: expect.stringContaining('--fail-on-unrated'),
    });
  });
});
