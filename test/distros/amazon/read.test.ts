import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { topicsIn } from '../../../src/distros/amazon/catalog.ts';
import { createSource, definition } from '../../../src/distros/amazon/source.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasOracle } from '../../support/oracles.ts';
import { readSource } from '../../support/read-source.ts';
import { type CollectingSink, collectingSink, findingCounts } from '../../support/sources.ts';
import { unreadCounts } from '../../support/unread.ts';
import { type MadeUpdate, packageElement, updateElement } from '../../support/updateinfo.ts';
import { type AmazonWorld, writeAmazonMirror } from './world.ts';

async function readAll(
  world: AmazonWorld,
  more: readonly string[] = [],
): Promise<CollectingSink & { dates: string[] }> {
  const dates: string[] = [];
  const sink = {
    ...collectingSink('amazon'),
    dates,
    dated: (_: string, date: string) => void dates.push(date),
  };
  return readSource(createSource(definition), writeAmazonMirror(world, more), {
    sink,
    now: new Date('2026-12-01'),
  });
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ platform, vulnerability, package: name, fixed, channel, arch }) =>
    [platform.replace('amzn-', ''), vulnerability, name, fixed, channel, arch?.join('+')]
      .filter(Boolean)
      .join(' '),
  );

/** Without what is said of the releases that a test has no updates of. */
function counts(ledger: CollectingSink['ledger']): Record<string, number> {
  const { release_absent: _, channel_absent: __, ...others } = findingCounts(ledger);
  return others;
}

const one: MadeUpdate = {
  id: 'ALAS2-2026-1',
  cves: ['CVE-2026-1000'],
  packages: ['bash-4.2.46-34.amzn2.x86_64', 'bash-4.2.46-34.amzn2.aarch64'],
};

