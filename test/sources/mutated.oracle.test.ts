import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AdvisoryIndex } from '../../src/distros/debian/advisory-index.ts';
import { debianDefinition } from '../../src/distros/debian/definition.ts';
import { normalizePair } from '../../src/distros/debian/normalize.ts';
import { parseTracker } from '../../src/distros/debian/tracker.ts';
import { redHatDefinition } from '../../src/distros/redhat/definition.ts';
import type { Tree } from '../../src/distros/redhat/record.ts';
import { Assembly } from '../../src/distros/redhat/settle/assembly.ts';
import { treeOf } from '../../src/distros/redhat/trees.ts';
import { ubuntuDefinition } from '../../src/distros/ubuntu/definition.ts';
import { readUbuntu } from '../../src/distros/ubuntu/read.ts';
import { Collector, compile, writeCompiled } from '../../src/feed/compile/index.ts';
import { decompress } from '../../src/io/decompress.ts';
import { tarFiles } from '../../src/io/tar/files.ts';
import { ScapfeedError } from '../../src/model/error.ts';
import { Ledger } from '../../src/model/feed/index.ts';
import { makeManifest } from '../../src/model/feed/make-manifest.ts';
import { recordOf } from '../../src/sources/csaf-tree/archive-records.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { stored, tar } from '../distros/ubuntu/support.ts';
import { dataPath, hasData } from '../support/data.ts';
import { mutateJson, type Random, seededRandom } from '../support/mutate-json.ts';
import { bodyOf } from '../support/sources.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { shareOf } from '../support/trials.ts';

/** Damaged documents a source and round, of which a run takes one. */
const mutations = 100;
const rounds = 30;
/** Damaged archives of Ubuntu's: each is a read of its own. */
const archives = Math.ceil(mutations / 10);

/** Records of a damaged document, counted without our parsers. */
type Count = (document: unknown) => number;

function expectBalanced(ledger: Ledger, records: number): void {
  const dropped = ledger.findings().filter((finding) => finding.dropped);
  expect(ledger.used + dropped.reduce((sum, { count }) => sum + count, 0)).toBe(records);
  expect(ledger.records).toBe(records);
}

/** The feed made of damaged documents passes its own checks. */
async function expectValid(collector: Collector): Promise<void> {
  const folder = temporaryFolder();
  const written = writeCompiled(folder, compile([collector], []));
  const created = '2026-11-20T00:00:00Z';
  const manifest = makeManifest({ toolVersion: '0.0.0', created, inputs: [], sources: [], ...written });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await checkFeed(folder);
}

async function membersOf(path: string, count: number): Promise<{ name: string; document: unknown }[]> {
  const members: { name: string; document: unknown }[] = [];
  const plain = decompress(createReadStream(path), { maxBytes: 1 << 30, where: path });
  for await (const { name, content } of tarFiles(plain, { where: path })) {
    if (name.endsWith('.json') && content.length < 200_000) {
      members.push({ name, document: JSON.parse(content.toString('utf8')) });
    }
  }
  const step = Math.max(1, Math.floor(members.length / count));
  return members.filter((_, at) => at % step === 0).slice(0, count);
}

