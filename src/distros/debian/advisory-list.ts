import { ScapfeedError } from '../../model/error.ts';
import type { Ledger, UnreadRecord } from '../../model/feed/index.ts';

/** One DSA or DLA, as in its list. */
export interface ListedAdvisory {
  /** `DSA-5343-1`; ids from before revisions were numbered have no `-1`. */
  id: string;
  /** YYYY-MM-DD */
  date: string;
  title: string;
  vulnerabilities: string[];
  rows: ListedRow[];
  line: number;
}

/** `[bookworm] - openssl 3.0.17-1~deb12u3`, or a tag such as `not-affected` in place of the version. */
export interface ListedRow {
  release: string;
  package: string;
  version?: string;
  tag?: string;
  line: number;
}

const header =
  /^\[(?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4})\]\s+(?<id>D[SL]A-\d+(?:-\d+)?)\s+(?<title>\S.*)$/;
const references = /^\s+\{(?<ids>[^}]*)\}$/;
const fix =
  /^\s+(?:NOTE: )?\[(?<release>[A-Za-z]+)\]\s+-\s+(?<name>\S+)\s+(?:<(?<tag>[^>]*)>|(?<version>\S+))(?:\s+\(.*\))?$/;
/** The readable part of a damaged fix: its release, and its package if there is one. */
const remnant = /^\s+(?:NOTE: )?\[(?<release>[A-Za-z]+)\]\s*(?:-\s*(?<name>[a-z0-9][a-z0-9+.-]+)(?=\s|$))?/;
const note = /^\s+(NOTE|TODO|XXX):/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A fix of a release that could not be read. */
export interface UnreadFix {
  release: string;
  /** Absent if the line names none. */
  package?: string;
  count: number;
  record: UnreadRecord;
}

/**
 * Yields the advisories of `data/DSA/list` or `data/DLA/list`. Lines of unknown form are dropped to the ledger by number; `unread`
 * gets the release and package of each that was a fix.
 * Format: https://security-team.debian.org/security_tracker.html
 */
export function parseAdvisoryList(
  text: string,
  input: string,
  ledger: Ledger,
  unread: (fix: UnreadFix) => void = () => undefined,
): ListedAdvisory[] {
  const advisories: ListedAdvisory[] = [];
  let current: ListedAdvisory | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.trimEnd();
    if (content === '') continue;
    const advisory = readHeader(content, line);
    // Lines below a malformed header do not belong to the advisory before it.
    if (advisory || !/^\s/.test(content)) current = advisory;
    if (advisory) advisories.push(advisory);
    else if (!readDetail(content, line, current)) {
      const reason = 'list_line_not_understood';
      const record = { reason, where: `${input}#line:${line}`, detail: content.trim().slice(0, 120) };
      ledger.drop(reason, record.where, record.detail);
      const { release, name } = remnant.exec(content)?.groups ?? {};
      if (release !== undefined)
        unread({ release: release.toLowerCase(), ...(name && { package: name }), count: 1, record });
    }
  }
  return advisories;
}

/** A web page from a proxy in place of the list has no advisory. */
export function requireAdvisories(text: string, where: string): void {
  if (text.split('\n').some((line) => header.test(line.trimEnd()))) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a list of advisories, found ${JSON.stringify(text.slice(0, 40))}`,
    where,
    remedy: 'check the address: a proxy may answer in its place; the last good snapshot is kept',
  });
}

function readHeader(line: string, number: number): ListedAdvisory | undefined {
  const { day, month, year, id, title } = header.exec(line)?.groups ?? {};
  const monthNumber = months.indexOf(month ?? '') + 1;
  if (id === undefined || title === undefined || monthNumber === 0) return undefined;
  const date = `${year}-${String(monthNumber).padStart(2, '0')}-${day}`;
  return { id, date, title: title.replace(/\s+/g, ' '), vulnerabilities: [], rows: [], line: number };
}

/** False for a line of unknown form. Fixes may also be in notes (`NOTE: [etch] - clamav …`). */
function readDetail(line: string, number: number, advisory: ListedAdvisory | undefined): boolean {
  if (!advisory) return false;
  const ids = references.exec(line)?.groups?.['ids'];
  if (ids !== undefined) {
    advisory.vulnerabilities.push(...ids.split(/\s+/).filter((id) => id !== ''));
    return true;
  }
  const { release, name, tag, version } = fix.exec(line)?.groups ?? {};
  if (release !== undefined && name !== undefined) {
    advisory.rows.push({
      release: release.toLowerCase(),
      package: name,
      ...(tag === undefined ? { version: version! } : { tag }),
      line: number,
    });
    return true;
  }
  return note.test(line);
}
