import { pointerStep } from '../../io/json.ts';
import { readMembers } from '../../io/json-members.ts';
import type { ScapfeedError } from '../../model/error.ts';
import type { Advisory } from '../../model/feed/index.ts';
import {
  dayOrNone,
  optionalText,
  optionalWord,
  record,
  textOrNone,
  texts,
  word,
} from '../../sources/fields.ts';
import { readRecord } from '../../sources/foreign-record.ts';
import type { OsvRecord } from './osv.ts';

/** An Ubuntu Security Notice: what it fixed, where. */
export interface Notice {
  /** `USN-6342-1` */
  id: string;
  title?: string;
  /** YYYY-MM-DD; the day the fix was published. */
  date?: string;
  cves: readonly string[];
  fixes: readonly NoticeFix[];
}

interface NoticeFix {
  codename: string;
  package: string;
  version: string;
  /** The CVEs that it fixes there, if the notice lists them by release; default: all of the notice. */
  cves?: readonly string[];
}

// Size limit of a notice; one for a kernel lists every binary on every architecture and has 1 to 3 MB.
const maxNoticeBytes = 256 << 20;

/** Yields the notices of `database-all.json`, one at a time, or an error with its pointer for a malformed one. */
export async function* databaseNotices(
  chunks: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<Notice | ScapfeedError> {
  for await (const [key, value] of readMembers(chunks, { maxMemberBytes: maxNoticeBytes, where })) {
    yield readRecord(`${where}#/${pointerStep(key)}`, () => databaseNotice(key, record(value, '')));
  }
}

/** A notice from its OSV record `USN-…`. */
export function osvNotice(record: OsvRecord): Notice {
  const date = dayOrNone(record.published);
  return {
    id: record.id,
    ...(record.summary === undefined ? {} : { title: record.summary }),
    ...(date === undefined ? {} : { date }),
    cves: record.noticeCves,
    fixes: record.affected.flatMap(({ place, package: name, fixed, cves }) => {
      if (typeof place === 'string' || fixed === undefined) return [];
      const fix = { codename: place.codename, package: name, version: fixed };
      return [cves.length > 0 ? { ...fix, cves } : fix];
    }),
  };
}

export function noticeAdvisory({ id, title, date }: Notice): Advisory {
  return {
    id,
    ...(date === undefined ? {} : { date }),
    ...(title === undefined ? {} : { title }),
    url: `https://ubuntu.com/security/notices/${id}`,
  };
}

/** Finds the notices that published a fix. */
export class NoticeTable {
  #byCve = new Map<string, Notice[]>();
  #newest = '1970-01-01';

  /** Day of the newest notice, YYYY-MM-DD. */
  newest(): string {
    return this.#newest;
  }

  add(notice: Notice): void {
    if (notice.date !== undefined && notice.date > this.#newest) this.#newest = notice.date;
    for (const cve of new Set(notice.cves)) {
      const known = this.#byCve.get(cve);
      if (known) known.push(notice);
      else this.#byCve.set(cve, [notice]);
    }
  }

  /** Ids of the notices that name the CVE and delivered exactly this version of the source, sorted. */
  idsOf(cve: string, codename: string, source: string, version: string): string[] {
    const notices = this.#byCve.get(cve) ?? [];
    const publishing = notices.filter(({ fixes }) =>
      fixes.some(
        (fix) =>
          fix.version === version &&
          fix.package === source &&
          fix.codename === codename &&
          (fix.cves?.includes(cve) ?? true),
      ),
    );
    return [...new Set(publishing.map(({ id }) => id))].sort();
  }
}

/** Timestamps for which `toISOString` has a year of four digits. */
const lastSecond = Date.parse('9999-12-31T23:59:59Z') / 1000;

function databaseNotice(key: string, raw: Record<string, unknown>): Notice {
  const title = textOrNone(raw['title']) ?? textOrNone(raw['summary']);
  const id = word(optionalText(raw['id'], '/id') ?? key, '/id');
  const seconds = raw['timestamp'];
  const isTime = typeof seconds === 'number' && seconds >= 0 && seconds <= lastSecond;
  return {
    id: `USN-${id}`.replace(/^USN-USN-/, 'USN-'),
    ...(title === undefined ? {} : { title: title.trim() }),
    ...(isTime ? { date: new Date(seconds * 1000).toISOString().slice(0, 10) } : {}),
    cves: texts(raw['cves'], '/cves').filter((name) => /^CVE-\d{4}-\d{4,}$/.test(name)),
    fixes: fixesOf(raw['releases']),
  };
}

function fixesOf(releases: unknown): NoticeFix[] {
  const fixes: NoticeFix[] = [];
  for (const [codename, release] of Object.entries(record(releases ?? {}, '/releases'))) {
    const place = `/releases/${pointerStep(codename)}`;
    const { sources } = record(release, place);
    for (const [name, source] of Object.entries(record(sources ?? {}, `${place}/sources`))) {
      const { version } = record(source, `${place}/sources/${pointerStep(name)}`);
      const fix = optionalWord(version, `${place}/sources/${pointerStep(name)}/version`);
      if (fix !== undefined) fixes.push({ codename, package: name, version: fix });
    }
  }
  return fixes;
}