describe.skipIf(!(hasData('mirror') && hasData('redhat')))('damaged records of', () => {
  describe.each(shareOf(rounds, 1))('round %i', (part) => {
    it('the Debian tracker are findings, and the account balances', async () => {
      const whole = JSON.parse(
        readFileSync(dataPath('mirror/security-tracker.debian.org/tracker/data/json'), 'utf8'),
      );
      const names = Object.keys(whole).filter((_, at) => at % 37 === 0);
      const random = seededRandom(4 * part + 1);
      const ledger = new Ledger('debian');
      const releases = new Map(debianDefinition.releases.map((release) => [release.codename, release]));
      let records = 0;
      for (let round = 0; round < mutations / 4; round++) {
        const document = mutateJson(pick(whole, names, round, 4), random, 3);
        records += rowsOf(document);
        const text = JSON.stringify(document) ?? 'null';
        const isObject = /^\{/.test(text);
        try {
          for await (const pair of parseTracker(bodyOf(text), ledger, {
            input: 'debian-tracker',
            where: 'x',
          })) {
            for (const _ of normalizePair(pair, {
              input: 'debian-tracker',
              releases,
              advisories: new AdvisoryIndex(),
              ledger,
            })) {
              // Counted by the ledger.
            }
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ScapfeedError);
          expect(isObject).toBe(false);
        }
      }
      expectBalanced(ledger, records);
    });

    it.each([
      ['vex', 'redhat-vex'],
      ['vex-new-feed', 'redhat-vex-feed'],
      ['csaf-advisory', 'redhat-advisories'],
    ] as [string, Tree][])('Red Hat (%s) are findings, and the account balances', async (folder, tree) => {
      const names = readdirSync(dataPath('redhat', folder), { recursive: true })
        .map(String)
        .filter((name) => /\d\.json$/.test(name))
        .sort();
      const documents = names
        .map((name) => readFileSync(dataPath('redhat', folder, name), 'utf8'))
        .filter((text) => text.length < 60_000)
        .slice(0, 40)
        .map((text) => JSON.parse(text));
      expect(documents.length).toBeGreaterThan(1);
      const random = seededRandom(4 * part + 2);
      const collector = new Collector('redhat');
      const assembly = new Assembly(collector, redHatDefinition);
      let records = 0;
      for (let at = 0; at < mutations; at++) {
        const document = mutateJson(documents[at % documents.length], random, 2);
        const bytes = Buffer.from(JSON.stringify(document) ?? '');
        const read = recordOf(bytes, treeOf(tree, redHatDefinition), `2024/document-${at}.json`);
        if (!('vulnerabilities' in read)) {
          expect(read.where).toContain(`document-${at}.json`);
          continue;
        }
        assembly.add(read);
        records += productIds(document);
      }
      assembly.finish();
      expectBalanced(collector.ledger, records);
      await expectValid(collector);
    });

    it("Ubuntu's OSV and VEX archives are findings, and the account balances", async () => {
      const host = 'mirror/security-metadata.canonical.com';
      const osv = await membersOf(dataPath(host, 'osv/osv-all.tar.xz'), 120);
      const vex = await membersOf(dataPath(host, 'vex/vex-all.tar.xz'), 20);
      const random = seededRandom(4 * part + 3);
      const good = goodRecords(1100);
      for (let round = 0; round < archives; round++) {
        const damaged = damage(osv, random, round, 10);
        const files = { ...good.files, ...damaged.files };
        const vexes = damage(vex, random, round, 3);
        const { snapshots, store } = await stored({
          'ubuntu-osv': tar(files),
          'ubuntu-vex': tar(vexes.files),
        });
        const collector = new Collector('ubuntu');
        await readUbuntu(snapshots, store, collector, ubuntuDefinition);
        const records =
          good.records +
          sum(damaged.documents.map((document) => osvRecords(document))) +
          sum(vexes.documents.map((document) => vexRecords(document)));
        expectBalanced(collector.ledger, records);
        await expectValid(collector);
      }
    });

    it("Ubuntu's notices are findings, and the account balances", async () => {
      const notices = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at}-1`, notice(at)]));
      const random = seededRandom(4 * part + 4);
      for (let round = 0; round < archives; round++) {
        const document = mutateJson(notices, random, 10);
        const { snapshots, store } = await stored({
          'ubuntu-osv': tar(goodRecords(10).files),
          'ubuntu-usn': Buffer.from(JSON.stringify(document) ?? ''),
        });
        const collector = new Collector('ubuntu');
        try {
          await readUbuntu(snapshots, store, collector, ubuntuDefinition);
        } catch (error) {
          expect(error).toBeInstanceOf(ScapfeedError);
          continue;
        }
        expectBalanced(collector.ledger, 10 + Object.keys(document as object).length);
      }
    });
  });
});

/** A few of the members of a large object, others each round. */
function pick(whole: Record<string, unknown>, names: readonly string[], round: number, count: number) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => names[(round * count + at) % names.length]!).map((name) => [
      name,
      whole[name],
    ]),
  );
}

function damage(
  members: readonly { name: string; document: unknown }[],
  random: Random,
  round: number,
  count: number,
) {
  const files: Record<string, string> = {};
  const documents: unknown[] = [];
  for (let at = 0; at < count; at++) {
    const { name, document } = members[(round * count + at) % members.length]!;
    const damaged = mutateJson(document, random, 2);
    documents.push(damaged);
    files[name.replace(/^(?:osv|vex)-all\//, '').replace('.json', `-${at}.json`)] =
      JSON.stringify(damaged) ?? '';
  }
  return { files, documents };
}

/** Records that are as they should be, so that the archive's share of damaged ones stays within the budget. */
function goodRecords(count: number) {
  const files: Record<string, string> = {};
  for (let at = 0; at < count; at++) {
    const cve = `CVE-1999-${String(at).padStart(4, '0')}`;
    const affected = [
      {
        package: {
          name: 'demo',
          ecosystem: 'Ubuntu:22.04:LTS',
          purl: 'pkg:deb/ubuntu/demo?arch=source&distro=jammy',
        },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.0' }] }],
      },
    ];
    files[`osv/cve/1999/UBUNTU-${cve}.json`] = JSON.stringify({
      id: `UBUNTU-${cve}`,
      upstream: [cve],
      affected,
    });
  }
  return { files, records: count };
}

function notice(at: number) {
  return {
    id: `${at}-1`,
    title: 'demo vulnerability',
    timestamp: 1_600_000_000 + at,
    cves: [`CVE-1999-${String(at).padStart(4, '0')}`],
    releases: { jammy: { sources: { demo: { version: '1.0' } } } },
  };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const rowsOf: Count = (document) => {
  if (!isPlain(document)) return 0;
  return sum(
    Object.values(document).flatMap((pairs) =>
      isPlain(pairs)
        ? Object.values(pairs).map((pair) => {
            const releases = isPlain(pair) ? pair['releases'] : undefined;
            return isPlain(releases) ? Math.max(1, Object.keys(releases).length) : 1;
          })
        : [1],
    ),
  );
};

const productIds: Count = (document) => {
  const { vulnerabilities } = document as {
    vulnerabilities?: { product_status?: Record<string, unknown[] | null> | null }[];
  };
  const lists = (vulnerabilities ?? []).flatMap(({ product_status }) => Object.values(product_status ?? {}));
  return sum(lists.map((ids) => ids?.length ?? 0));
};

const osvRecords: Count = (document) => {
  const affected = isPlain(document) && isCve(document) ? document['affected'] : undefined;
  return Array.isArray(affected) ? Math.max(1, affected.length) : 1;
};

function isCve({ id }: Record<string, unknown>): boolean {
  return typeof id !== 'string' || !/^(?:USN|LSN)-/.test(id);
}

const vexRecords: Count = (document) => {
  const statements = isPlain(document) ? document['statements'] : undefined;
  return Array.isArray(statements) ? statements.length : 1;
};

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
