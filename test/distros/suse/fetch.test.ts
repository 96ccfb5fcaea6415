import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { suseDefinition } from '../../../src/distros/suse/definition.ts';
import { createSource } from '../../../src/distros/suse/source.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import { type Behaviour, serve } from '../../support/http-server.ts';
import {
  dated,
  hurriedLimits,
  misbehaviours,
  send,
  status,
  unasked304,
  webPage,
} from '../../support/misbehaviour.ts';
import { type CollectingSink, collectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type SuseMirror, type SuseVex, writeSuseMirror } from './world.ts';

const product = 'SUSE Linux Enterprise Server 15 SP5';
const unfixed: SuseVex = { id: 'CVE-2026-1000', status: { known_affected: [`${product}:bash`] } };
const fixed: SuseVex = { ...unfixed, status: { recommended: [`${product}:bash-4.4-150400.27.1`] } };
const path = '/csaf-vex/cve-2026-1000.json';

const before: SuseMirror = { archive: [unfixed] };
const after: SuseMirror = { archive: [fixed], changed: [fixed] };

/** SUSE's server in a state: the archive, changes.csv, and changed documents with their digests. */
function filesOf(mirror: SuseMirror): Record<string, Behaviour> {
  const root = join(writeSuseMirror(mirror), 'ftp.suse.com/pub/projects/security');
  const names = [
    'csaf-vex.tar.bz2',
    ...readdirSync(join(root, 'csaf-vex')).map((name) => `csaf-vex/${name}`),
  ];
  return Object.fromEntries(
    names.map((name) => {
      const content = readFileSync(join(root, name));
      const modified = 'Fri, 20 Nov 2026 12:00:00 GMT';
      return [`/${name}`, dated(content, `"${content.length}"`, modified)];
    }),
  );
}

async function fetchFrom(origin: string, store: SnapshotStore, archiveAbove = 100): Promise<Snapshot[]> {
  const http = createHttp({ env: {}, limits: hurriedLimits });
  const limits = { ...suseDefinition.limits, pauseMilliseconds: 1, tries: 2, archiveAbove };
  const definition = {
    ...suseDefinition,
    tree: `${origin}/csaf-vex/`,
    archive: `${origin}/csaf-vex.tar.bz2`,
    packages: origin,
    limits,
  };
  try {
    return await createSource(definition).fetch({ http, store, now: new Date(), progress: () => {} });
  } finally {
    await http.close();
  }
}

async function read(snapshots: readonly Snapshot[], store: SnapshotStore): Promise<CollectingSink> {
  const sink = collectingSink('suse');
  await createSource(suseDefinition).read(snapshots, store, sink);
  return sink;
}

const statuses = ({ statements }: CollectingSink) => [...new Set(statements.map((one) => one.status))];

/** A server of the state before, from which all is fetched, and then that of the state after with one thing wrong. */
async function fetched(
  bad: Record<string, Behaviour>,
  archiveAbove?: number,
  then = after,
): Promise<{ last: Snapshot[]; store: SnapshotStore; again: Promise<Snapshot[]> }> {
  const behaviours = filesOf(before);
  const server = await serve(behaviours);
  const store = openSnapshotStore(temporaryFolder());
  const last = await fetchFrom(server.origin, store, archiveAbove);
  for (const name of Object.keys(behaviours)) delete behaviours[name];
  Object.assign(behaviours, filesOf(then), bad);
  const again = fetchFrom(server.origin, store, archiveAbove).finally(() => server[Symbol.asyncDispose]());
  return { last, store, again };
}

describe('a good server', () => {
  it('gives the archive once, then what changed', async () => {
    const { last, store, again } = await fetched({});
    expect(statuses(await read(last, store))).toEqual(['affected']);
    const sink = await read(await again, store);
    expect(statuses(sink)).toEqual(['fixed']);
    expect(findingCounts(sink.ledger)).toEqual({ signature_unchecked: 1 });
  });
});

describe('an archive that does not come leaves the last good one', () => {
  it.each([
    ...misbehaviours,
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_MALFORMED' },
    { name: 'no bytes', behaviour: send(''), code: 'SOURCE_MALFORMED' },
    { name: 'not modified, unasked', behaviour: unasked304, code: 'FETCH_FAILED' },
    { name: 'gone', behaviour: status(404), code: 'FETCH_NOT_FOUND' },
  ])('$name', async ({ behaviour, code }) => {
    const { last, store, again } = await fetched({ '/csaf-vex.tar.bz2': behaviour }, 0);
    await expect(again).rejects.toMatchObject({ code });
    const held = (await store.list('suse')).find(({ id }) => id.endsWith('-archive'));
    expect(held?.sha256).toBe(last.find(({ id }) => id.endsWith('-archive'))!.sha256);
    expect(statuses(await read(last, store))).toEqual(['affected']);
  });

  it('of other bytes than its digest says, too', async () => {
    const wrong = { '/csaf-vex.tar.bz2.sha256': send(`${'0'.repeat(64)}  csaf-vex.tar.bz2\n`) };
    const { again } = await fetched(wrong, 0);
    await expect(again).rejects.toMatchObject({ code: 'SOURCE_DIGEST_WRONG' });
  });
});

