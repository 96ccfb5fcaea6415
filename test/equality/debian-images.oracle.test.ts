import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openImage } from '../../src/image/index.ts';
import { inventoryWanted, readInventory } from '../../src/inventory/index.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import type { Verdict } from '../../src/model/verdict/index.ts';
import { definitionId } from '../../src/oval/document/document.ts';
import { flawKey, ovalNamespace, type Selection } from '../../src/oval/forms/rows.ts';
import { choosePlatform, type Feed, matchInventory, openFeed } from '../../src/runtime/node.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { debianRoot } from '../support/debian-images.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { type OscapResults, readOscapResults } from '../support/oscap-results.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { share } from '../support/trials.ts';

const ready = hasData('mirror') && hasOracle('oscap', 'mmdebstrap') && isRoot();

/** A run takes all as released, or all with their updates. */
const images = [
  ['bullseye', 'release', 'debian-11'],
  ['bullseye', 'current', 'debian-11'],
  ['bookworm', 'release', 'debian-12'],
  ['bookworm', 'current', 'debian-12'],
  ['trixie', 'release', 'debian-13'],
  ['trixie', 'current', 'debian-13'],
] as const;

describe.skipIf(!ready)('the index and oscap on the OVAL of the same build', () => {
  let directory: string;
  let feed: Feed;

  beforeAll(() => {
    directory = join(temporaryFolder(), 'feed');
    const platforms = ['debian-11', 'debian-12', 'debian-13'].flatMap((id) => ['--platform', id]);
    const cache = temporaryFolder();
    const built = scapfeed(
      [
        'build',
        '--source',
        'debian',
        '--mirror',
        dataPath('mirror'),
        '--unsigned-mirror',
        '--no-ratings',
        '--out',
        directory,
        ...platforms,
      ],
      { XDG_CACHE_HOME: cache },
    );
    expect(built.err).toBe('');
    feed = openFeed(directory);
  });

  it.each(share(images, 3))(
    'agree on every (vulnerability, package) of %s %s',
    async (suite, pocket, platform) => {
      const root = debianRoot(suite, pocket);
      const before = statusDigest(root);
      const inventory = await inventoryOf(root);
      expect(choosePlatform(feed.manifest.platforms, inventory).platform.id).toBe(platform);
      const { verdicts, uncovered } = matchInventory(feed, feed.shard(platform)!, inventory);
      expect(uncovered).toEqual([]);

      for (const selection of ['fixed', 'unfixed'] as const) {
        const results = await evaluate(directory, platform, selection, root);
        const ours = verdictRows(verdicts, selection);
        expect(flawRows(results, platform, selection, verdicts), selection).toEqual(ours);
        if (selection === 'fixed') expect(binariesOf(results, 'patch')).toEqual(unique(ours.map(lastWord)));
      }
      expect(verdicts.length).toBeGreaterThan(10);
      expect(statusDigest(root)).toBe(before);
    },
  );

  it('bullseye as released lacks exactly the fixes that the data names', async () => {
    const { verdicts } = matchInventory(
      feed,
      feed.shard('debian-11')!,
      await inventoryOf(debianRoot('bullseye', 'release')),
    );
    const rows = (state: boolean) =>
      verdicts
        .filter((verdict) => verdict.status === 'affected' && (verdict.fixState === 'available') === state)
        .map(({ vulnerability, package: { source }, fixedVersion }) =>
          [vulnerability, source.name, source.version, ...(state ? [fixedVersion] : [])].join('\t'),
        );

    expect(unique(rows(true))).toEqual(expected('expected-bullseye-minbase.tsv', 4));
    expect(unique(rows(false))).toEqual(expected('expected-bullseye-minbase-open.tsv', 3));
  });
});

async function inventoryOf(root: string): Promise<Inventory> {
  const image = await openImage(`dir:${root}`, { wanted: inventoryWanted });
  const inventory = readInventory(image.files);
  image.close();
  return inventory;
}

/** `CVE source binary:arch` of every verdict that the file of this selection must hold true. */
function verdictRows(verdicts: readonly Verdict[], selection: Selection): string[] {
  const chosen = verdicts.filter(
    ({ status, fixState }) => status === 'affected' && (fixState === 'available') === (selection === 'fixed'),
  );
  return unique(
    chosen.map(
      ({ vulnerability, package: { name, arch, source } }) =>
        `${vulnerability} ${source.name} ${name}:${arch}`,
    ),
  );
}

async function evaluate(
  directory: string,
  platform: string,
  selection: Selection,
  root: string,
): Promise<OscapResults> {
  const name = `${platform}.${selection === 'fixed' ? 'oval' : 'unfixed.oval'}.xml`;
  const resultFile = join(temporaryFolder(), 'results.xml');
  const args = ['oval', 'eval', '--skip-validation', '--results', resultFile, join(directory, 'oval', name)];
  execFileSync('oscap', args, { env: { ...process.env, OSCAP_PROBE_ROOT: root }, stdio: 'ignore' });
  return readOscapResults(resultFile);
}

/** The same rows by oscap: of each true definition of a vulnerability, the packages whose stanza made it true. */
function flawRows(
  results: OscapResults,
  platform: string,
  selection: Selection,
  verdicts: readonly Verdict[],
): string[] {
  const named = new Map(
    verdicts.map(({ vulnerability, package: { source } }) => [
      definitionId(ovalNamespace(platform), flawKey(selection, vulnerability, source.name)),
      `${vulnerability} ${source.name}`,
    ]),
  );
  const definitions = trueDefinitions(results, 'vulnerability');
  return unique(
    definitions.flatMap((id) =>
      itemsOf(results, id).map((text) => `${named.get(id) ?? id} ${binaryOf(text)}`),
    ),
  );
}

function binariesOf(results: OscapResults, kind: string): string[] {
  return unique(trueDefinitions(results, kind).flatMap((id) => itemsOf(results, id).map(binaryOf)));
}

function trueDefinitions({ definitions, classes }: OscapResults, kind: string): string[] {
  return [...definitions]
    .filter(([id, result]) => result === 'true' && classes.get(id) === kind)
    .map(([id]) => id);
}

function itemsOf({ tests, trueItems, texts }: OscapResults, definition: string): string[] {
  return tests.get(definition)!.flatMap((test) => trueItems.get(test)!.map((item) => texts.get(item)!));
}

function lastWord(row: string): string {
  return row.slice(row.lastIndexOf(' ') + 1);
}

function binaryOf(text: string): string {
  return `${/^Package: (\S+)$/m.exec(text)![1]}:${/^Architecture: (\S+)$/m.exec(text)![1]}`;
}

function statusDigest(root: string): string {
  return createHash('sha256')
    .update(readFileSync(join(root, 'var/lib/dpkg/status')))
    .digest('hex');
}

function expected(name: string, columns: number): string[] {
  const text = readFileSync(dataPath('debian/changelog-facts', name), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return unique(lines.map((line) => line.split('\t').slice(0, columns).join('\t')));
}

function unique(rows: readonly string[]): string[] {
  return [...new Set(rows)].sort();
}
