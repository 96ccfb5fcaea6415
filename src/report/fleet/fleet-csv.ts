import { severities } from '../../model/feed/index.ts';
import {
  type AuditEntry,
  knownCounts,
  type ListedImage,
  type ListedWaiver,
  type OwnerImages,
  type OwnerSla,
} from '../../model/fleet/index.ts';
import { csvLine } from '../formats/csv.ts';

type Cell = string | number | null | undefined;

const worstFirst = severities.toReversed();

/** The names of a fleet. A number that is not known is an empty cell, not a zero. */
export function namesCsv(names: readonly ListedImage[]): string {
  const head = [
    ...['image', 'digest', 'kind', 'platform', 'system', 'packages', ...worstFirst],
    ...[
      'exploited',
      'fixable',
      'waived',
      'uncovered',
      'not_read',
      'not_covered',
      'gaps',
      'signed',
      'state',
      'owners',
      'overdue',
      'due',
    ],
  ];
  return csvOf(
    head,
    names.map((name) => {
      const counts = knownCounts(name);
      return [
        ...[name.reference, name.digest, name.kind, name.platform, name.system, name.installed],
        ...worstFirst.map((severity) => counts?.flaws[severity]),
        ...[counts?.exploited, counts?.fixable, counts?.waived],
        name.platform === null ? null : name.counts?.uncovered,
        ...[reason(name.unread), reason(name.uncovered)],
        ...[name.gaps?.map(({ code }) => code).join(' '), name.signed, name.state, name.owners.join(' ')],
        ...[name.overdue, name.due],
      ];
    }),
  );
}

export function waiversCsv(waivers: readonly ListedWaiver[]): string {
  const head = ['id', 'vulnerability', 'rule', 'package', 'image', 'state', 'flaws', 'images', 'until'];
  return csvOf(
    [...head, 'author', 'created', 'ended', 'ended_by', 'reason', 'owner'],
    waivers.map((waiver) => [
      ...[waiver.id, waiver.vulnerability, waiver.rule, waiver.package, waiver.image, waiver.state],
      ...[waiver.flaws, waiver.images, waiver.until, waiver.author, waiver.created, waiver.ended],
      ...[waiver.endedBy, waiver.reason, waiver.owner],
    ]),
  );
}

export function ownersCsv(owners: readonly OwnerImages[]): string {
  return csvOf(
    ['owner', 'images', 'not_in_full', 'flaws', 'exploited'],
    owners.map(({ owner, images, notInFull, flaws, exploited }) => [
      ...[owner, images, notInFull, flaws, exploited],
    ]),
  );
}

export function slaCsv(owners: readonly OwnerSla[]): string {
  return csvOf(
    ['owner', 'images', 'not_in_full', 'overdue_images', 'overdue', 'due'],
    owners.map(({ owner, images, notInFull, overdueImages, overdue, due }) => [
      ...[owner, images, notInFull, overdueImages, overdue, due],
    ]),
  );
}

export function auditCsv(entries: readonly AuditEntry[]): string {
  return csvOf(
    ['id', 'at', 'actor', 'kind', 'act'],
    entries.map(({ id, at, actor, kind, act }) => [id, at, actor, kind, act]),
  );
}

/** Rows below their names. */
export function csvOf(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => csvLine(row.map((cell) => String(cell ?? '')))).join('');
}

function reason(why: ListedImage['unread']): string | null {
  return why && `${why.code}: ${why.message}`;
}
