import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openFeed } from '../../../../src/feed/read/open-feed.ts';
import { shardLines } from '../../../../src/feed/read/whole-file.ts';
import { project, scapfeed } from '../../../support/cli.ts';
import { hasData, unpackData } from '../../../support/data.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const hosts = {
  api: './apollo.build.resf.org',
  osv: './osv-vulnerabilities.storage.googleapis.com/Rocky Linux',
};

/** Release -> CVE -> records of OSV, read without a line of ours. */
const reader = `
import collections, json, sys, zipfile
named = collections.defaultdict(lambda: collections.defaultdict(set))
archive = zipfile.ZipFile(sys.argv[1])
for name in archive.namelist():
    record = json.loads(archive.read(name))
    ids = [id for key in ('aliases', 'related', 'upstream') for id in record.get(key, [])]
    for affected in record['affected']:
        release = affected['package']['ecosystem'].split(':')[1]
        for id in ids:
            if id.startswith('CVE-'): named[release][id].add(record['id'])
print(json.dumps({release: {id: sorted(records) for id, records in own.items()} for release, own in named.items()}))
`;

const able = hasData('real', 'mirror-real.tar.zst') && hasOracle('tar', 'zstd', 'python3');

it.skipIf(!able)("Rocky's advisories lack of OSV's CVEs what the page says", { timeout: 300_000 }, () => {
  const folder = temporaryFolder('rocky-whole');
  const mirror = join(folder, 'mirror');
  const out = join(folder, 'out');
  unpackData('real/mirror-real.tar.zst', mirror, ...Object.values(hosts));
  const built = scapfeed([
    ...['build', '--source', 'rocky', '--mirror', mirror, '--unsigned-mirror', '--no-oval', '--no-ratings'],
    ...['--snapshots', join(folder, 'snapshots'), '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
  const named = JSON.parse(
    execFileSync('python3', ['-c', reader, join(mirror, hosts.osv, 'all.zip')], { encoding: 'utf8' }),
  ) as Record<string, Record<string, string[]>>;

  const feed = openFeed(out);
  const counts = ['8', '9'].map((release) => {
    const known = new Set<string>();
    for (const { claims } of shardLines(feed, `rocky-${release}`))
      for (const { ids } of claims) for (const id of ids) known.add(id);
    const own = Object.entries(named[release]!);
    const lost = own.filter(([id]) => !known.has(id)).map(([, records]) => records);
    const special = lost.filter((records) => records.every((id) => id.startsWith('RXSA-')));
    const others = lost.filter((records) => !special.includes(records));
    return { named: own.length, special: special.length, lost: others.length, in: new Set(others.flat()) };
  });
  const { sources } = feed.manifest;
  feed.close();
  expect(counts).toEqual([
    { named: 3529, special: 0, lost: 8, in: expect.objectContaining({ size: 7 }) },
    { named: 973, special: 15, lost: 0, in: expect.objectContaining({ size: 0 }) },
  ]);
  expect(sources[0]!.findings).toContainEqual(
    expect.objectContaining({ reason: 'module_unknown', dropped: true, count: 118 }),
  );
  const page = readFileSync(join(project, 'docs/rocky.md'), 'utf8').replaceAll(/\s+/g, ' ');
  expect(page).toContain(
    'for Rocky 8 (3,529) and 9 (973), 8 and none are missing in the index, besides 15 of special interest groups (RXSA). The 8 are in seven advisories',
  );
});
