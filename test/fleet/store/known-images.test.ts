import { expect, it } from 'vitest';
import { KnownImages } from '../../../src/fleet/known-images.ts';
import { importInventory } from '../../../src/fleet/store/imports.ts';
import { heldStore } from '../../support/fleet.ts';
import { deb } from '../../support/small-feed.ts';

it('a process knows the images of the store, whoever read them, and forgets those that a prune forgot', async () => {
  const now = new Date();
  const database = await heldStore();
  try {
    const document = {
      image: { reference: 'host', layers: [] },
      os: { id: 'debian', versionId: '12', codename: 'bookworm', found: '/etc/os-release' },
      databases: [{ kind: 'dpkg' as const, path: '/var/lib/dpkg/status', packages: 1 }],
      packages: [deb('a', '1')],
      notes: [],
    };
    const { image } = await importInventory(database, document, 'host', now, 'scapfeed');
    const [{ digest } = { digest: '' }] = await database.query<{ digest: string }>(
      'SELECT digest FROM fleet.images WHERE id = $1',
      [image],
    );
    const worker = new KnownImages();
    expect([...(await worker.of(1, database, false))]).toEqual([digest]);
    await worker.add('sha256:1');
    expect([...(await worker.of(1, database, false))]).toEqual([digest, 'sha256:1']);
    expect([...(await worker.of(2, database, false))]).toEqual([digest]);
    expect([...(await new KnownImages().of(2, database, true))]).toEqual([]);
  } finally {
    await database.close();
  }
});