describe("Amazon Linux's updates", () => {
  it('a flaw whose CVE was pending is one under the id of its update (CVE-PENDING)', async () => {
    const sink = await readAll({ '2 core': [{ ...one, cves: ['CVE-PENDING', 'CVE-2026-1000'] }] });
    expect(sink.vulnerabilities.map(({ id }) => id)).toEqual(['CVE-2026-1000', 'ALAS2-2026-1']);
    expect(sink.statements).toHaveLength(1);
    expect(counts(sink.ledger)).toEqual({ unknown_vulnerability_id: 1 });
    expect(unreadCounts(sink.ledger, 'amzn-2')).toEqual([]);
  });

  it('become statements about binary packages, and every row is accounted for', async () => {
    const sink = await readAll({ '2 core': [one] });
    expect(rows(sink)).toEqual(['2 CVE-2026-1000 bash 0:4.2.46-34.amzn2 aarch64+x86_64']);
    expect(sink.statements[0]).toMatchObject({
      status: 'fixed',
      severity: 'high',
      subject: 'binary',
      advisories: ['ALAS2-2026-1'],
      evidence: 'amazon-updateinfo-2-core#{advisory}',
    });
    expect(sink.advisories).toMatchObject([
      { id: 'ALAS2-2026-1', date: '2026-09-21', url: 'https://alas.aws.amazon.com/AL2/ALAS-2026-1.html' },
    ]);
    expect(sink.platforms).toMatchObject([
      {
        platform: { id: 'amzn-2', life: [{ until: '2026-06-30' }] },
        data: { marks: ['fixes_only', 'no_package_list', 'channel_absent'], severalErrata: true },
      },
    ]);
    expect(sink.dates).toEqual(['2026-09-21T14:13:00.000Z']);
    expect([sink.ledger.records, sink.ledger.used, counts(sink.ledger)]).toEqual([2, 2, {}]);
  });

  it.each([
    ['ALAS-2018-1093', 'https://alas.aws.amazon.com/ALAS-2018-1093.html'],
    ['ALAS2KERNEL-5.4-2022-007', 'https://alas.aws.amazon.com/AL2/ALASKERNEL-5.4-2022-007.html'],
    ['ALAS2023LIVEPATCH-2023-001', 'https://alas.aws.amazon.com/AL2023/ALASLIVEPATCH-2023-001.html'],
    ['ALAS2023-2023-126', 'https://alas.aws.amazon.com/AL2023/ALAS-2023-126.html'],
  ])('%s has the page %s', async (id, url) => {
    expect((await readAll({ '2 core': [{ ...one, id }] })).advisories).toMatchObject([{ id, url }]);
  });

  it.each([
    ['critical', 'critical'],
    ['Important', 'high'],
    ['Medium', 'medium'],
    ['medium', 'medium'],
    ['Low', 'low'],
  ])('severity %s is %s, in either case (AL2023 writes a capital)', async (severity, expected) => {
    const sink = await readAll({ '2 core': [{ ...one, severity }] });
    expect([sink.statements[0]!.severity, counts(sink.ledger)]).toEqual([expected, {}]);
  });

  it('epochs count (ALAS2-2018-1002: bind 32:9.9.4)', async () => {
    const sink = await readAll({ '2 core': [{ ...one, packages: ['bind-32:9.9.4-61.amzn2.0.1.x86_64'] }] });
    expect(rows(sink)).toEqual(['2 CVE-2026-1000 bind 32:9.9.4-61.amzn2.0.1 x86_64']);
  });

  it('an update without a CVE is a flaw under its own id, and told (ALAS2023-2023-001)', async () => {
    const sink = await readAll({ '2 core': [{ ...one, cves: [] }] });
    expect(rows(sink)).toEqual(['2 ALAS2-2026-1 bash 0:4.2.46-34.amzn2 aarch64+x86_64']);
    expect(counts(sink.ledger)).toEqual({ security_erratum_without_cve: 1 });
  });

  it('a topic of the extras is a channel; one without updates has none, and one that is gone is told', async () => {
    const docker = { ...one, id: 'ALAS2DOCKER-2026-1', packages: ['docker-25.0.3-1.amzn2.0.1.x86_64'] };
    const sink = await readAll(
      { '2 core': [one], '2 extras docker': [docker], '2 extras nginx1': undefined },
      ['gone'],
    );
    expect(rows(sink)).toContain('2 CVE-2026-1000 docker 0:25.0.3-1.amzn2.0.1 docker x86_64');
    expect(findingCounts(sink.ledger)).toEqual({ release_absent: 2, channel_absent: 2 });
  });

  it('unsuffixed names beside kernel6.12 are of its line (ALAS2023-2025-935)', async () => {
    const guarded = {
      ...one,
      id: 'ALAS2023-2025-935',
      packages: [
        'kernel6.12-6.12.22-27.96.amzn2023.x86_64',
        'bpftool6.12-6.12.22-27.96.amzn2023.x86_64',
        'kernel-tools-6.12.22-27.96.amzn2023.x86_64',
      ],
    };
    const plain = { ...one, packages: ['kernel-6.1.131-143.221.amzn2023.x86_64'] };
    const sink = await readAll({
      '2023 core': [guarded, plain],
      '2023 kernel-livepatch': undefined,
      '2023 nvidia': [],
    });
    expect(rows(sink)).toEqual([
      '2023 CVE-2026-1000 kernel6.12 0:6.12.22-27.96.amzn2023 x86_64',
      '2023 CVE-2026-1000 bpftool6.12 0:6.12.22-27.96.amzn2023 x86_64',
      '2023 CVE-2026-1000 kernel-tools 0:6.12.22-27.96.amzn2023 kernel6.12 x86_64',
      '2023 CVE-2026-1000 kernel 0:6.1.131-143.221.amzn2023 x86_64',
    ]);
  });

  it('what cannot be read is a finding with its packages; the rest counts', async () => {
    const broken = updateElement(one).replace('<id>ALAS2-2026-1</id>', '<id>no id</id>');
    const row = updateElement({ ...one, id: 'ALAS2-2026-2' }).replace(
      '</collection>',
      `${packageElement('zlib-1.2.7-19.amzn2.x86_64').replace('version="1.2.7"', '')}</collection>`,
    );
    const sources = {
      ...one,
      id: 'ALAS2-2026-3',
      packages: ['bash-4.2.46-35.amzn2.src', 'bash-debuginfo-4.2.46-35.amzn2.x86_64'],
    };
    const sink = await readAll({ '2 core': [one, one, broken, row, sources] });
    expect(counts(sink.ledger)).toEqual({
      ...{ '-repeated': 2, '-wrong_type': 2, '-source_package': 1, '-debug_package': 1 },
    });
    expect([sink.ledger.records, sink.ledger.used]).toEqual([10, 4]);
    expect(unreadCounts(sink.ledger, 'amzn-2').sort()).toEqual([
      ['bash', 1],
      ['zlib', 1],
    ]);
  });

  it('one of a known id with other builds or flaws counts too, with a doubt', async () => {
    const second = { ...one, cves: ['CVE-2026-2000'], packages: ['zlib-1.2.7-19.amzn2.x86_64'] };
    const sink = await readAll({ '2 core': [one, second] });
    expect(rows(sink)).toEqual([
      '2 CVE-2026-1000 bash 0:4.2.46-34.amzn2 aarch64+x86_64',
      '2 CVE-2026-2000 zlib 0:1.2.7-19.amzn2 x86_64',
    ]);
    expect([sink.ledger.records, sink.ledger.used, counts(sink.ledger)]).toEqual([
      ...[3, 3, { several_records: 1 }],
    ]);
  });

  it('a release without the updates of its main channel is no platform, whatever its others have', async () => {
    const sink = await readAll({
      '2 core': undefined,
      '2 extras docker': [one],
      '2018.03 updates': [{ ...one, id: 'ALAS-2018-1093' }],
    });
    expect(sink.platforms.map(({ platform }) => platform.id)).toEqual(['amzn-2018.03']);
    expect(counts(sink.ledger)).toEqual({});
  });
});

