import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/fedora.json' with { type: 'json' };
import { advisoryPage } from '../../../../src/distros/pages.ts';
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { readUpdateLists } from '../../../../src/distros/rebuild/updates-read.ts';
import { fedora } from '../../../../src/distros/rebuilds.ts';
import { createHttp } from '../../../../src/io/http/create-http.ts';
import { KnownErrata } from '../../../../src/sources/errata/osv.ts';
import { openSnapshotStore } from '../../../../src/sources/snapshots.ts';
import { readUpdates } from '../../../../src/sources/updateinfo/read.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { readSource } from '../../../support/read-source.ts';
import {
  bodyOf,
  type CollectingSink,
  collectingSink,
  findingCounts,
  flawSink,
} from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { unreadCounts } from '../../../support/unread.ts';
import { updateElement } from '../../../support/updateinfo.ts';
import { bodhiUpdate, writeFedoraMirror } from './world.ts';

type Updates = NonNullable<Parameters<typeof writeFedoraMirror>[0][string]['x86_64']>;

async function readLists(x86_64: Updates, aarch64: Updates = []): Promise<CollectingSink> {
  return readSource(rebuildSource(fedora, definition), writeFedoraMirror({ 43: { x86_64, aarch64 } }), {
    sink: flawSink('fedora'),
    now: new Date('2026-12-01'),
  });
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ vulnerability, package: name, fixed, arch }) =>
    [vulnerability, name, fixed, arch?.join('+')].filter(Boolean).join(' '),
  );

/** Without the release that no test has updates of. */
function counts({ ledger }: CollectingSink): Record<string, number> {
  const { release_absent: _, channel_absent: __, ...others } = findingCounts(ledger);
  return others;
}

const bind = bodhiUpdate({
  id: 'FEDORA-2026-0a1b2c3d4e',
  packages: ['bind-32:9.18.34-1.fc43.x86_64'],
  bugs: [
    'CVE-2024-11187 bind: many records in the additional section [fedora-43]',
    'TRIAGE CVE-2024-12705 bind: DNS-over-HTTPS under heavy query load',
    'bind-9.18.34 is available',
  ],
});

