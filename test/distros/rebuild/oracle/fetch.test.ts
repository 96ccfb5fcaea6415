import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/oracle.json' with { type: 'json' };
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { oracle } from '../../../../src/distros/rebuilds.ts';
import { createHttp } from '../../../../src/io/http/create-http.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../../src/sources/snapshots.ts';
import { type Behaviour, serve } from '../../../support/http-server.ts';
import { dated, hurriedLimits, misbehaviours, send, webPage } from '../../../support/misbehaviour.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { type Elsa, elsaOval, writeOracleMirror } from './world.ts';

const told: Elsa = {
  id: 'ELSA-2024-1000',
  cves: ['CVE-2024-1000'],
  releases: { 8: { x86_64: ['openssl < 1:1.1.1k-12.el8_9'] } },
};
const eight = '/com.oracle.elsa-ol8.xml.bz2';

function good(): Record<string, Behaviour> {
  const mirror = writeOracleMirror({ 8: [told] });
  const body = readFileSync(join(mirror, `linux.oracle.com/security/oval${eight}`));
  return { [eight]: dated(body, '"e1"') };
}

async function fetchFrom(origin: string, store: SnapshotStore): Promise<Snapshot[]> {
  const http = createHttp({ env: {}, limits: hurriedLimits });
  const own = { ...definition, oval: origin, packages: origin };
  try {
    return await rebuildSource(oracle, own).fetch({ http, store, now: new Date(), progress: () => {} });
  } finally {
    await http.close();
  }
}

describe('a fetch of OVAL that fails leaves the last good snapshot', () => {
  const whole = elsaOval([told]);
  const odd = Array.from(
    { length: 20 },
    (_, at): Elsa => ({ ...told, id: `ELSA-2024-${at}`, class: 'vulnerability' }),
  );
  const bad = [
    // A body of text is refused at its first bytes, before it is cut or stops.
    ...misbehaviours.map((each) =>
      /^a body that (?:is always cut|stops coming)$/.test(each.name)
        ? { ...each, code: 'SOURCE_MALFORMED' }
        : each,
    ),
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_MALFORMED' },
    { name: 'no bytes', behaviour: send(''), code: 'SOURCE_MALFORMED' },
    {
      name: 'an end in the middle',
      behaviour: send(gzipSync(whole.slice(0, -40))),
      code: 'SOURCE_MALFORMED',
    },
    { name: 'no definition', behaviour: send(gzipSync(elsaOval([]))), code: 'SOURCE_MALFORMED' },
    {
      name: 'definitions in another form',
      behaviour: send(gzipSync(elsaOval(odd))),
      code: 'SOURCE_MALFORMED',
    },
    { name: 'another document', behaviour: send(gzipSync('<html/>')), code: 'SOURCE_MALFORMED' },
  ];

  it.each(bad)('$name', async ({ behaviour, code }) => {
    const behaviours = good();
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    const last = await fetchFrom(server.origin, store);
    expect(last.map(({ id }) => id)).toEqual(['oracle-oval-8']);
    behaviours[eight] = behaviour;

    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code });
    expect((await store.list('oracle')).map(({ sha256 }) => sha256)).toEqual(
      last.map(({ sha256 }) => sha256),
    );
    for (const snapshot of last) expect(readFileSync(store.path(snapshot))).toHaveLength(snapshot.size);
  });

  it('a server that has none of the documents is an error', async () => {
    await using server = await serve({});
    await expect(fetchFrom(server.origin, openSnapshotStore(temporaryFolder()))).rejects.toMatchObject({
      code: 'FETCH_NOT_FOUND',
      remedy: expect.stringContaining('feeds/oracle.json'),
    });
  });
});
