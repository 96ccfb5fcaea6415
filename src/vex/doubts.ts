import type { InventoryNote } from '../model/index.ts';
import { clears, type VexDocument, type VexStatement } from './statement.ts';
import { timeOf } from './time.ts';

/** A date without a time or a zone may be that of tomorrow. */
const tolerance = 24 * 60 * 60 * 1000;

/** What a reader should know of a document whose statements decided: it is a draft, dated ahead of `now`, or gives no reason. */
export function doubtsOf(
  { where, draft }: VexDocument,
  used: readonly VexStatement[],
  now: Date,
): InventoryNote[] {
  if (used.length === 0) return [];
  const ahead = used.filter(({ time }) => (timeOf(time ?? '') ?? 0) > now.getTime() + tolerance);
  const unreasoned = used.filter(
    ({ status, justification, detail }) =>
      status === 'not_affected' && justification === undefined && detail === undefined,
  );
  return [
    ...(draft && used.some(({ status }) => clears(status)) ? [{ code: 'vex_is_draft', where }] : []),
    ...(ahead.length > 0
      ? [{ code: 'vex_dated_ahead', where, detail: placesOf(ahead, ({ time }) => time) }]
      : []),
    ...(unreasoned.length > 0
      ? [{ code: 'vex_without_justification', where, detail: placesOf(unreasoned) }]
      : []),
  ];
}

/** `2 statements (/statements/0 of 2099-01-01, …)` */
function placesOf(
  statements: readonly VexStatement[],
  time?: (of: VexStatement) => string | undefined,
): string {
  const [first] = statements;
  const of = first && time?.(first);
  const example = `${first?.where}${of === undefined ? '' : ` of ${of}`}`;
  return statements.length === 1 ? example : `${statements.length} statements (${example}, …)`;
}
