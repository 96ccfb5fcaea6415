import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/openeuler.json' with { type: 'json' };
import { flawTree } from '../../../../src/distros/rebuild/flaw-tree.ts';
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { openEuler } from '../../../../src/distros/rebuilds.ts';
import { createHttp } from '../../../../src/io/http/create-http.ts';
import { openSnapshotStore } from '../../../../src/sources/snapshots.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { serve } from '../../../support/http-server.ts';
import { dated, hurriedLimits, send, webPage } from '../../../support/misbehaviour.ts';
import { readSource } from '../../../support/read-source.ts';
import { type CollectingSink, collectingSink, findingCounts } from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { unreadCounts } from '../../../support/unread.ts';
import { type CsafFlaw, csafDocument, pathOf, writeOpenEulerMirror } from './world.ts';

async function readMirror(...flaws: Parameters<typeof writeOpenEulerMirror>[0]): Promise<CollectingSink> {
  return readFrom(writeOpenEulerMirror(flaws));
}

async function readFrom(mirror: string): Promise<CollectingSink> {
  return readSource(rebuildSource(openEuler, definition), mirror);
}

function counts({ ledger }: CollectingSink): Record<string, number> {
  const { release_absent: _, digest_absent: __, ...others } = findingCounts(ledger);
  return others;
}

const tree = flawTree({ rebuild: openEuler, definition });

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ platform, package: name, fixed, arch }) =>
    [platform, name, fixed, ...(arch ?? [])].join(' '),
  );

const vim: CsafFlaw = {
  cve: 'CVE-2025-29768',
  fixed: {
    '22.03-LTS-SP3': ['vim-common-9.0-33.oe2203sp3.x86_64', 'vim-common-9.0-33.oe2203sp3.aarch64'],
    '24.03-LTS': ['vim-9.0.2092-18.oe2403.src', 'vim-debuginfo-9.0.2092-18.oe2403.x86_64'],
    '21.09': ['vim-common-8.2-1.oe1.x86_64'],
  },
};

