import { unreadable } from '../../files/unreadable.ts';
import type { InventoryNote, RandomAccess } from '../../model/index.ts';
import { incompleteNote, maxPackages } from '../database.ts';
import { readStanzas, type Stanza } from './deb822.ts';
import { isVcpkgPort, type StanzaContext, type StatusEntry, statusEntry, statusFields } from './stanza.ts';

/** The paragraphs of a status file. */
export interface StatusFile {
  entries: readonly StatusEntry[];
  notes: readonly InventoryNote[];
}

/**
 * A file with vcpkg's paragraphs only is left out and reported as incomplete: a dpkg status may be missing in its place.
 * @throws PACKAGE_DATABASE_UNREADABLE with the line, also if the file was truncated inside a paragraph
 */
export function readStatusFile(content: RandomAccess, context: StanzaContext): StatusFile {
  const { where } = context;
  const entries: StatusEntry[] = [];
  const ports: Stanza[] = [];
  let last: Stanza | undefined;
  for (const stanza of readStanzas(content, { where, fields: statusFields })) {
    if (entries.length + ports.length === maxPackages) {
      throw unreadable(
        `${where} line ${stanza.line()}`,
        `expected at most ${maxPackages} packages, found more`,
      );
    }
    if (isVcpkgPort(stanza)) ports.push(stanza);
    else entries.push(statusEntry(stanza, context));
    last = stanza;
  }
  if (!last) return { entries, notes: [] };
  if (entries.length === 0)
    return { entries, notes: [incompleteNote(where, 'every paragraph is one of vcpkg')] };
  for (const stanza of ports) entries.push(statusEntry(stanza, context));
  return { entries, notes: checkEnd(last, context) };
}

/** A last paragraph that does not end as dpkg ends it was truncated, and those after it are missing. */
function checkEnd({ line, end, fields }: Stanza, { where, lastEnd }: StanzaContext): InventoryNote[] {
  if (end === 'blank' || end === lastEnd) return [];
  const place = `${where} line ${line()} (${fields.get('package')})`;
  if (lastEnd) return [incompleteNote(place, 'the file ends inside of this paragraph: it was cut off')];
  if (end === 'newline') return [];
  return [
    { code: 'missing_final_newline', where: place, detail: 'the last paragraph may have been cut off' },
  ];
}