describe("Fedora's updates", () => {
  it('name their CVEs in titles of bugs, and every row is accounted for', async () => {
    const sink = await readLists([bind]);
    expect(rows(sink)).toEqual([
      'CVE-2024-11187 bind 32:9.18.34-1.fc43 x86_64',
      'CVE-2024-12705 bind 32:9.18.34-1.fc43 x86_64',
    ]);
    expect(sink.statements[0]).toMatchObject({
      platform: 'fedora-43',
      status: 'fixed',
      severity: 'high',
      subject: 'binary',
      advisories: ['FEDORA-2026-0a1b2c3d4e'],
      evidence: 'fedora-updateinfo-updates-43-Everything-x86_64#{advisory}',
    });
    expect(sink.platforms).toMatchObject([
      {
        platform: { id: 'fedora-43', aliases: ['fedora43'], life: [{ until: '2026-12-09' }] },
        data: { marks: ['fixes_only', 'newest_updates_only', 'no_package_list'], severalErrata: true },
      },
    ]);
    expect(advisoryPage('fedora', 'FEDORA-2026-0a1b2c3d4e')).toBe(
      'https://bodhi.fedoraproject.org/updates/FEDORA-2026-0a1b2c3d4e',
    );
    expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([1, 1, {}]);
  });

  it('of several lists have the rows of all, each once', async () => {
    const other = {
      ...bind,
      packages: ['bind-32:9.18.34-1.fc43.aarch64', 'bind-doc-32:9.18.34-1.fc43.noarch'],
    };
    const first = { ...bind, packages: [...bind.packages, 'bind-doc-32:9.18.34-1.fc43.noarch'] };
    const sink = await readLists([first], [other]);
    expect(rows(sink)).toEqual([
      'CVE-2024-11187 bind 32:9.18.34-1.fc43 aarch64+x86_64',
      'CVE-2024-12705 bind 32:9.18.34-1.fc43 aarch64+x86_64',
      'CVE-2024-11187 bind-doc 32:9.18.34-1.fc43',
      'CVE-2024-12705 bind-doc 32:9.18.34-1.fc43',
    ]);
    expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([4, 3, { '-repeated': 1 }]);
  });

  it('of several lists have the flaws of all', async () => {
    const update = (flaw: string) =>
      bodhiUpdate({ id: 'FEDORA-2026-00000009', packages: bind.packages, bugs: [`${flaw} bind: a leak`] });
    expect(rows(await readLists([update('CVE-2026-1000')], [update('CVE-2026-2000')]))).toEqual([
      'CVE-2026-1000 bind 32:9.18.34-1.fc43 x86_64',
      'CVE-2026-2000 bind 32:9.18.34-1.fc43 x86_64',
    ]);
  });

  it('that name CVEs in the description alone are used, and told; not those of bug fixes', async () => {
    const browser = bodhiUpdate({
      id: 'FEDORA-2026-00000001',
      packages: ['chromium-150.0.1-1.fc43.x86_64'],
      description: `Update to 150.0.1\n${'* High CVE-2026-11395: Type confusion in V8\n'.repeat(100)}`,
    });
    const sink = await readLists([browser, { ...browser, id: 'FEDORA-2026-00000002', type: 'bugfix' }]);
    expect(rows(sink)).toEqual(['CVE-2026-11395 chromium 0:150.0.1-1.fc43 x86_64']);
    expect(counts(sink)).toEqual({ cve_in_description: 1, '-no_vulnerability': 1 });
  });

  it('without a CVE are a flaw under their own id, and told', async () => {
    const silent = bodhiUpdate({ id: 'FEDORA-2026-00000003', packages: bind.packages });
    const alone = await readLists([silent]);
    expect(rows(alone)).toEqual(['FEDORA-2026-00000003 bind 32:9.18.34-1.fc43 x86_64']);
    expect(counts(alone)).toEqual({ security_erratum_without_cve: 1 });
  });

  it('of bug fixes are of no flaw, unless a bug names one', async () => {
    const sink = await readLists([
      { ...bind, type: 'bugfix' },
      bodhiUpdate({
        id: 'FEDORA-2026-00000004',
        type: 'enhancement',
        packages: ['zlib-1.3.1-2.fc43.x86_64'],
      }),
    ]);
    expect(rows(sink)).toHaveLength(2);
    expect(counts(sink)).toEqual({ '-no_vulnerability': 1 });
  });

  it.each(['EPEL-10', 'F42', 'F43M'])('of the collection %s are not of the release', async (collection) => {
    const other = { ...bind, id: 'FEDORA-EPEL-2026-00000005', collection };
    const sink = await readLists([bind, other]);
    expect(rows(sink)).toHaveLength(2);
    expect(counts(sink)).toEqual({ '-other_release': 1 });
  });

  it('source and debug packages are counted', async () => {
    const more = ['bind-32:9.18.34-1.fc43.src', 'bind-debuginfo-32:9.18.34-1.fc43.x86_64'];
    const sink = await readLists([{ ...bind, packages: [...bind.packages, ...more] }]);
    expect(rows(sink)).toHaveLength(2);
    expect(counts(sink)).toEqual({ '-source_package': 1, '-debug_package': 1 });
  });

  it('a row or an update of another form leaves its package unread', async () => {
    const row = updateElement(bind).replace('version="9.18.34"', 'version="9-18"');
    const update = updateElement({ ...bind, packages: ['zlib-1.3.1-2.fc43.x86_64'] }).replace(
      /<id>.*<\/id>/,
      '',
    );
    const sink = await readLists([
      { ...bind, id: 'FEDORA-2026-00000006', packages: ['curl-8-1.fc43.x86_64'] },
      row,
      update,
    ]);
    expect(counts(sink)).toEqual({ '-wrong_type': 2 });
    expect(unreadCounts(sink.ledger, 'fedora-43')).toEqual([
      ['bind', 1],
      ['zlib', 1],
    ]);
  });

  it('without those of one architecture the release is left out: its images would look clean', async () => {
    const http = createHttp({ mirror: writeFedoraMirror({ 43: { x86_64: [bind] } }) });
    const store = openSnapshotStore(temporaryFolder());
    const source = rebuildSource(fedora, definition);
    const sink = collectingSink('fedora');
    const context = { http, store, now: new Date('2026-12-01'), progress: () => undefined };
    await source.read(await source.fetch(context), store, sink);
    await http.close();
    expect(sink.platforms).toEqual([]);
    expect(findingCounts(sink.ledger)).toEqual({ release_absent: 2, channel_absent: 3 });
  });

  it('keep the last good list where one has gone bad, and all of the release are marked', async () => {
    const store = openSnapshotStore(temporaryFolder());
    const source = rebuildSource(fedora, definition);
    const fetchFrom = async (x86_64: Updates, aarch64: Updates) => {
      const http = createHttp({ mirror: writeFedoraMirror({ 43: { x86_64, aarch64 } }) });
      const context = { http, store, now: new Date('2026-12-01'), progress: () => undefined };
      const snapshots = await source.fetch(context);
      await http.close();
      return snapshots.map(({ id, sha256, refused }) => [id, sha256, refused]);
    };
    const good = await fetchFrom([bind], [bind]);
    expect(good).toHaveLength(4);
    const newer = { ...bind, id: 'FEDORA-2026-00000008' };
    const kept = await fetchFrom([bind, newer], '<html/>');
    const ofArm = (all: typeof good) =>
      all.filter(([id]) => id!.endsWith('aarch64')).map(([id, sha256]) => [id, sha256]);
    expect(ofArm(kept).sort()).toEqual(ofArm(good).sort());
    expect(new Set(kept.map(([, , refused]) => refused))).toEqual(new Set(['SOURCE_MALFORMED']));
  });

  it('nowhere are an error, as is a list of others', async () => {
    const gone = rebuildSource(fedora, definition);
    const http = createHttp({ mirror: temporaryFolder() });
    const context = {
      http,
      store: openSnapshotStore(temporaryFolder()),
      now: new Date(),
      progress: () => undefined,
    };
    await expect(gone.fetch(context)).rejects.toMatchObject({ code: 'FETCH_NOT_FOUND' });
    await http.close();
    const others = Array.from({ length: 20 }, (_, at) => ({
      ...bind,
      id: `FEDORA-2026-${at}`,
      collection: 'F42',
    }));
    await expect(readLists([bind, ...others])).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it('that name more vulnerabilities than any does are not read', async () => {
    const bugs = Array.from({ length: 2001 }, (_, at) => `CVE-2026-${10_000 + at}`);
    const sink = await readLists([
      bind,
      bodhiUpdate({ id: 'FEDORA-2026-00000007', packages: bind.packages, bugs }),
    ]);
    expect(counts(sink)).toEqual({ '-wrong_type': 1 });
    expect(unreadCounts(sink.ledger, 'fedora-43')).toEqual([['bind', 1]]);
  });
});

const fixtures =
  'vendors/fedora/MaineK00n+vuls-data-update/pkg/fetch/fedora/updateinfo/testdata/fixtures/happy'.split('/');
const modular = [...fixtures, 'archive/fedora/linux/updates/38/Modular/x86_64/repodata'];

describe.skipIf(!hasData(...fixtures))('a real list of updates', () => {
  const folder = dataPath(...modular);
  const list = readdirSync(folder).find((name) => name.endsWith('updateinfo.xml.xz'))!;
  const text = execFileSync('xz', ['--decompress', '--stdout', `${folder}/${list}`]);

  it('of 38 Modular names its CVEs in titles of bugs and the description, and no package', async () => {
    const told: unknown[] = [];
    await readUpdates(bodyOf(text), list, (read) => told.push(read));
    expect(told).toMatchObject([
      {
        update: {
          id: 'FEDORA-MODULAR-2024-deafa21e1d',
          security: true,
          severity: 'Important',
          cves: [],
          titled: ['CVE-2024-24989', 'CVE-2024-24990'],
          described: ['CVE-2024-24989', 'CVE-2024-24990'],
          collections: ['F38M'],
          packages: [],
        },
      },
    ]);
  });

  it('is accounted for, as of its own collection and of the release', async () => {
    for (const [collection, reason] of [
      ['F38M', '-no_packages'],
      ['F38', '-other_release'],
    ]) {
      const store = openSnapshotStore(temporaryFolder());
      const origin = { source: 'fedora', url: 'https://example.test/updateinfo.xml' };
      const input = await store.save({ ...origin, id: 'fedora-updateinfo-38' }, bodyOf(text));
      const sink = collectingSink('fedora');
      const release = { ...definition.releases[0]!, major: '38', updates: ['38'] };
      const reading = readUpdateLists({
        rebuild: { ...fedora, updates: { collection: collection! } },
        definition: { ...definition, releases: [release] },
        snapshots: [input],
        store,
        out: sink,
        known: new KnownErrata('Fedora'),
      });
      // A list that has nothing of its release is refused.
      if (reason === '-other_release')
        await expect(reading).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
      else await reading;
      expect(findingCounts(sink.ledger)[reason!]).toBe(1);
      expect([sink.ledger.records, sink.ledger.used, sink.platforms]).toEqual([1, 0, []]);
    }
  });

  it('43 has a list in repomd.xml, packed by zstd, which is what is read of it', () => {
    const repomd = readFileSync(
      dataPath(...fixtures, 'fedora/linux/updates/43/Everything/x86_64/repodata/repomd.xml'),
      'utf8',
    );
    expect(repomd).toMatch(/<data type="updateinfo">[\s\S]*?updateinfo\.xml\.zst/);
  });
});