describe('a list of changes that does not come leaves the last good snapshots', () => {
  it.each([
    ...misbehaviours,
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_MALFORMED' },
    { name: 'no lines', behaviour: send(''), code: 'SOURCE_MALFORMED' },
    { name: 'cut within a line', behaviour: send('"cve-2026-1000.js'), code: 'SOURCE_MALFORMED' },
    {
      name: 'more lines than there are documents',
      behaviour: send(`"cve-2026-1000.json","2026-01-02T00:00:00+00:00"\n${'x\n'.repeat(1_000_001)}`),
      code: 'SOURCE_TOO_LARGE',
    },
    {
      name: 'paths out of the tree alone',
      behaviour: send('"../../cve-2026-1000.json","2026-01-02T00:00:00+00:00"\n'),
      code: 'SOURCE_MALFORMED',
    },
  ])('$name', async ({ behaviour, code }) => {
    const { last, store, again } = await fetched({ '/csaf-vex/changes.csv': behaviour });
    await expect(again).rejects.toMatchObject({ code });
    expect(await store.list('suse')).toEqual([...last].sort((a, b) => (a.id < b.id ? -1 : 1)));
  });
});

it('a list of changes with lines that are none is used, and each of them is a finding', async () => {
  const lines = [
    '"../cve-2026-1.json","2026-01-02T00:00:00+00:00"',
    '"https://example.org/cve-2026-1.json","2026-01-02T00:00:00+00:00"',
    '"cve-2026-1.json","2026-13-45T00:00:00+00:00"',
    '"cve-2026-1.json","tomorrow"',
    `"${'c'.repeat(1 << 20)}","2026-01-02T00:00:00+00:00"`,
    '<html>',
  ];
  const changes = `${lines.join('\n')}\n${'\n'.repeat(30_000_000)}"cve-2026-1000.json","2020-01-01T00:00:00+00:00"\n`;
  const { store, again } = await fetched({ '/csaf-vex/changes.csv': send(changes) });
  const sink = await read(await again, store);
  expect(findingCounts(sink.ledger)).toMatchObject({ malformed_change: lines.length });
});

describe('a changed document', () => {
  it.each(misbehaviours)(
    'that does not come ends the fetch, and the last good one stays: $name',
    async (one) => {
      const { last, store, again } = await fetched({ [path]: one.behaviour });
      await expect(again).rejects.toMatchObject({ code: one.code });
      expect(statuses(await read(last, store))).toEqual(['affected']);
    },
  );

  it.each([
    { name: 'a web page', behaviour: webPage, finding: 'signature_rejected' },
    { name: 'cut', behaviour: send('{"document":'), finding: 'signature_rejected' },
    { name: 'no bytes', behaviour: send(''), finding: 'signature_rejected' },
    { name: 'gone', behaviour: status(404), finding: 'document_absent' },
  ])('that is not what was announced is a finding, and its last good version stays: $name', async (one) => {
    const { store, again } = await fetched({ [path]: one.behaviour });
    const sink = await read(await again, store);
    expect(statuses(sink)).toEqual(['affected']);
    expect(findingCounts(sink.ledger)).toEqual({ signature_unchecked: 1, [one.finding]: 1 });
    expect(sink.statements.every(({ marks }) => marks?.includes('stale'))).toBe(true);
    expect(sink.ledger.hasUnreadRecords('sles-15.5')).toBe(false);
  });

  it.each([
    { name: 'of another digest', behaviour: send('{"document":{}}'), reason: 'signature_rejected' },
    { name: 'cut', behaviour: send('{"document":'), reason: 'signature_rejected' },
    { name: 'not JSON', behaviour: webPage, reason: 'signature_rejected' },
    { name: 'no document', behaviour: send('{}'), digest: status(404), reason: 'document_malformed' },
    { name: 'not there', behaviour: status(404), reason: 'document_absent' },
  ])('of which there is no earlier version leaves no platform whole: $name', async (one) => {
    const other = '/csaf-vex/cve-2026-2000.json';
    const { store, again } = await fetched(
      { [other]: one.behaviour, ...(one.digest && { [`${other}.sha256`]: one.digest }) },
      undefined,
      { ...after, changed: [fixed, { ...fixed, id: 'CVE-2026-2000' }] },
    );
    const sink = await read(await again, store);
    expect(statuses(sink)).toEqual(['fixed']);
    expect(findingCounts(sink.ledger)).toMatchObject({
      [one.reason === 'document_malformed' ? `-${one.reason}` : one.reason]: 1,
    });
    expect(sink.ledger.hasUnreadRecords('sles-15.5')).toBe(true);
  });

  it('that cannot be read is a finding, whatever its digest; the last good version stays', async () => {
    const { store, again } = await fetched({
      [path]: send('{"document":'),
      [`${path}.sha256`]: status(404),
    });
    const sink = await read(await again, store);
    expect(statuses(sink)).toEqual(['affected']);
    expect(findingCounts(sink.ledger)).toEqual({ signature_unchecked: 1, '-document_malformed': 1 });
  });

  it.each([
    { name: 'none', behaviour: status(404) },
    { name: 'a web page', behaviour: webPage },
  ])('whose digest is not there is taken, and a finding: $name', async ({ behaviour }) => {
    const { store, again } = await fetched({ [`${path}.sha256`]: behaviour });
    const sink = await read(await again, store);
    expect(statuses(sink)).toEqual(['fixed']);
    expect(findingCounts(sink.ledger)).toEqual({ signature_unchecked: 1, digest_absent: 1 });
  });
});
