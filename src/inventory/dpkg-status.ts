import type { InventoryNote, RandomAccess } from '../model/index.ts';
import { incompleteNote, maxPackages } from './database.ts';
import { readStanzas, type Stanza } from './deb822.ts';
import {
  isImpostor,
  type StanzaContext,
  type StatusEntry,
  statusEntry,
  statusFields,
} from './dpkg-stanza.ts';
import { unreadable } from './unreadable.ts';

/** The paragraphs of a status file. */
export interface StatusFile {
  entries: readonly StatusEntry[];
  notes: readonly InventoryNote[];
  /** A file of the same name and shape that is not dpkg's; its entries are left out. */
  impostor: boolean;
}

/** Errors: PACKAGE_DATABASE_UNREADABLE with the line, also where the file was cut off inside a paragraph. */
export function readStatusFile(content: RandomAccess, context: StanzaContext): StatusFile {
  const { where } = context;
  const entries: StatusEntry[] = [];
  let last: Stanza | undefined;
  for (const stanza of readStanzas(content, { where, fields: statusFields })) {
    if (isImpostor(stanza)) return { entries: [], notes: [impostorNote(where)], impostor: true };
    if (entries.length === maxPackages) {
      throw unreadable(
        `${where} line ${stanza.line}`,
        `expected at most ${maxPackages} packages, found more`,
      );
    }
    entries.push(statusEntry(stanza, context));
    last = stanza;
  }
  return { entries, notes: last ? checkEnd(last, context) : [], impostor: false };
}

/** A last paragraph that does not end as dpkg ends it was cut off, and with it those that followed. */
function checkEnd({ line, end, fields }: Stanza, { where, lastEnd }: StanzaContext): InventoryNote[] {
  const place = `${where} line ${line} (${fields.get('package')})`;
  if (end === 'blank' || end === lastEnd) return [];
  if (lastEnd) return [incompleteNote(place, 'the file ends inside of this paragraph: it was cut off')];
  if (end === 'newline') return [];
  return [
    { code: 'missing_final_newline', where: place, detail: 'the last paragraph may have been cut off' },
  ];
}

function impostorNote(where: string): InventoryNote {
  return { code: 'not_a_dpkg_database', where, detail: 'has the fields of a vcpkg status file' };
}
