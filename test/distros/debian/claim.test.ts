import { describe, expect, it } from 'vitest';
import { claimOf, type RowClaim } from '../../../src/distros/debian/claim.ts';
import type { TrackerPair, TrackerRow } from '../../../src/distros/debian/tracker.ts';
import { Ledger } from '../../../src/model/feed/index.ts';
import { findingCounts } from '../../support/sources.ts';
import { unreadCounts } from '../../support/unread.ts';

/** Every status of the table in docs/debian.md; each case is named after a record that has it. */
const rows: { name: string; row: Partial<TrackerRow>; claim: RowClaim }[] = [
  {
    name: 'resolved: CVE-2025-53603 sope in bookworm',
    row: { status: 'resolved', fixedVersion: '5.8.0-1+deb12u1', urgency: 'not yet assigned' },
    claim: { status: 'fixed', fixed: '5.8.0-1+deb12u1', severity: 'unknown' },
  },
  {
    name: 'version 0, whose urgency is no rating: CVE-2014-1424 apparmor',
    row: { status: 'resolved', fixedVersion: '0', urgency: 'unimportant' },
    claim: { status: 'not_affected', reason: 'vulnerable_code_not_present', severity: 'unknown' },
  },
  {
    name: 'open: CVE-2025-9086 curl in bookworm',
    row: { status: 'open', urgency: 'not yet assigned' },
    claim: { status: 'affected', fixState: 'none_yet', severity: 'unknown' },
  },
  {
    name: 'no-dsa: CVE-2014-8242 librsync in jessie',
    row: { status: 'open', urgency: 'low', nodsaReason: '' },
    claim: { status: 'affected', fixState: 'none_yet', reason: 'minor', severity: 'low' },
  },
  {
    name: 'postponed: CVE-2026-27171 zlib in bullseye',
    row: { status: 'open', nodsaReason: 'postponed' },
    claim: { status: 'affected', fixState: 'fix_deferred', severity: 'unknown' },
  },
  {
    name: 'ignored: CVE-2023-45853 zlib in bookworm',
    row: { status: 'open', nodsaReason: 'ignored' },
    claim: { status: 'affected', fixState: 'will_not_fix', severity: 'unknown' },
  },
  {
    name: 'end-of-life: CVE-2018-1000500 busybox in buster',
    row: { status: 'open', urgency: 'end-of-life' },
    claim: { status: 'affected', fixState: 'end_of_life', reason: 'package', severity: 'unknown' },
  },
  {
    name: 'undetermined: CVE-2019-25338 dokuwiki',
    row: { status: 'undetermined', urgency: 'not yet assigned' },
    claim: { status: 'under_investigation', reason: 'nobody_looked', severity: 'unknown' },
  },
  {
    name: 'unimportant and open: CVE-2016-1585 apparmor in bookworm',
    row: { status: 'open', urgency: 'unimportant' },
    claim: { status: 'affected', fixState: 'none_yet', severity: 'negligible', suppressed: 'unimportant' },
  },
  {
    name: 'unimportant and fixed: CVE-2016-1585 apparmor in trixie',
    row: { status: 'resolved', fixedVersion: '3.0.12-1', urgency: 'unimportant' },
    claim: { status: 'fixed', fixed: '3.0.12-1', severity: 'negligible', suppressed: 'unimportant' },
  },
  {
    name: 'unimportant and ignored',
    row: { status: 'open', urgency: 'unimportant', nodsaReason: 'ignored' },
    claim: {
      status: 'affected',
      fixState: 'will_not_fix',
      severity: 'negligible',
      suppressed: 'unimportant',
    },
  },
  ...(['high', 'medium', 'low'] as const).flatMap((severity) => [
    {
      name: `urgency ${severity}: CVE-2005-3111 backupninja`,
      row: { status: 'resolved', fixedVersion: '0.8-2', urgency: severity },
      claim: { status: 'fixed' as const, fixed: '0.8-2', severity },
    },
    {
      name: `urgency ${severity}**, taken from the NVD: CVE-2008-7220 prototypejs`,
      row: { status: 'resolved', fixedVersion: '1.6.0.2-1', urgency: `${severity}**` },
      claim: { status: 'fixed' as const, fixed: '1.6.0.2-1', severity },
    },
  ]),
  {
    name: 'no urgency at all: keys with null are left out by the exporter',
    row: { status: 'resolved', fixedVersion: '1:1.0' },
    claim: { status: 'fixed', fixed: '1:1.0', severity: 'unknown' },
  },
];

const about = { platforms: ['debian-12'], package: 'a' };

