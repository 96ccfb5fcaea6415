import { describe, expect, it } from 'vitest';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { type CveInput, joinCve, rowKey, type TrackerFact } from '../../../src/distros/ubuntu/join.ts';
import { NoticeTable } from '../../../src/distros/ubuntu/notices.ts';
import type { OsvEntry, OsvRecord } from '../../../src/distros/ubuntu/osv.ts';
import { type Place, Places } from '../../../src/distros/ubuntu/place.ts';
import { type Saying, sayings } from '../../../src/distros/ubuntu/vocabulary.ts';
import { Ledger } from '../../../src/model/feed/index.ts';
import { words } from './support.ts';

const places = new Places(ubuntuDefinition);

const cve = 'CVE-2024-0001';

function place(key: string): Place {
  return places.of(key) as Place;
}

/** `esm-infra/bionic 1.2`: an entry of `demo` with that fix; without version: no fix. */
function entry(text: string, fields: Partial<OsvEntry> = {}): OsvEntry {
  const [key = '', fixed] = text.split(' ');
  const known = { place: places.of(key), package: 'demo', oddRange: false, cves: [] };
  return { ...known, ...(fixed === undefined ? {} : { fixed }), ...fields };
}

function osv(entries: readonly OsvEntry[], fields: Partial<OsvRecord> = {}): NonNullable<CveInput['osv']> {
  const record: OsvRecord = {
    id: `UBUNTU-${cve}`,
    cve,
    noticeCves: [],
    withdrawn: false,
    rejected: false,
    cvss: [],
    references: [],
    affected: entries,
    broken: [],
    ...fields,
  };
  return { record, where: `osv/cve/2024/UBUNTU-${cve}.json` };
}

function fact(key: string, saying: Saying, severity: TrackerFact['severity'] = 'unknown'): TrackerFact {
  return { place: place(key), package: 'demo', saying, severity };
}

const fixed = (version: string): Saying => ({ status: 'fixed', fixed: version });

function join(
  input: Omit<CveInput, 'cve' | 'tracker'> & { tracker?: TrackerFact[] },
  notices = new NoticeTable(),
) {
  const ledger = new Ledger('ubuntu');
  const notShipped: string[] = [];
  const { tracker, ...rest } = input;
  const statements = joinCve(
    { cve, ...rest, ...(tracker ? { tracker: { where: `active/${cve}`, rows: tracker } } : {}) },
    {
      ledger,
      notices,
      life: new Map([
        ['ubuntu-18.04', [{ phase: 'standard', until: '2023-05-31' }]],
        ['ubuntu-22.04', [{ phase: 'standard', until: '2027-06-01' }]],
      ]),
      day: '2026-11-24',
      evidence: { osv: (where) => `ubuntu-osv#${where}`, tracker: (where) => `ubuntu-tracker#${where}` },
      notShipped: (platform, source) => notShipped.push(`${platform} ${source}`),
    },
  );
  return { statements, words: words(statements), ledger, notShipped };
}

describe('the reason of an OSV row without a fix', () => {
  it.each([
    ['nobody tells', undefined, undefined, 'affected none_yet'],
    ['the tracker tells', sayings.unconfirmed, undefined, 'affected none_yet (unconfirmed)'],
    ['VEX tells', undefined, sayings.willNotFix, 'affected will_not_fix'],
    ["VEX's decision against the tracker's work", sayings.open, sayings.willNotFix, 'affected will_not_fix'],
    ["the tracker's word against VEX's plain one", sayings.deferred, sayings.open, 'affected fix_deferred'],
    [
      'two decisions: the tracker is finer',
      sayings.outOfScope,
      sayings.releaseEnded,
      'affected end_of_life (package)',
    ],
    ['the tracker says fixed: OSV stands', fixed('1.0'), undefined, 'affected none_yet'],
    ['the tracker says not affected: OSV stands', sayings.notAffected, undefined, 'affected none_yet'],
  ])('%s', (_, tracker, vex, expected) => {
    const key = rowKey(place('jammy'), 'demo');
    const { words: said } = join({
      osv: osv([entry('jammy')]),
      ...(tracker ? { tracker: [fact('jammy', tracker)] } : {}),
      ...(vex ? { vex: new Map([[key, vex]]) } : {}),
    });
    expect(said).toEqual([expected]);
  });

  it('osv.dev#4244: a fix that OSV has before its publication is no fix yet, and is counted', () => {
    const { words: said, ledger } = join({
      osv: osv([entry('jammy 2.0')]),
      tracker: [fact('jammy', { status: 'affected', fixState: 'none_yet', reason: 'pending 2.0' })],
    });
    expect(said).toEqual(['affected none_yet (pending 2.0)']);
    expect(ledger.findings()).toMatchObject([
      {
        reason: 'tracker_disagrees',
        dropped: false,
        examples: [{ detail: 'osv: 2.0; tracker: pending 2.0' }],
      },
    ]);
  });

  it.each(['pending 2.1', 'pending'])(
    "a tracker that says '%s' is about another build: OSV's fix stands",
    (reason) => {
      const { words: said } = join({
        osv: osv([entry('jammy 2.0')]),
        tracker: [fact('jammy', { status: 'affected', fixState: 'none_yet', reason })],
      });
      expect(said).toEqual(['fixed 2.0']);
    },
  );

  it("tells that the tracker disagrees, and uses OSV's version", () => {
    const { words: said, ledger } = join({
      osv: osv([entry('jammy 2.0')]),
      tracker: [fact('jammy', fixed('1.0'))],
    });
    expect(said).toEqual(['fixed 2.0']);
    expect(ledger.findings()).toMatchObject([
      { reason: 'tracker_disagrees', dropped: false, examples: [{ detail: 'osv: 2.0; tracker: 1.0' }] },
    ]);
  });
});

