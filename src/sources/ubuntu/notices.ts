import { readMembers } from '../../io/json-members.ts';
import type { Advisory } from '../../model/index.ts';
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
  /** The CVEs that it fixes there, where the notice tells them apart by release; default all of the notice. */
  cves?: readonly string[];
}

// A kernel notice lists every binary on every architecture: 1 to 3 MB are usual.
const maxNoticeBytes = 256 << 20;

/** The notices of `database-all.json`, one at a time. */
export async function* databaseNotices(
  chunks: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<Notice> {
  for await (const [key, value] of readMembers(chunks, { maxMemberBytes: maxNoticeBytes, where })) {
    yield databaseNotice(key, value as RawNotice);
  }
}

/** A notice from its OSV record `USN-…`. */
export function osvNotice(record: OsvRecord): Notice {
  return {
    id: record.id,
    ...(record.summary === undefined ? {} : { title: record.summary }),
    ...(record.published === undefined ? {} : { date: record.published.slice(0, 10) }),
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

  add(notice: Notice): void {
    for (const cve of new Set(notice.cves)) {
      const known = this.#byCve.get(cve);
      if (known) known.push(notice);
      else this.#byCve.set(cve, [notice]);
    }
  }

  /** Ids of the notices that name the CVE and brought exactly this version of the source, sorted. */
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

interface RawNotice {
  id?: string;
  title?: string;
  summary?: string;
  timestamp?: number;
  cves?: string[];
  releases?: Record<string, { sources?: Record<string, { version?: string }> }>;
}

function databaseNotice(key: string, raw: RawNotice): Notice {
  const title = raw.title ?? raw.summary;
  const fixes = Object.entries(raw.releases ?? {}).flatMap(([codename, { sources = {} }]) =>
    Object.entries(sources).flatMap(([name, { version }]) =>
      version === undefined ? [] : [{ codename, package: name, version }],
    ),
  );
  return {
    id: `USN-${raw.id ?? key}`.replace(/^USN-USN-/, 'USN-'),
    ...(title === undefined ? {} : { title: title.trim() }),
    ...(raw.timestamp === undefined
      ? {}
      : { date: new Date(raw.timestamp * 1000).toISOString().slice(0, 10) }),
    cves: (raw.cves ?? []).filter((name) => /^CVE-\d{4}-\d{4,}$/.test(name)),
    fixes,
  };
}
