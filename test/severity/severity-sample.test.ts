import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSampleImage } from '../../scripts/sample-image.mjs';
import type { Manifest } from '../../src/model/feed/index.ts';
import { joinParts } from '../../src/publish/feed/join.ts';
import { readFeedManifest, splitFeed } from '../../src/publish/feed/part.ts';
import { project, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const snapshots = ['--snapshots', join(folder, 'snapshots')];
const image = `oci:${join(folder, 'image')}:sample`;

function build(name: string, ...more: string[]): string {
  const feed = join(folder, name);
  const { code, err } = scapfeed([
    ...['build', '--source', 'debian,cve-records,nvd,kev,epss', '--mirror', join(project, 'feeds/sample')],
    ...['--unsigned-mirror', '--no-oval', '--out', feed, ...snapshots, ...more],
  ]);
  expect(code, err).toBe(0);
  return feed;
}

describe('the sample image by the sample feed, as the demo shows it', () => {
  let feed: string;
  beforeAll(() => {
    feed = build('feed');
    writeSampleImage(join(folder, 'image'));
  });
  const scan = (...args: string[]) => scapfeed(['scan', image, '--feed', feed, '--max-age', '0', ...args]);

  it('has one known exploited flaw, on top, and severities with their source', () => {
    const rows = scan()
      .out.split('\n\n')[1]!
      .split(/\n(?! )/)
      .slice(1);

    expect(rows[0]).toMatch(
      /^CVE-2023-44487 +high nvd .*\n +KNOWN EXPLOITED, due 2023-10-31; fix available: /,
    );
    expect(rows.filter((row) => row.includes('KNOWN EXPLOITED'))).toHaveLength(1);
    const words = rows.map((row) => /^\S+ +(\w+(?: \w+)?) {2}/.exec(row)?.[1]);
    expect(new Set(words)).toEqual(
      new Set([
        'critical cna',
        'critical nvd',
        'critical cisa',
        'high cna',
        'high nvd',
        'high cisa',
        'medium nvd',
        'medium cisa',
        'medium cna',
        'low nvd',
        'low cisa',
        'unknown',
      ]),
    );
  });

  it('says in SARIF whose word each severity is, with what is known of exploitation', () => {
    const sarif = JSON.parse(scan('-o', 'sarif').out) as {
      runs: { results: { ruleId: string; properties: Record<string, unknown> }[] }[];
    };
    const results = sarif.runs[0]!.results;
    const of = (id: string) => results.find(({ ruleId }) => ruleId === id)?.properties;

    expect(of('CVE-2023-44487')).toMatchObject({
      severity: 'high',
      severitySource: 'nvd',
      exploited: { added: '2023-10-10', due: '2023-10-31' },
      risk: 78.75,
    });
    expect(of('CVE-2024-2961')).toMatchObject({ severitySource: 'cisa', epss: { probability: 0.9286 } });
    const unrated = results.filter(({ properties }) => properties['severitySource'] === undefined);
    expect(unrated.map(({ properties }) => properties['severity'])).toEqual(['unknown', 'unknown']);
  });

  it.each([
    [['--fail-on', 'high'], 1],
    [['--fail-on', 'kev'], 1],
    [['--fail-on', 'epss=0.95'], 0],
    // Debian rates few flaws: a gate that cannot see most of them is no all-clear.
    [['--severity-from', 'vendor', '--fail-on', 'high'], 4],
    [['--severity-from', 'vendor', '--fail-on', 'unrated'], 1],
  ])('%j ends with %i', (args, code) => {
    expect(scan(...args).code).toBe(code);
  });
});

it("a feed's own order of ratings is in its manifest, made again by rebuild, and kept by a publish", () => {
  const feed = build('ordered', '--severity-from', 'nvd,vendor');
  expect(readFeedManifest(feed).severityFrom).toEqual(['nvd', 'vendor']);

  expect(scapfeed(['validate', '--rebuild', feed, ...snapshots]).code).toBe(0);

  const parts = splitFeed(feed, { oval: false, content: false }).map((part) => ({
    platform: part.platform,
    manifest: part.manifest,
    files: new Map(part.manifest.outputs.map(({ path }) => [path, part.file(path)])),
  }));
  const joined = JSON.parse(String(joinParts(parts).get('manifest.json'))) as Manifest;
  expect(joined.severityFrom).toEqual(['nvd', 'vendor']);
});
