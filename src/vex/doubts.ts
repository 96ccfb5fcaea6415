import type { InventoryNote } from '../model/index.ts';
import { clears, type VexDocument, type VexStatement } from './statement.ts';

/** Notes for readers about a document whose statements decided: it is a draft, or gives no reason. */
export function doubtsOf({ where, draft }: VexDocument, used: readonly VexStatement[]): InventoryNote[] {
  if (used.length === 0) return [];
  const unreasoned = used.filter(
    ({ status, justification, detail }) =>
      status === 'not_affected' && justification === undefined && detail === undefined,
  );
  return [
    ...(draft && used.some(({ status }) => clears(status)) ? [{ code: 'vex_is_draft', where }] : []),
    ...(unreasoned.length > 0
      ? [{ code: 'vex_without_justification', where, detail: placesOf(unreasoned) }]
      : []),
  ];
}

/** `2 statements (/statements/0, …)` */
function placesOf(statements: readonly VexStatement[]): string {
  const example = statements[0]?.where ?? '';
  return statements.length === 1 ? example : `${statements.length} statements (${example}, …)`;
}
