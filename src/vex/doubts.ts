import type { InventoryNote, OsRelease } from '../model/inventory/index.ts';
import { clears, type VexDocument, type VexStatement, type VexSubject } from './statement.ts';

/** Notes for readers about a document whose statements decided: it is a draft, is not about the image, or gives no reason. */
export function doubtsOf(
  { where, draft, about }: VexDocument,
  used: readonly VexStatement[],
  os: OsRelease | null,
): InventoryNote[] {
  if (used.length === 0) return [];
  const unreasoned = used.filter(
    ({ status, justification, detail }) =>
      status === 'not_affected' && justification === undefined && detail === undefined,
  );
  const isClearing = used.some(({ status }) => clears(status));
  return [
    ...(draft && isClearing ? [{ code: 'vex_is_draft', where }] : []),
    ...(about && isClearing && !isSystem(about, os) && !isPackage(about, used)
      ? [{ code: 'vex_of_another_subject', where, detail: subjectText(about) }]
      : []),
    ...(unreasoned.length > 0
      ? [{ code: 'vex_without_justification', where, detail: placesOf(unreasoned) }]
      : []),
  ];
}

/** Whether the subject is the system of the image. */
function isSystem({ type, name, version }: VexSubject, os: OsRelease | null): boolean {
  const isNamed = type === 'operating-system' && os !== null && name?.toLowerCase() === os.id;
  return isNamed && (version === undefined || version === os.versionId || version === os.pointRelease);
}

/** Whether a statement that decided is about the subject: then it is a package of the image. */
function isPackage({ purl }: VexSubject, used: readonly VexStatement[]): boolean {
  return used.some(({ targets }) =>
    targets.some(({ product }) => purl !== undefined && product.ids.includes(purl)),
  );
}

/** `it is about application shop 2, which is not known to be in this image` */
function subjectText({ type, name, version }: VexSubject): string {
  const subject = [type ?? 'a component', name ?? 'without a name', version].filter(Boolean).join(' ');
  return `it is about ${subject.slice(0, 200)}, which is not known to be in this image`;
}

/** `2 statements (/statements/0, …)` */
function placesOf(statements: readonly VexStatement[]): string {
  const example = statements[0]?.where ?? '';
  return statements.length === 1 ? example : `${statements.length} statements (${example}, …)`;
}
