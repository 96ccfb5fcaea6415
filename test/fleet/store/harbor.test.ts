import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { addHarborScan, harborReportOf, touchHarborServer } from '../../../src/fleet/store/harbor.ts';
import { heldStore } from '../../support/fleet.ts';

it('a scan that a new feed came into has the report by that feed', async () => {
  const now = new Date();
  const [id, server, digest] = [randomUUID(), randomUUID(), `sha256:${'a'.repeat(64)}`];
  await using database = await heldStore();
  await touchHarborServer(database, server, now);
  const artifact = { repository: 'library/app', digest };
  await addHarborScan(database, { id, server, artifact, reports: ['vulnerability'], accepted: now });
  const bases = ['before', 'new', 'other'];
  for (const [at, basis] of bases.entries())
    await database.query(
      `INSERT INTO fleet.harbor_reports (digest, kind, basis, body, made, valid_until)
       VALUES ($1, 'vulnerability', $2, $3, $4, $4)`,
      [digest, basis, Buffer.from(basis), new Date(now.getTime() + at)],
    );
  await database.query(`UPDATE fleet.harbor_scans SET state = 'finished', bases = $2::text[] WHERE id = $1`, [
    id,
    bases.slice(0, 2),
  ]);
  expect((await harborReportOf(database, id, 'vulnerability'))?.body.toString()).toBe('new');
});
