import { expect, it } from 'vitest';
import { judgePackages, type KeptFacts } from '../../../src/fleet/judge/judge-packages.ts';
import type { SystemFacts } from '../../../src/fleet/kept-parts.ts';
import type { Database } from '../../../src/fleet/store/database.ts';
import { importInventory } from '../../../src/fleet/store/imports.ts';
import { openDatabase } from '../../../src/fleet/store/open-database.ts';
import { prune } from '../../../src/fleet/store/prune.ts';
import { keepJudged } from '../../../src/fleet/store/verdicts.ts';
import { newEmbedded, night } from '../../support/fleet.ts';
import { bookworm, deb, smallFeed, writeSmallFeed } from '../../support/small-feed.ts';

const read = new Date('2026-11-01T00:00:00Z');
const later = new Date('2026-11-20T00:00:00Z');
const world = {
  platform: bookworm,
  statements: ['shared', 'own'].map((name, at) => ({
    vulnerability: `CVE-2026-000${at}`,
    package: name,
    status: 'fixed' as const,
    fixed: '2',
    severity: 'high' as const,
  })),
};

it('packages that are pruned while they are judged leave no verdicts, and the others get theirs', {
  timeout: 120_000,
}, async () => {
  const place = await newEmbedded();
  const database = await openDatabase(place, read);
  await keepImage(database, 'stays', ['shared']);
  await keepImage(database, 'goes', ['shared', 'own', 'quiet']);
  await database.close();
  await night(place, writeSmallFeed([world]));

  const store = await openDatabase(place, later);
  const [system] = await store.query<{ facts: SystemFacts }>('SELECT facts FROM fleet.systems');
  const packages = await store.query<KeptFacts>('SELECT id, facts FROM fleet.packages ORDER BY id');
  const judging = { platformMap: [] };
  const coverage = { platform: 'debian-12', marks: [] };
  const changed = smallFeed({
    ...world,
    statements: world.statements.map((each) => ({ ...each, fixed: '3' })),
  });
  const judged = judgePackages(changed, system!.facts, coverage, packages, judging);
  await store.query(
    `DELETE FROM fleet.name_images USING fleet.names WHERE names.id = name AND reference = 'goes'`,
  );
  expect(await prune(store, { before: new Date('2026-12-01T00:00:00Z'), runs: 0 })).toMatchObject({
    packages: 2,
  });
  await keepJudged(
    store,
    2,
    packages.map(({ id }) => id),
    judged,
  );

  const kept = await store.query(
    `SELECT name, fixed_version, to_run FROM fleet.verdicts LEFT JOIN fleet.packages ON packages.id = package ORDER BY verdicts.id`,
  );
  expect(kept).toEqual([
    { name: 'shared', fixed_version: '2', to_run: 2 },
    { name: 'shared', fixed_version: '3', to_run: null },
  ]);
  await store.close();
  changed.close();
});

async function keepImage(database: Database, name: string, packages: readonly string[]): Promise<void> {
  const inventory = {
    image: { reference: name, digest: `sha256:${name}`, layers: [] },
    os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
    databases: [{ kind: 'dpkg' as const, path: '/var/lib/dpkg/status', packages: packages.length }],
    packages: packages.map((each) => deb(each, '1')),
    notes: [],
  };
  await importInventory(database, inventory, name, read, 'test');
}
