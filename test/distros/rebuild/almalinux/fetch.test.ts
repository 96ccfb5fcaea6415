import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/almalinux.json' with { type: 'json' };
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { almaLinux } from '../../../../src/distros/rebuilds.ts';
import { createHttp } from '../../../../src/io/http/create-http.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../../src/sources/snapshots.ts';
import { type Behaviour, serve } from '../../../support/http-server.ts';
import {
  dated,
  hurriedLimits,
  misbehaviours,
  send,
  status,
  unasked304,
  webPage,
} from '../../../support/misbehaviour.ts';
import { collectingSink } from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { errataText, erratum, osvRecord, writeAlmaMirror } from './world.ts';

const told = { id: 'ALSA-2024:1000', cves: ['CVE-2024-1000'], packages: ['openssl-1:3.0.7-25.el9_3.x86_64'] };
const errata = '/9/errata.full.json';
const osv = '/AlmaLinux/all.zip';

/** A small AlmaLinux 9 in good order; tests put one path out of order. */
function good(): Record<string, Behaviour> {
  const mirror = writeAlmaMirror({
    errata: { 9: [told] },
    osv: { 'ALSA-2024_1000': osvRecord(told.id, '9', told.cves, { openssl: '1:3.0.7-25.el9_3' }) },
  });
  const file = (path: string) => readFileSync(join(mirror, path));
  return {
    [errata]: dated(file(`errata.almalinux.org${errata}`), '"e1"'),
    [osv]: dated(file(`osv-vulnerabilities.storage.googleapis.com${osv}`), '"o1"'),
  };
}

async function fetchFrom(origin: string, store: SnapshotStore): Promise<Snapshot[]> {
  const http = createHttp({ env: {}, limits: hurriedLimits });
  const own = { ...definition, errata: origin, osv: `${origin}${osv}`, packages: origin };
  try {
    return await rebuildSource(almaLinux, own).fetch({ http, store, now: new Date(), progress: () => {} });
  } finally {
    await http.close();
  }
}

describe('a fetch that fails leaves the last good snapshots', () => {
  const whole = errataText([erratum('9', told)]);
  const bad = [
    ...misbehaviours,
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_NOT_JSON' },
    { name: 'no bytes', behaviour: send(''), code: 'SOURCE_NOT_JSON' },
    {
      name: 'a document that stops in the middle',
      behaviour: send(whole.slice(0, -40)),
      code: 'SOURCE_NOT_JSON',
    },
    { name: 'an empty list', behaviour: send(errataText([])), code: 'SOURCE_MALFORMED' },
    { name: 'another document', behaviour: send('{"schema_version":"1.0"}'), code: 'SOURCE_MALFORMED' },
  ];

  it.each(bad)('$name', async ({ behaviour, code }) => {
    const behaviours = good();
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    const last = await fetchFrom(server.origin, store);
    behaviours[errata] = behaviour;

    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code });
    expect((await store.list('almalinux')).map(({ sha256 }) => sha256).sort()).toEqual(
      last.map(({ sha256 }) => sha256).sort(),
    );
    for (const snapshot of last) expect(readFileSync(store.path(snapshot))).toHaveLength(snapshot.size);
  });

  it('not modified, unasked, is no answer to the first request', async () => {
    await using server = await serve({ ...good(), [errata]: unasked304 });
    const store = openSnapshotStore(temporaryFolder());
    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code: 'FETCH_FAILED' });
    expect((await store.list('almalinux')).map(({ id }) => id)).not.toContain('almalinux-errata-9');
  });

  it('errata that the server has no more stay as they were last, marked', async () => {
    const behaviours = good();
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    await fetchFrom(server.origin, store);
    behaviours[errata] = status(404);
    const again = await fetchFrom(server.origin, store);
    expect(again.map(({ id, refused }) => [id, refused])).toEqual([
      ['almalinux-errata-9', 'FETCH_NOT_FOUND'],
      ['almalinux-osv', undefined],
    ]);
  });
});

describe('OSV records, which are for comparison,', () => {
  it.each([...misbehaviours, { name: 'a web page', behaviour: webPage, code: 'SOURCE_MALFORMED' }])(
    'stay as they were last, and errata are renewed without them: $name',
    async ({ behaviour, code }) => {
      const behaviours = good();
      await using server = await serve(behaviours);
      const store = openSnapshotStore(temporaryFolder());
      const last = await fetchFrom(server.origin, store);
      behaviours[osv] = behaviour;
      behaviours[errata] = dated(errataText([erratum('9', { ...told, cves: ['CVE-2024-2000'] })]), '"e2"');

      const again = await fetchFrom(server.origin, store);
      const [held, before] = [again, last].map((all) => all.find(({ id }) => id === 'almalinux-osv'));
      expect(held?.sha256).toBe(before!.sha256);
      // The first byte of a body tells that it is no archive.
      expect([code, 'SOURCE_MALFORMED']).toContain(held?.refused);
      const sink = collectingSink('almalinux');
      await rebuildSource(almaLinux, definition).read(again, store, sink);
      expect(sink.statements.map(({ vulnerability }) => vulnerability)).toEqual(['CVE-2024-2000']);
    },
  );
});