describe('the tracker adds rows that OSV has not', () => {
  it('for a CVE that OSV lacks, without a mark', () => {
    const { statements } = join({ tracker: [fact('bionic', fixed('1.0'), 'medium')] });
    expect(statements).toEqual([
      {
        vulnerability: cve,
        platform: 'ubuntu-18.04',
        package: 'demo',
        status: 'fixed',
        fixed: '1.0',
        severity: 'medium',
        evidence: `ubuntu-tracker#active/${cve}`,
      },
    ]);
  });

  it('for a release that the record lacks, marked', () => {
    const { statements } = join({ osv: osv([entry('jammy 2.0')]), tracker: [fact('bionic', sayings.open)] });
    expect(statements.map(({ platform, marks }) => [platform, marks])).toEqual([
      ['ubuntu-22.04', undefined],
      ['ubuntu-18.04', ['tracker_only']],
    ]);
  });

  it.each(['withdrawn', 'rejected'] as const)('not for a CVE that is %s', (word) => {
    const { statements, ledger } = join({
      osv: osv([entry('jammy'), entry('noble')], { [word]: true }),
      tracker: [fact('bionic', sayings.open)],
    });
    expect(statements).toEqual([]);
    expect(ledger.findings()).toMatchObject([{ reason: word, dropped: true, count: 3 }]);
  });
});

describe('a base release learns of what is fixed for Pro only', () => {
  it.each([
    [
      'a fix in ESM, no base row',
      ['esm-infra/bionic 1.2'],
      [],
      ['affected other_channel (esm-infra) at 1.2', 'esm-infra: fixed 1.2'],
    ],
    [
      'a fix in ESM, an open base row',
      ['jammy', 'esm-apps/jammy 1.2'],
      [],
      ['affected other_channel (esm-apps) at 1.2', 'esm-apps: fixed 1.2'],
    ],
    [
      'a fix in ESM and one in the base',
      ['jammy 1.1', 'esm-apps/jammy 1.2'],
      [],
      ['esm-apps: fixed 1.2', 'fixed 1.1'],
    ],
    [
      'open in ESM, the base has ended',
      ['esm-infra/bionic'],
      [],
      ['affected end_of_life (release)', 'esm-infra: affected none_yet'],
    ],
    [
      'open in ESM, the base lives',
      ['esm-apps/jammy'],
      [],
      ['affected none_yet', 'esm-apps: affected none_yet'],
    ],
    [
      'the tracker has a fix of the base',
      ['esm-infra/bionic 1.2'],
      [fact('bionic', fixed('1.0'))],
      ['esm-infra: fixed 1.2', 'fixed 1.0'],
    ],
    [
      'the tracker says: not affected',
      ['esm-infra/bionic 1.2'],
      [fact('bionic', sayings.notAffected)],
      ['esm-infra: fixed 1.2', 'not_affected (vulnerable_code_not_present)'],
    ],
    [
      'the tracker says: ended',
      ['esm-infra/bionic 1.2'],
      [fact('bionic', sayings.releaseEnded)],
      ['affected other_channel (esm-infra) at 1.2', 'esm-infra: fixed 1.2'],
    ],
    [
      'FIPS tells nothing of the base',
      ['fips/bionic', 'fips-updates/bionic 1.2'],
      [],
      ['fips-updates: fixed 1.2', 'fips: affected none_yet'],
    ],
    [
      'realtime and BlueField neither',
      ['realtime/jammy', 'bluefield/jammy'],
      [],
      ['bluefield: affected none_yet', 'realtime: affected none_yet'],
    ],
  ])('%s', (_, entries, tracker, expected) => {
    expect(join({ osv: osv(entries.map((text) => entry(text))), tracker }).words).toEqual(expected);
  });

  it('in either order of the two ESM rows', () => {
    const rows = ['esm-apps/xenial', 'esm-infra/xenial 1.2'];
    const one = join({ osv: osv(rows.map((text) => entry(text))) }).words;
    const other = join({ osv: osv(rows.reverse().map((text) => entry(text))) }).words;
    expect(one).toEqual(other);
    expect(one).toContain('affected other_channel (esm-infra) at 1.2');
  });

  it('marks what it inferred', () => {
    const inferred = join({ osv: osv([entry('esm-infra/bionic 1.2')]) }).statements.find(
      ({ channel }) => !channel,
    );
    expect(inferred?.marks).toEqual(['inferred']);
    const told = join({ osv: osv([entry('jammy'), entry('esm-apps/jammy 1.2')]) }).statements.find(
      ({ channel }) => !channel,
    );
    expect(told?.marks).toBeUndefined();
  });
});

