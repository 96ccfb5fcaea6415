import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readEvidence } from '../../src/fleet/evidence/read-evidence.ts';
import type { Database, Queries } from '../../src/fleet/store/database.ts';
import { importInventory } from '../../src/fleet/store/imports.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { prune } from '../../src/fleet/store/prune.ts';
import { addNames, addWatch } from '../../src/fleet/store/watches.ts';
import type { FleetEvidence } from '../../src/model/fleet/index.ts';
import { evidenceHtml } from '../../src/report/fleet/evidence-html.ts';
import { scapfeed } from '../support/cli.ts';
import { newEmbedded, night } from '../support/fleet.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const cve = 'CVE-2026-0001';
const shop = 'registry.example/shop';
const day = (number: number, hour = 3) => new Date(Date.UTC(2025, 10, number, hour));

const feeds = (['none_yet', undefined] as const).map((fixState) =>
  writeSmallFeed([
    {
      platform: bookworm,
      statements: [
        fixState
          ? { vulnerability: cve, package: 'a', status: 'affected', fixState, severity: 'high' }
          : { vulnerability: cve, package: 'a', status: 'fixed', fixed: '2', severity: 'high' },
      ],
    },
  ]),
);

/** Evidence of one store: asked before its period was over, and again with more data. */
let place: string;
let early: FleetEvidence;
let again: FleetEvidence;
let waived: FleetEvidence;
let now: FleetEvidence;

async function withStore<T>(
  use: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(place, new Date());
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

async function send(database: Database, version: string, at: Date): Promise<void> {
  const inventory = {
    image: { reference: shop, digest: `sha256:${shop}-${version}`, layers: [] },
    os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
    databases: [{ kind: 'dpkg' as const, path: '/var/lib/dpkg/status', packages: 2 }],
    packages: [deb('a', version), deb('b', '1')],
    notes: [],
  };
  await importInventory(database, inventory, shop, at, 'test');
}

/** A run as it would have been on that day. `then`: what came after it. */
async function runOn(number: number, feed: string, then = async (_: Queries) => {}): Promise<void> {
  await night(place, feed, [], async ({ database }) => {
    await database.query(
      `UPDATE fleet.runs SET started = $1, finished = $1::timestamptz + interval '1 minute' WHERE id = (SELECT max(id) FROM fleet.runs)`,
      [day(number)],
    );
    await then(database);
  });
}

beforeAll(async () => {
  place = await newEmbedded();
  await withStore(async (database) => {
    await send(database, '1', day(1, 1));
    const { id } = await addWatch(database, { kind: 'image', place: 'dir:/nowhere' }, day(1, 1));
    await addNames(database, id, ['dir:/nowhere'], day(1, 1));
  });
  await runOn(1, feeds[0]!);
  await runOn(4, feeds[1]!, async (database) => {
    early = await readEvidence(database, cve, day(4, 23));
    await database.query(
      `INSERT INTO fleet.waivers (vulnerability, image, reason, author, created) VALUES ($1, $2, 'not <reachable>', 'ann', $3)`,
      [cve, shop, day(5)],
    );
  });
  await withStore((database) => send(database, '2', day(6, 1)));
  await runOn(6, feeds[1]!, async (database) => {
    again = await readEvidence(database, cve, day(4, 23));
    waived = await readEvidence(database, cve, day(5, 12));
    now = await readEvidence(database, cve);
    await expect(readEvidence(database, cve, day(1, 1))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
}, 120_000);

describe('evidence about a vulnerability', () => {
  it('has each image, since which night, by which feed, and how the verdict went on', () => {
    const [image] = early.images;
    expect(early.images).toHaveLength(1);
    expect(image).toMatchObject({ digest: expect.stringMatching(/^inventory:/), open: true, waivers: [] });
    expect(image!.packages).toMatchObject([
      {
        ...{ name: 'a', version: '1' },
        verdicts: [
          { from: 1, to: 2, status: 'affected', fixState: 'none_yet' },
          { from: 2, to: null, status: 'affected', fixState: 'available', fixedVersion: '2' },
        ],
      },
    ]);
    const digests = early.nights.map(({ feed }) => feed!.digest);
    expect(new Set(digests).size).toBe(2);
    expect(early.news.map(({ run, kind }) => `${run} ${kind}`)).toEqual(['2 fix_available']);
  });

  it('names days without a run, and images that are not known', () => {
    expect(early.absent).toEqual([{ from: '2025-11-02', to: '2025-11-03', reason: 'no_run' }]);
    expect(early.unknown).toMatchObject([{ reference: 'dir:/nowhere', digest: null, state: 'unread' }]);
  });

  it('is the same, byte by byte, whatever came later', () => {
    expect(JSON.stringify(again)).toBe(JSON.stringify(early));
    expect(evidenceHtml(again)).toBe(evidenceHtml(early));
  });

  it('names on its page the sources of a night once, and refers to them from nights with the same', () => {
    const [{ feed: given, ...rest }] = early.nights as [(typeof early.nights)[0]];
    const feed = { ...given!, sources: [{ id: 'debian', name: 'Debian', updated: '2025-11-01T00:00:00Z' }] };
    const page = evidenceHtml({ ...early, nights: [8, 9].map((run) => ({ ...rest, run, feed })) });

    expect(page.match(/<td>debian of 2025-11-01T00:00:00Z<\/td>/g)).toHaveLength(1);
    expect(page).toContain('<td>as of run 8</td>');
  });

  it('has what was done: the waiver, and the image that took the place', () => {
    expect(now).toMatchObject({
      run: 3,
      waivers: [{ id: 1, author: 'ann', reason: 'not <reachable>', ended: null }],
    });
    expect(now.names).toMatchObject([
      {
        reference: shop,
        images: [
          { digest: now.images[0]!.digest, open: true, until: day(6, 1).toISOString().replace('.000', '') },
          { digest: expect.stringMatching(/^inventory:/), open: false, until: null },
        ],
      },
    ]);
    // The waiver is of a name; what stood for it before has no name now.
    expect(waived.images[0]!.waivers).toEqual([1]);
    expect(now.images[0]!.waivers).toEqual([]);
  });

  it('is a command with exit code 4 if an image is not known; refused for a time that is not over, and for one whose results were deleted', async () => {
    const evidence = ['fleet', 'evidence', cve, '--database', place];
    const page = join(temporaryFolder(), 'evidence.html');
    const { code, out } = scapfeed([...evidence, '--as-of', '2025-11-05', '-o', 'csv', '-o', `html=${page}`]);
    expect(code).toBe(4);
    expect(out).toMatch(
      /^CVE-2026-0001,2025-11-05T23:59:59.999Z,registry.example\/shop,inventory:sha256:[0-9a-f]{64},a,1,amd64,a,waived,2025-11-04T/m,
    );
    expect(out).toContain('dir:/nowhere,,,,,,unread,');
    expect(readFileSync(page, 'utf8')).toContain('not &lt;reachable&gt;');
    for (const wrong of ['2999-01-01', '2025-02-30'])
      expect(scapfeed([...evidence, '--as-of', wrong]), wrong).toMatchObject({ code: 2 });

    await withStore(async (database) => {
      await prune(database, { before: day(6), runs: 1 });
      await expect(readEvidence(database, cve, day(4, 23))).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('were deleted: those of run 3 and later ones are kept'),
      });
      expect(await readEvidence(database, cve)).toMatchObject({ run: 3, keptFrom: 3 });
    });
  }, 60_000);
});