describe("openEuler's CSAF documents", () => {
  it('a release is a product, service packs apart; files of packages name builds without an epoch', async () => {
    const sink = await readMirror(vim);
    expect(rows(sink)).toEqual(['openeuler-22.03-lts-sp3 vim-common 9.0-33.oe2203sp3']);
    expect(sink.statements[0]).toMatchObject({
      severity: 'medium',
      advisories: ['openEuler-SA-2026-1000'],
      evidence: 'openeuler-csaf#{year}/csaf-openeuler-{cve}.json/vulnerabilities/0/product_status/fixed',
    });
    expect(sink.platforms.map(({ platform }) => platform.os)).toEqual([
      { id: 'openeuler', version: '22.03-LTS-SP3' },
    ]);
    expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([
      5,
      2,
      { '-source_package': 1, '-debug_package': 1, '-other_release': 1 },
    ]);
  });

  it('a live patch (HotPatchSA) fixes no kernel: it is a package of its own name, and its advisories are not read', async () => {
    const patch = 'patch-kernel-5.10.0-136.12.0.86.oe2203sp3-ACC-1-5.x86_64';
    const sink = await readMirror({ ...vim, fixed: { '22.03-LTS-SP3': [patch] } });

    expect(rows(sink)).toEqual(['openeuler-22.03-lts-sp3 patch-kernel-5.10.0-136.12.0.86.oe2203sp3-ACC 1-5']);
    expect(tree.isPath('2024/csaf-openeuler-cve-2024-1085.json')).toBe(true);
    expect(tree.isPath('2024/csaf-openEuler-HotPatchSA-2024-1025.json')).toBe(false);
  });

  it('builds that differ by architecture stand beside each other; of several of one the highest counts', async () => {
    const files = ['perf-6.6-57.x86_64', 'perf-6.6-59.aarch64', 'bpftool-1-9.x86_64', 'bpftool-1-10.x86_64'];
    const sink = await readMirror({ ...vim, fixed: { '24.03-LTS': files } });
    expect(rows(sink).sort()).toEqual([
      'openeuler-24.03-lts bpftool 1-10',
      'openeuler-24.03-lts perf 6.6-57 x86_64',
      'openeuler-24.03-lts perf 6.6-59 aarch64',
    ]);
    expect(counts(sink)).toEqual({ several_builds: 1 });
  });

  it('a status that is named twice is refused: readers differ in which of the two counts', () => {
    const twice = JSON.stringify(csafDocument(vim)).replace('"fixed":', '"fixed":[],"fixed":');
    expect(() => tree.read(Buffer.from(twice), pathOf(vim))).toThrow(/each name once/);
  });

  it('a document with thousands of builds, advisories, threats and flags is read in linear time', () => {
    const product = 'openEuler-24.03-LTS';
    const many = Array.from({ length: 10_000 }, (_, at) => at);
    const files = many.map((at) => `zlib-1.${at}-1.a${at}`);
    const ids = files.map((file) => `${product}:${file}`);
    const url = 'https://www.openeuler.org/?id=openEuler-SA-2026-';
    const text = JSON.stringify({
      document: { tracking: { id: 'CVE-2026-1000' } },
      product_tree: {
        branches: [product, ...files.map((file) => `${file}.rpm`)].map((id) => ({
          category: 'product_version',
          product: { product_id: id },
        })),
        relationships: files.map((file) => ({
          full_product_name: { product_id: `${product}:${file}` },
          product_reference: `${file}.rpm`,
          relates_to_product_reference: product,
        })),
      },
      vulnerabilities: [
        {
          product_status: { fixed: [...ids, ':'.repeat(20_000)] },
          remediations: many.map((at) => ({
            category: 'vendor_fix',
            url: `${url}${1000 + at}`,
            product_ids: [ids[0]],
          })),
          threats: many.map((at) => ({ category: 'impact', details: at === 9999 ? 'High' : 'Low' })),
          flags: many.map(() => ({ label: 'component_not_present' })),
        },
      ],
    });
    const { vulnerabilities, used } = tree.read(Buffer.from(text), pathOf(vim));
    expect(used).toBe(10_000);
    expect(vulnerabilities[0]!.rows).toHaveLength(10_000);
    expect(vulnerabilities[0]!.rows[0]!.claim.severity).toBe('high');
  }, 20_000);

  it('a status that openEuler has not used so far leaves its packages unread', async () => {
    const others = { recommended: { '24.03-LTS': ['curl-8.4.0-1.oe2403.x86_64'] } };
    const sink = await readMirror({ ...vim, others });
    expect(counts(sink)).toMatchObject({ '-unknown_status': 1 });
    expect(unreadCounts(sink.ledger, 'openeuler-24.03-lts')).toEqual([['curl', 1]]);
  });

  it('a document that is no JSON is a finding, and the packages that it names are unread', async () => {
    const text = JSON.stringify(csafDocument({ ...vim, cve: 'CVE-2024-50187' })).replace('}]', '},]');
    const sink = await readMirror(vim, ['CVE-2024-50187', text]);
    expect(rows(sink)).toHaveLength(1);
    expect(counts(sink)).toMatchObject({ '-document_malformed': 1 });
    expect(unreadCounts(sink.ledger, 'openeuler-22.03-lts-sp3').map(([name]) => name)).toContain(
      'vim-common',
    );
  });
});