describe('claimOf', () => {
  it.each(rows)('$name', ({ row, claim }) => {
    const ledger = new Ledger('debian');

    expect(claimOf(rowOf(row), pairOf(), 'place', about, ledger)).toEqual(claim);

    expect(ledger.findings()).toEqual([]);
  });

  it.each(['High', 'HIGH**', ' Unimportant', 'End-of-life'])(
    'reads the urgency %j in any case',
    (urgency) => {
      const claim = (word: string) => {
        const ledger = new Ledger('debian');
        const read = claimOf(rowOf({ status: 'open', urgency: word }), pairOf(), 'place', about, ledger);
        expect(ledger.findings()).toEqual([]);
        return read;
      };
      expect(claim(urgency)).toEqual(claim(urgency.trim().toLowerCase()));
    },
  );

  it.each([
    { row: { status: 'not-resolved' }, finding: '-unknown_status' },
    { row: { status: 'Resolved' }, finding: '-unknown_status' },
    { row: { status: 'constructor' }, finding: '-unknown_status' },
    { row: { status: 'resolved' }, finding: '-fixed_version_missing' },
    { row: { status: 'resolved', fixedVersion: '<unfixed>' }, finding: '-absurd_version' },
    { row: { status: 'resolved', fixedVersion: '1.0 2.0' }, finding: '-absurd_version' },
    { row: { status: 'resolved', fixedVersion: '' }, finding: '-absurd_version' },
  ])('drops $row', ({ row, finding }) => {
    const ledger = new Ledger('debian');

    expect(claimOf(rowOf(row), pairOf(), 'place', about, ledger)).toBeUndefined();

    expect(findingCounts(ledger)).toEqual({ [finding]: 1 });
    expect(ledger).toMatchObject({ records: 1, used: 0, dropped: 1 });
    expect(unreadCounts(ledger, 'debian-12')).toEqual([['a', 1]]);
  });

  it.each([
    { row: { status: 'open', urgency: 'urgent' }, finding: 'unknown_urgency' },
    { row: { status: 'open', urgency: 'toString' }, finding: 'unknown_urgency' },
    { row: { status: 'open', nodsaReason: 'later' }, finding: 'unknown_nodsa_reason' },
    { row: { status: 'open', fixedVersion: '1.0-1' }, finding: 'fixed_version_of_open' },
  ])('keeps the row of $row as affected, with a doubt', ({ row, finding }) => {
    const ledger = new Ledger('debian');

    const claim = claimOf(rowOf(row), pairOf(), 'place', about, ledger);

    expect(claim).toEqual({ status: 'affected', fixState: 'none_yet', severity: 'unknown' });
    expect(findingCounts(ledger)).toEqual({ [finding]: 1 });
  });
});

describe('a note of no advisory', () => {
  it.each([
    {
      name: 'CVE-2020-8631 cloud-init in buster: the release has what fixed sid',
      sid: '19.4-2',
      versions: ['20.2-2~deb10u1'],
      stale: true,
    },
    {
      name: 'CVE-2020-25670 linux in bullseye: postponed, then released with the fix',
      sid: '5.10.38-1',
      versions: ['5.10.46-4'],
      reason: 'postponed',
      stale: true,
    },
    { name: 'the release has the very version', sid: '1.0-2', versions: ['1.0-2'], stale: true },
    { name: 'the security pocket has it', sid: '1.0-2', versions: ['1.0-1', '1.0-2+deb11u1'], stale: true },
    { name: 'the release is older', sid: '1.0-2', versions: ['1.0-1'], stale: false },
    { name: 'sid was never affected', sid: '0', versions: ['1.0-1'], stale: false },
    { name: 'the versions cannot be parsed', sid: '1.0-2', versions: ['<unknown>'], stale: false },
    { name: 'nothing is known of sid', sid: undefined, versions: ['2.0-1'], stale: false },
  ])('is stale or not: $name', ({ sid, versions, stale, reason = '' }) => {
    const ledger = new Ledger('debian');
    const row = rowOf({ status: 'open', nodsaReason: reason, versions });
    const sidRow = rowOf({
      release: 'sid',
      status: sid === undefined ? 'open' : 'resolved',
      ...(sid && { fixedVersion: sid }),
    });

    const claim = claimOf(row, pairOf(row, sidRow), 'place', about, ledger);

    expect(claim).toEqual(
      stale
        ? { status: 'fixed', fixed: sid, severity: 'unknown', marks: ['stale_note'] }
        : { status: 'affected', fixState: 'none_yet', reason: 'minor', severity: 'unknown' },
    );
    expect(findingCounts(ledger)).toEqual(stale ? { stale_note: 1 } : {});
  });

  it('is what makes it stale: an open row without one is as the tracker computed it', () => {
    const row = rowOf({ status: 'open', versions: ['2.0-1'] });
    const sid = rowOf({ release: 'sid', status: 'resolved', fixedVersion: '1.0-1' });

    expect(claimOf(row, pairOf(row, sid), 'place', about, new Ledger('debian'))).toMatchObject({
      status: 'affected',
    });
  });
});

function rowOf(row: Partial<TrackerRow>): TrackerRow {
  return { release: 'bookworm', status: 'open', versions: [], ...row };
}

function pairOf(...rows: TrackerRow[]): TrackerPair {
  return { package: 'p', vulnerability: 'CVE-2020-8631', rows };
}
