import { severities } from '../../model/feed/index.ts';
import type { OwnerImages, OwnerSla, SlaRules } from '../../model/fleet/index.ts';
import { plural, textTable } from '../text-table.ts';

/** A row for each owner. A dash is not a zero. */
export function ownersTable(owners: readonly OwnerImages[]): string {
  if (owners.length === 0) return 'no owner is declared, and the fleet is empty\n';
  const rows = owners.map(({ owner, images, notInFull, flaws, exploited }) => [
    owner ?? '(none)',
    ...[images, notInFull, flaws, exploited].map((count) => String(count ?? '-')),
  ]);
  const declared = owners.filter(({ owner }) => owner !== null).length;
  return `${textTable(['OWNER', 'IMAGES', 'NOT IN FULL', 'FLAWS', 'EXPLOITED'], rows)}${plural(declared, 'owner')}\n`;
}

/** A row for each owner, and the rules. A dash is not a zero. */
export function slaTable(rules: SlaRules | null, owners: readonly OwnerSla[]): string {
  if (!rules) return 'no SLA is kept: write the section `sla` of a policy, and give it with --policy\n';
  if (owners.length === 0) return 'no owner is declared, and the fleet is empty\n';
  const rows = owners.map(({ owner, images, notInFull, overdueImages, overdue, due }) => [
    owner ?? '(none)',
    ...[images, notInFull, overdueImages, overdue, due].map((cell) => String(cell ?? '-')),
  ]);
  const head = ['OWNER', 'IMAGES', 'NOT IN FULL', 'OVERDUE IMAGES', 'OVERDUE FLAWS', 'DUE'];
  return `${textTable(head, rows)}${rulesWords(rules)}\n`;
}

/** `exploited 3 days, critical 7 days, since the fix can be installed`. */
function rulesWords({ from, days }: SlaRules): string {
  const words = (['exploited', ...severities.toReversed()] as const).flatMap((each) => {
    const count = days[each];
    return count === undefined ? [] : [`${each} ${plural(count, 'day')}`];
  });
  const since = from === 'fix' ? 'the fix can be installed' : 'the first run that saw the flaw';
  // Without ratings in the feed the numbers fall, and nothing was mended.
  return `${words.join(', ')}, since ${since}${days.unknown === undefined ? '; unrated flaws have no limit' : ''}`;
}
