import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/anolis.json' with { type: 'json' };
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { anolis } from '../../../../src/distros/rebuilds.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { readSource } from '../../../support/read-source.ts';
import { type CollectingSink, findingCounts } from '../../../support/sources.ts';
import { unreadCounts } from '../../../support/unread.ts';
import { type Ansa, writeAnolisMirror } from './world.ts';

async function readMirror(documents: Parameters<typeof writeAnolisMirror>[0]): Promise<CollectingSink> {
  return readSource(rebuildSource(anolis, definition), writeAnolisMirror(documents));
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ package: name, fixed, advisories }) => [name, fixed, ...(advisories ?? [])].join(' '));

function counts({ ledger }: CollectingSink): Record<string, number> {
  const { release_absent: _, ...others } = findingCounts(ledger);
  return others;
}

const bind: Ansa = {
  id: 'ANSA-2025:0186',
  cves: ['CVE-2024-11187'],
  rows: [
    'bind < 32:9.18.34-1.an23',
    'bind-chroot < 32:chroot-9.18.34-1.an23',
    'bind-dnssec-utils < 32:dnssec-utils-9.18.34-1.an23',
  ],
};

describe("Anolis's OVAL", () => {
  it('ANSA-2025:0186: the build of a subpackage begins with the end of its name, which is cut off and counted', async () => {
    const sink = await readMirror({ 23: [bind] });
    expect(rows(sink)).toEqual([
      'bind 32:9.18.34-1.an23 ANSA-2025:0186',
      'bind-chroot 32:9.18.34-1.an23 ANSA-2025:0186',
      'bind-dnssec-utils 32:9.18.34-1.an23 ANSA-2025:0186',
    ]);
    expect(sink.statements[0]).toMatchObject({ platform: 'anolis-23', severity: 'high' });
    expect(sink.platforms.map(({ platform }) => [platform.id, platform.os])).toEqual([
      ['anolis-23', { id: 'anolis', version: '23' }],
    ]);
    expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([3, 3, { build_with_name: 2 }]);
  });

  it('what stands before the version and is no end of the name is not understood', async () => {
    const odd = { ...bind, id: 'ANSA-2025:1', rows: ['bind-libs < 32:utils-9.18.34-1.an23'] };
    const sink = await readMirror({ 23: [bind, odd] });
    expect(rows(sink)).toHaveLength(3);
    expect(counts(sink)).toEqual({ build_with_name: 2, '-oval_not_understood': 1 });
    expect(unreadCounts(sink.ledger, 'anolis-23')).toEqual([['bind-libs', 1]]);
  });

  it('an advisory of another release is not used, and one that asks for no plain release is not understood', async () => {
    const others = ['8', '2[34]'].map((installedOn, at) => ({ ...bind, id: `ANSA-2025:${at}`, installedOn }));
    const sink = await readMirror({ 23: [bind, ...others] });
    expect(rows(sink)).toHaveLength(3);
    expect(counts(sink)).toMatchObject({ '-other_release': 3, '-oval_not_understood': 1 });
  });
});

const real =
  'vendors2/anolis/MaineK00n+vuls-data-update/pkg/fetch/anolis/oval/testdata/fixtures/happy/anolis-23.oval.xml';

it.skipIf(!hasData(real))("Anolis's own document: the nine rows of its advisory are used", async () => {
  const sink = await readMirror({ 23: readFileSync(dataPath(real), 'utf8') });
  expect([sink.ledger.records, sink.ledger.used, counts(sink)]).toEqual([9, 9, { build_with_name: 8 }]);
  expect(new Set(sink.statements.map(({ fixed }) => fixed))).toEqual(new Set(['32:9.18.34-1.an23']));
});