describe('the catalog of extras', () => {
  const read = (value: unknown) => topicsIn(Buffer.from(JSON.stringify(value)), 'catalog');

  it('names its topics', () => {
    expect(read({ topics: [{ n: 'R3.4' }, { n: 'docker' }, { n: 'docker' }] })).toEqual(['R3.4', 'docker']);
  });

  it.each([
    [[{ n: 'emacs' }]],
    [{}],
    [{ topics: [] }],
    [{ topics: [{ n: '../x' }] }],
    [{ topics: [{ n: 1 }] }],
    [{ topics: {} }],
  ])('%j is refused', (value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'SOURCE_MALFORMED' }));
  });
});

const real = 'vendors2/amazon/rebuilt';

describe.skipIf(!hasData(real) || !hasOracle('xz'))('every real list', () => {
  it('goes through the reader: rows = used + counted findings', { timeout: 300_000 }, async () => {
    const unpacked = (path: string) =>
      execFileSync('xz', ['-dc', dataPath(real, path, 'updateinfo.xml.xz')], {
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      });
    const topics = readdirSync(dataPath(real, '2/extras'));
    const sink = await readAll({
      '2018.03 updates': unpacked('1/updates'),
      '2 core': unpacked('2/core'),
      ...Object.fromEntries(topics.map((topic) => [`2 extras ${topic}`, unpacked(`2/extras/${topic}`)])),
      '2023 core': unpacked('2023/core'),
      '2023 kernel-livepatch': unpacked('2023/kernel-livepatch'),
      '2023 nvidia': undefined,
    });
    const found = findingCounts(sink.ledger);
    const dropped = Object.entries(found).flatMap(([reason, count]) => (reason.startsWith('-') ? count : []));
    expect(sink.ledger.records).toBe(sink.ledger.used + dropped.reduce((sum, each) => sum + each, 0));
    expect([sink.ledger.records, found]).toMatchInlineSnapshot(`
      [
        73176,
        {
          "-debug_package": 14128,
          "channel_absent": 1,
          "security_erratum_without_cve": 41,
          "unknown_vulnerability_id": 2,
        },
      ]
    `);
    expect(sink.platforms.map(({ platform }) => platform.id)).toEqual([
      'amzn-2018.03',
      'amzn-2',
      'amzn-2023',
    ]);
  });
});