describe("severity is the vendor's priority", () => {
  it.each([
    ['of the entry', { priority: 'low' }, 'high', 'medium', 'low'],
    ['of the record', {}, 'high', 'medium', 'high'],
    ['of the tracker', {}, undefined, 'medium', 'medium'],
    ['untriaged is none', { priority: 'untriaged' }, undefined, 'medium', 'unknown'],
    ['a word that is none', { priority: 'urgent' }, undefined, 'medium', 'unknown'],
  ] as const)('%s', (_, fields, priority, tracker, expected) => {
    const record = osv([entry('jammy 1.0', fields)], priority ? { priority } : {});
    const { statements } = join({ osv: record, tracker: [fact('jammy', fixed('1.0'), tracker)] });
    expect(statements[0]?.severity).toBe(expected);
  });

  it('negligible is suppressed while there is no fix', () => {
    const { statements } = join({
      osv: osv([entry('jammy'), entry('noble 1.0')], { priority: 'negligible' }),
    });
    expect(statements.map(({ suppressed }) => suppressed)).toEqual(['negligible', undefined]);
  });
});

it('names the notice that brought exactly this version to this release', () => {
  const notices = new NoticeTable();
  const fix = (codename: string, version: string) => [{ codename, package: 'demo', version }];
  notices.add({ id: 'USN-2-1', cves: [cve], fixes: fix('jammy', '1.0') });
  notices.add({ id: 'USN-1-1', cves: [cve, cve], fixes: fix('jammy', '1.0') });
  notices.add({ id: 'USN-3-1', cves: [cve], fixes: fix('jammy', '2.0') });
  notices.add({ id: 'USN-4-1', cves: ['CVE-2024-9999'], fixes: fix('jammy', '1.0') });
  const { statements } = join({ osv: osv([entry('jammy 1.0'), entry('noble 1.0')]) }, notices);
  expect(statements.map(({ advisories }) => advisories)).toEqual([['USN-1-1', 'USN-2-1'], undefined]);
});

describe('rows that can be no statement are findings', () => {
  it.each([
    ['a range that is not understood', [entry('jammy 1.0', { oddRange: true })], 'range_not_understood'],
    ['an unknown release', [entry('zealous')], 'unknown_release'],
    ['a second entry for one place', [entry('jammy 1.0'), entry('jammy 2.0')], 'duplicate_entry'],
    ['no entry at all', [], 'no_affected_entry'],
  ])('%s', (_, entries, reason) => {
    const { ledger } = join({ osv: osv(entries) });
    expect(ledger.findings()).toMatchObject([{ reason, dropped: true, count: 1 }]);
    expect(ledger.records).toBe(Math.max(1, entries.length));
  });

  it('a source that the release does not ship is kept back, or dropped where ESM has it', () => {
    expect(join({ tracker: [fact('bionic', sayings.notShipped)] }).notShipped).toEqual(['ubuntu-18.04 demo']);
    const { words: said, ledger } = join({
      osv: osv([entry('esm-infra/bionic 1.0')]),
      tracker: [fact('bionic', sayings.notShipped)],
    });
    expect(said).toEqual(['affected other_channel (esm-infra) at 1.0', 'esm-infra: fixed 1.0']);
    expect(ledger.findings()).toMatchObject([{ reason: 'not_shipped', count: 1 }]);
  });
});
