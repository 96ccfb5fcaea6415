import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import azureDefinition from '../../../feeds/azurelinux.json' with { type: 'json' };
import oracleDefinition from '../../../feeds/oracle.json' with { type: 'json' };
import { rebuildSource } from '../../../src/distros/rebuild/source.ts';
import { azureLinux, oracle } from '../../../src/distros/rebuilds.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import { type Behaviour, serve } from '../../support/http-server.ts';
import { dated, hurriedLimits, misbehaviours, send, webPage } from '../../support/misbehaviour.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type Flaw, flawOval } from './azurelinux/world.ts';
import { type Elsa, elsaOval } from './oracle/world.ts';

const elsa: Elsa = {
  id: 'ELSA-2024-1000',
  cves: ['CVE-2024-1000'],
  releases: { 8: { x86_64: ['openssl < 1:1.1.1k-12.el8_9'] } },
};
const flaw: Flaw = { id: 1, cve: 'CVE-2024-1000', name: 'openssl', builds: ['< 0:3.3.0-1.azl3'] };
const twenty = Array.from({ length: 20 }, (_, at) => at);

/** Vendors whose data is OVAL alone, packed and as it is; `odd`: definitions of another class. */
const vendors = [
  {
    rebuild: oracle,
    definition: oracleDefinition,
    path: '/com.oracle.elsa-ol8.xml.bz2',
    input: 'oracle-oval-8',
    body: (xml: string): string | Uint8Array => gzipSync(xml),
    good: elsaOval([elsa]),
    none: elsaOval([]),
    odd: elsaOval(twenty.map((at) => ({ ...elsa, id: `ELSA-2024-${at}`, class: 'vulnerability' }))),
  },
  {
    rebuild: azureLinux,
    definition: azureDefinition,
    path: '/azurelinux-3.0-oval.xml',
    input: 'azurelinux-oval-3.0',
    body: (xml: string): string | Uint8Array => xml,
    good: flawOval([flaw]),
    none: flawOval([]),
    odd: flawOval(twenty.map((id) => ({ ...flaw, id, class: 'patch' }))),
  },
];

describe.each(vendors)(
  'a fetch of OVAL of $rebuild.id that fails leaves the last good snapshot',
  ({ rebuild, definition, path, input, body, good, none, odd }) => {
    async function fetchFrom(origin: string, store: SnapshotStore): Promise<Snapshot[]> {
      const http = createHttp({ env: {}, limits: hurriedLimits });
      const own = { ...definition, oval: origin, packages: origin };
      try {
        return await rebuildSource(rebuild, own).fetch({ http, store, now: new Date(), progress: () => {} });
      } finally {
        await http.close();
      }
    }

    const bad = [
      // A body of text is refused at its first bytes, before it is cut or stops.
      ...misbehaviours.map((each) =>
        /^a body that (?:is always cut|stops coming)$/.test(each.name)
          ? { ...each, code: 'SOURCE_MALFORMED' }
          : each,
      ),
      { name: 'a web page', behaviour: webPage, code: 'SOURCE_MALFORMED' },
      { name: 'no bytes', behaviour: send(''), code: 'SOURCE_MALFORMED' },
      { name: 'an end in the middle', behaviour: send(body(good.slice(0, -40))), code: 'SOURCE_MALFORMED' },
      { name: 'no definition', behaviour: send(body(none)), code: 'SOURCE_MALFORMED' },
      { name: 'definitions in another form', behaviour: send(body(odd)), code: 'SOURCE_MALFORMED' },
      { name: 'another document', behaviour: send(body('<html/>')), code: 'SOURCE_MALFORMED' },
    ];

    it.each(bad)('$name', async ({ behaviour, code }) => {
      const behaviours: Record<string, Behaviour> = { [path]: dated(body(good), '"e1"') };
      await using server = await serve(behaviours);
      const store = openSnapshotStore(temporaryFolder());
      const last = await fetchFrom(server.origin, store);
      expect(last.map(({ id }) => id)).toEqual([input]);
      behaviours[path] = behaviour;

      await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code });
      expect((await store.list(rebuild.id)).map(({ sha256 }) => sha256)).toEqual(
        last.map(({ sha256 }) => sha256),
      );
      for (const snapshot of last) expect(readFileSync(store.path(snapshot))).toHaveLength(snapshot.size);
    });

    it('a server that has none of the documents is an error', async () => {
      await using server = await serve({});
      await expect(fetchFrom(server.origin, openSnapshotStore(temporaryFolder()))).rejects.toMatchObject({
        code: 'FETCH_NOT_FOUND',
        remedy: expect.stringContaining(`feeds/${rebuild.id}.json`),
      });
    });
  },
);
