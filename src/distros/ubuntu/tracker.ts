/** One file of the Ubuntu CVE tracker: `active/CVE-2016-2781`. */
export interface TrackerRecord {
  cve: string;
  /** Folder of the tracker: `active`, `retired`, `ignored`. */
  folder: string;
  rejected: boolean;
  description: string;
  published?: string;
  priority?: string;
  priorityReason?: string;
  /** Own priorities of packages: `xen`, or of one release: `xen_xenial`. */
  packagePriorities: ReadonlyMap<string, string>;
  rows: readonly TrackerRow[];
}

/** `RELEASE_SOURCE: STATUS`, as written. */
export interface TrackerRow {
  /** `bionic`, `trusty/esm`, `esm-infra/xenial`, `upstream`. */
  release: string;
  package: string;
  status: string;
}

/** Reads one file in the tracker's text form; lines that are not known fields are prose and are ignored. */
export function parseTracker(text: string, folder: string, name: string): TrackerRecord {
  const fields = new Map<string, string>();
  const packagePriorities = new Map<string, string>();
  const rows: TrackerRow[] = [];
  let prose: string | undefined;
  for (const line of text.split('\n')) {
    const first = line.charCodeAt(0);
    if (first === 0x20 || first === 0x09) {
      if (prose !== undefined) fields.set(prose, `${fields.get(prose)}${line.trim()}\n`);
      continue;
    }
    prose = undefined;
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const key = line.slice(0, colon).trimEnd();
    const value = line.slice(colon + 1).trim();
    if (first >= 0x61 && first <= 0x7a) {
      const row = readRow(key, value);
      if (row) rows.push(row);
    } else if (key.startsWith('Priority_')) packagePriorities.set(key.slice('Priority_'.length), value);
    else if (proseFields.has(key)) {
      prose = `${key}:text`;
      fields.set(prose, '');
      fields.set(key, value);
    } else if (!ofPackage.test(key)) {
      const row = readRow(key, value);
      if (row) rows.push(row);
    }
  }
  return finish(fields, { folder, name, packagePriorities, rows });
}

/** The priority of a row: the release's own, the package's own, the record's. */
export function priorityOf(
  record: TrackerRecord,
  row: Pick<TrackerRow, 'package' | 'release'>,
): string | undefined {
  const { packagePriorities: own } = record;
  return own.get(`${row.package}_${row.release}`) ?? own.get(row.package) ?? record.priority;
}

/** Fields whose indented lines are read; of others only their presence is kept. */
const proseFields = new Set(['PublicDate', 'Description', 'Notes', 'Priority']);

/** Fields that a source may have of its own. */
const ofPackage = /^(?:Patches|Priority|Tags)_/;

/** Neither release keys nor source names contain `_`; a release with capitals is one that is misspelt. */
const rowKey = /^([A-Za-z][A-Za-z0-9./-]*)_([a-z0-9][^\s_]*)$/;

function readRow(key: string, status: string): TrackerRow | undefined {
  const match = rowKey.exec(key);
  return match ? { release: match[1]!, package: match[2]!, status } : undefined;
}

function finish(
  fields: ReadonlyMap<string, string>,
  { name, ...parts }: Pick<TrackerRecord, 'folder' | 'packagePriorities' | 'rows'> & { name: string },
): TrackerRecord {
  const description = fields.get('Description:text')?.trim() ?? '';
  const reason = priorityReason(fields);
  const published = isoDate(fields.get('PublicDate') ?? '');
  const priority = fields.get('Priority');
  return {
    cve: name,
    ...parts,
    rejected: /^\*\* ?REJECT|^Rejected reason:/i.test(description),
    description,
    ...(published === undefined ? {} : { published }),
    ...(priority ? { priority } : {}),
    ...(reason ? { priorityReason: reason } : {}),
  };
}

/** Newer files have it below the priority, older ones in the notes. */
function priorityReason(fields: ReadonlyMap<string, string>): string | undefined {
  const below = fields.get('Priority:text')?.trim();
  if (below) return below;
  const notes = fields.get('Notes:text') ?? '';
  return /> Priority reason:\n(.+)/.exec(notes)?.[1]?.trim();
}

/** `2017-02-07 15:59:00 UTC`, `2017-06-28`. */
function isoDate(text: string): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d) UTC)?$/.exec(text);
  return match ? `${match[1]}T${match[2] ?? '00:00:00'}Z` : undefined;
}
