import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import type { ScanResult } from '../../src/model/verdict/index.ts';
import { hasData, unpackData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { recordCounts } from '../support/record-counts.mjs';
import { share } from '../support/trials.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { isShare } from './support/share.ts';
import { pythonServer } from './support/web-servers.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };

/** CI takes the vendors whose records are counted; all of them are 36,000 documents more. */
const sources = isShare ? 'almalinux,alpine,rocky,kev' : 'almalinux,alpine,debian,redhat,rocky,kev';

/** Minutes, on a machine with more to do. */
const timeout = 3_600_000;

const canRun = hasData('real', 'mirror-real.tar.zst') && hasOracle('python3', 'tar', 'zstd');

/** Everything that vendors published, of one day of 2025, from their documents to the verdicts on real lists of packages. */
describe.skipIf(!canRun)('whole real data', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-real-'));
  const mirror = join(folder, 'mirror');
  const lists = join(folder, 'lists');
  let publisher: Machine;
  let user: Machine;

  beforeAll(() => {
    unpackData('real/mirror-real.tar.zst', mirror);
    unpackData('real/package-lists.tar.zst', lists);
    publisher = newMachine();
    user = newMachine();
  }, timeout);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const manifest = () =>
    JSON.parse(readFileSync(join(publisher.home, 'feed/manifest.json'), 'utf8')) as Manifest;
  const platforms = () => manifest().platforms.map(({ id }) => id);

  it('is built, and each record of the documents is used or is a finding', { timeout }, () => {
    publisher.does(
      `scapfeed build --source ${sources} --mirror ${mirror} --unsigned-mirror --no-oval --snapshots snapshots --out feed`,
    );
    const read = new Map(manifest().sources.map((source) => [source.id, source]));
    expect([...read.keys()].sort()).toEqual(sources.split(',').sort());
    for (const { id, records, used, dropped, findings } of read.values()) {
      const told = findings.filter((finding) => finding.dropped).reduce((sum, { count }) => sum + count, 0);
      expect([id, used + dropped, told]).toEqual([id, records, dropped]);
    }
    const counted = recordCounts(mirror);
    for (const [id, records] of Object.entries(counted))
      expect([id, read.get(id)!.records]).toEqual([id, records]);
    // The counts of PROVENANCE.md: the data is whole.
    expect(counted).toEqual({ almalinux: 74_838, rocky: 77_852, alpine: 85_277 });
  });

  it('has what it used in its statements', () => {
    for (const { id, statements, status } of manifest().platforms) {
      const told = Object.values(status).reduce((sum, count) => sum + count, 0);
      expect([id, told]).toEqual([id, statements]);
    }
  });

  it('is published and pulled, and judges each package there as at home', { timeout }, () => {
    publisher.does('scapfeed keys make', passphrase);
    // Of 2025: where a vendor's usual interval is known, its data is taken for frozen on its first day too.
    const dated = "--accept frozen --reason 'data of one day of 2025'";
    publisher.does(
      `scapfeed publish --feed feed --to public --blocks --accept-terms alpine ${dated}`,
      passphrase,
    );
    user.does(
      `scapfeed pull --from ${publisher.home}/public --trust-root ${publisher.home}/public/metadata/1.root.json`,
    );
    const images = realLists(lists, platforms());
    expect(images.length).toBeGreaterThanOrEqual(isShare ? 15 : 30);
    for (const image of images) {
      const scan = `scapfeed scan ${image} --max-age 0 --allow-uncovered -o json`;
      const there = judgedBy(user, scan);
      const home = judgedBy(publisher, `${scan} --feed feed`);
      expect(there.verdicts).toEqual(home.verdicts);
      const { installed, judged, uncovered } = there.counts.packages;
      expect([image, judged + uncovered]).toEqual([image, installed]);
      expect([image, there.uncovered.length]).toEqual([image, uncovered]);
    }
  });

  it('is read by blocks at its address: each report is that of the pulled feed, byte for byte', {
    timeout,
  }, async () => {
    const reader = newMachine();
    const url = await pythonServer(join(publisher.home, 'public'));
    reader.does(`scapfeed config set feed ${url} --yes`);
    const sboms = join(folder, 'sboms');
    unpackData('real/sboms.tar.zst', sboms);
    const documents = readdirSync(join(sboms, 'sboms')).map((name) => `sbom:${join(sboms, 'sboms', name)}`);
    let judged = 0;
    for (const image of share([...realLists(lists, platforms()), ...documents], isShare ? 16 : Infinity)) {
      const scan = `scapfeed scan ${image} --max-age 0 --all -o json`;
      const [there, here] = [reader.run(scan), user.run(scan)];
      expect(withoutOrigin(there.out)).toBe(withoutOrigin(here.out));
      expect([image, there.code, there.err]).toEqual([image, here.code, here.err]);
      // Of systems that the feed does not have there is only the error.
      if (there.out !== '') judged += 1;
    }
    expect(judged).toBeGreaterThan(isShare ? 2 : 90);
  });
});

/** The result of a scan, which ends with 4 for a release past its end of life, whatever is allowed, and with 0 for all others. */
function judgedBy(machine: Machine, scan: string): ScanResult & Counted {
  const { code, out, err } = machine.run(scan);
  const result = JSON.parse(out) as ScanResult & Counted;
  const gaps = (result.gaps ?? []).map((gap) => gap.code);
  expect([scan, code, err]).toEqual([scan, gaps.includes('end_of_life') ? 4 : 0, err]);
  return result;
}

/** A report without the address of its feed, how that was chosen, and the digest, which counts the files that a pull brought. */
function withoutOrigin(report: string): string {
  const [head = '', ...rest] = report.split('"inputs"');
  return [head.replace(/^ *"(?:chosen|digest|directory)": .*\n/gm, ''), ...rest].join('"inputs"');
}

interface Counted {
  counts: { packages: { installed: number; judged: number; uncovered: number } };
}

/** The lists of packages of systems that the feed has: `rocky-….cdx.json` and roots. */
function realLists(lists: string, platforms: readonly string[]): string[] {
  const folder = join(lists, 'package-lists');
  const has = (vendor: string) => platforms.some((id) => id.startsWith(`${vendor}-`));
  return readdirSync(folder).flatMap((name) => {
    if (!has(name.split('-')[0]!)) return [];
    if (name.endsWith('.cdx.json')) return `sbom:${join(folder, name)}`;
    return name.endsWith('.txtar') ? [] : `dir:${join(folder, name)}`;
  });
}
