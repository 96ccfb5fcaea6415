import { expect, it } from 'vitest';
import { importInventory } from '../../src/fleet/store/imports.ts';
import { listNames } from '../../src/fleet/store/list.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { keepSlaRules } from '../../src/fleet/store/sla.ts';
import type { InstalledPackage } from '../../src/model/inventory/index.ts';
import { newEmbedded } from '../support/fleet.ts';
import { nightOn } from '../support/simulated-fleet.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';

/** Each flaw of a source is one flaw of an image, however many packages and images share it. */
it('an SLA counts a flaw of a source once in each image, whichever of its packages the image has', async () => {
  const database = await openDatabase(await newEmbedded(), new Date());
  const [one, other] = [deb('lib', '1', 'src'), deb('tool', '1', 'src')];
  const images: Record<string, InstalledPackage[]> = {
    both: [one, other],
    'both, elsewhere': [one, other, deb('single', '1')],
    'one of them': [one],
    'another version': [other, deb('lib', '3', 'src')],
    fixed: [deb('lib', '3', 'src')],
  };
  await database.transaction(async (queries) => {
    for (const [name, packages] of Object.entries(images)) {
      const inventory = {
        image: { reference: name, digest: `sha256:${name}`, layers: [] },
        os: { id: 'debian', versionId: bookworm.os.version!, found: '/etc/os-release' },
        databases: [{ kind: 'dpkg' as const, path: '/var/lib/dpkg/status', packages: packages.length }],
        ...{ packages, notes: [] },
      };
      await importInventory(queries, inventory, name, new Date('2026-11-01T00:00:00Z'), 'test');
    }
  });
  const flaw = (id: number, name: string, severity: 'high' | 'low') =>
    ({
      ...{ vulnerability: `CVE-2026-${id}`, package: name, severity },
      status: 'fixed',
      fixed: '2',
    }) as const;
  const statements = [
    ...[flaw(1001, 'src', 'high'), flaw(1002, 'src', 'high'), flaw(1003, 'src', 'low')],
    flaw(1001, 'single', 'high'),
  ];
  await nightOn(database, writeSmallFeed([{ platform: bookworm, statements }]));
  await keepSlaRules(database, { from: 'fix', days: { high: 7 } });

  const later = new Date(Date.now() + 30 * 86_400_000);
  const counts = (await listNames(database, later)).map(({ reference, overdue }) => [reference, overdue]);

  expect(Object.fromEntries(counts)).toEqual({
    ...{ both: 2, 'both, elsewhere': 3, 'one of them': 2, 'another version': 2, fixed: 0 },
  });
  // The first day of an image is that of its most urgent flaw, whichever of its packages has it.
  await keepSlaRules(database, { from: 'fix', days: { high: 7, low: 3 } });
  const urgent = await listNames(database, later);
  expect(Object.fromEntries(urgent.map(({ reference, overdue }) => [reference, overdue]))).toEqual({
    ...{ both: 3, 'both, elsewhere': 4, 'one of them': 3, 'another version': 3, fixed: 0 },
  });
  const days = new Set(urgent.map(({ due }) => due));
  expect([days.size, days.has(null)]).toEqual([2, true]);
  await database.close();
});
