import type { InventoryNote, RandomAccess } from '../model/index.ts';
import { maxPackages } from './database.ts';
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

/** dpkg ends each paragraph with an empty line: a last one without its Status or its newline was cut off. */
function checkEnd(stanza: Stanza, { where, withoutStatus }: StanzaContext): InventoryNote[] {
  const place = `${where} line ${stanza.line} (${stanza.fields.get('package')})`;
  if (withoutStatus === 'not-installed' && !stanza.fields.has('status')) {
    throw unreadable(place, 'expected a Status in the last paragraph, found the end of the file');
  }
  if (stanza.ended) return [];
  return [
    { code: 'missing_final_newline', where: place, detail: 'the last paragraph may have been cut off' },
  ];
}

function impostorNote(where: string): InventoryNote {
  return { code: 'not_a_dpkg_database', where, detail: 'has the fields of a vcpkg status file' };
}