describe('a fetch of the documents in the index', () => {
  const base = '/security/data/csaf/cve';
  const path = (flaw: CsafFlaw) => `${base}/${pathOf(flaw)}`;
  const other = { ...vim, cve: 'CVE-2026-2000', fixed: { '24.03-LTS': ['vim-common-9.1-1.oe2403.x86_64'] } };
  const text = (flaw: CsafFlaw) => JSON.stringify(csafDocument(flaw));

  async function fetchFrom(origin: string, store = openSnapshotStore(temporaryFolder())) {
    const http = createHttp({ env: {}, limits: hurriedLimits });
    const limits = { ...definition.limits, pauseMilliseconds: 1, tries: 2 };
    const own = { ...definition, documents: origin + base, packages: origin, limits };
    const source = rebuildSource(openEuler, own);
    try {
      const inputs = await source.fetch({ http, store, now: new Date(), progress: () => {} });
      const sink = collectingSink('openeuler');
      await source.read(inputs, store, sink);
      return sink;
    } finally {
      await http.close();
    }
  }

  it('asks for what has changed; one that can no longer be read or is gone leaves the last good one', async () => {
    const index = `${pathOf(vim)}\n${pathOf(other)}\n`;
    let sent = 0;
    const good = (flaw: CsafFlaw) => {
      const modified = 'Tue, 24 Nov 2026 10:00:00 GMT';
      return (request: Parameters<typeof webPage>[0], response: Parameters<typeof webPage>[1]) => {
        if (request.headers['if-modified-since'] === modified) response.writeHead(304).end();
        else {
          sent += 1;
          response.writeHead(200, { 'last-modified': modified }).end(text(flaw));
        }
      };
    };
    const behaviours = {
      [`${base}/index.txt`]: send(index),
      [path(vim)]: good(vim),
      [path(other)]: good(other),
    };
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    expect((await fetchFrom(server.origin, store)).statements).toHaveLength(2);
    expect((await fetchFrom(server.origin, store)).statements).toHaveLength(2);
    expect(sent).toBe(2);

    behaviours[path(vim)] = webPage;
    const stale = await fetchFrom(server.origin, store);
    expect(stale.statements.map(({ marks }) => marks ?? []).sort()).toEqual([[], ['stale']]);
    expect(counts(stale)).toMatchObject({ '-document_malformed': 1 });

    behaviours[path(vim)] = good(vim);
    expect(counts(await fetchFrom(server.origin, store))).toEqual(
      counts(await fetchFrom(server.origin, store)),
    );
    expect((await fetchFrom(server.origin, store)).statements.flatMap(({ marks = [] }) => marks)).toEqual([]);

    behaviours[`${base}/index.txt`] = send(`${pathOf(other)}\n../../etc/passwd\n`);
    const fewer = await fetchFrom(server.origin, store);
    expect([fewer.statements.length, counts(fewer)]).toEqual([1, { malformed_change: 1 }]);
  });

  it.each([
    ['a web page', webPage, 'SOURCE_MALFORMED'],
    ['a list that is cut', dated(`${pathOf(vim)}\n2026/csaf-openeul`, '"2"'), 'SOURCE_MALFORMED'],
  ])('an index that is %s leaves the last good snapshot', async (_, behaviour, code) => {
    const behaviours = {
      [`${base}/index.txt`]: dated(`${pathOf(vim)}\n`, '"1"'),
      [path(vim)]: dated(text(vim), '"1"'),
    };
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    await fetchFrom(server.origin, store);
    const last = await store.list('openeuler');
    behaviours[`${base}/index.txt`] = behaviour;
    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code });
    expect(await store.list('openeuler')).toEqual(last);
  });

  it('an index with no document that can be read is refused, and a server without one is an error', async () => {
    const flaws = Array.from({ length: 30 }, (_, at) => ({ ...vim, cve: `CVE-2026-${1000 + at}` }));
    const index = send(flaws.map((flaw) => `${pathOf(flaw)}\n`).join(''));
    const pages = Object.fromEntries(flaws.map((flaw) => [path(flaw), webPage]));
    await using server = await serve({ [`${base}/index.txt`]: index, ...pages });
    await expect(fetchFrom(server.origin)).rejects.toMatchObject({ code: 'SOURCE_OVER_BUDGET' });
    await using empty = await serve({});
    await expect(fetchFrom(empty.origin)).rejects.toMatchObject({
      code: 'FETCH_NOT_FOUND',
      remedy: expect.stringContaining('feeds/openeuler.json'),
    });
  });
});

const real = 'mirror/repo.openeuler.org/security/data/csaf/cve/index.txt';

describe.skipIf(!hasData(real))("openEuler's own documents", () => {
  it('every product id is used or counted; the one that is no JSON names its packages', async () => {
    expect(readFileSync(dataPath(real), 'utf8').trim().split('\n')).toHaveLength(3);
    const sink = await readFrom(dataPath('mirror'));
    const dropped = Object.entries(counts(sink)).flatMap(([reason, count]) =>
      reason.startsWith('-') ? [count] : [],
    );
    expect(sink.ledger.records).toBe(sink.ledger.used + dropped.reduce((sum, count) => sum + count, 0));
    expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([
      140,
      77,
      {
        '-debug_package': 54,
        '-document_malformed': 1,
        '-source_package': 8,
      },
    ]);
    expect(new Set(sink.platforms.map(({ platform }) => platform.id)).size).toBe(5);
    expect(unreadCounts(sink.ledger, 'openeuler-24.03-lts').map(([name]) => name)).toContain('kernel');
  });
});
