import type { Advisory, Ledger } from '../../model/feed/index.ts';
import { parseDpkgVersion } from '../../packaging/index.ts';
import type { ListedAdvisory, UnreadFix } from './advisory-list.ts';

/** Statement of one advisory about one vulnerability in one package of one release. */
export interface AdvisoryFix {
  advisory: string;
  release: string;
  package: string;
  vulnerability: string;
  version?: string;
  tag?: string;
  /** `debian-dsa#line:123` */
  place: string;
}

/** Security advisories by what they fix. Each fix is a record: it is used once, or counted as not used. */
export class AdvisoryIndex {
  #fixes = new Map<string, AdvisoryFix[]>();
  #advisories = new Map<string, ListedAdvisory>();
  #unread: UnreadFix[] = [];

  /** Advisories that name no package are dropped to the ledger, and versions that dpkg could not parse. */
  add(advisories: readonly ListedAdvisory[], input: string, ledger: Ledger): void {
    for (const advisory of advisories) {
      this.#advisories.set(advisory.id, advisory);
      if (advisory.rows.length === 0)
        ledger.drop('advisory_without_package', `${input}#line:${advisory.line}`);
      const ids = new Set(advisory.vulnerabilities);
      for (const { line, version, tag, ...row } of advisory.rows) {
        const place = `${input}#line:${line}`;
        if (version !== undefined && !parseDpkgVersion(version)) {
          const count = Math.max(ids.size, 1);
          ledger.drop('absurd_version', place, version, count);
          const record = { reason: 'absurd_version', where: place, detail: version };
          this.lose({ release: row.release, package: row.package, count, record });
          continue;
        }
        const judged = tag === undefined ? { version: version! } : { tag };
        // An advisory without a CVE is its own vulnerability.
        for (const vulnerability of ids.size > 0 ? ids : [advisory.id]) {
          this.#put({ ...row, ...judged, advisory: advisory.id, vulnerability, place });
        }
      }
    }
  }

  /** The fixes of one vulnerability in one package of a release; they are taken out of the index. */
  take(release: string, name: string, vulnerability: string): AdvisoryFix[] {
    const key = `${release} ${name} ${vulnerability}`;
    const fixes = this.#fixes.get(key) ?? [];
    this.#fixes.delete(key);
    return fixes;
  }

  /** Notes a fix that could not be read. */
  lose(fix: UnreadFix): void {
    this.#unread.push(fix);
  }

  /** Fixes that could not be read; they count for releases past their support, where the lists decide. */
  get unread(): readonly UnreadFix[] {
    return this.#unread;
  }

  /** The fixes that were not taken, grouped by vulnerability, package and release. */
  rest(): Iterable<AdvisoryFix[]> {
    return this.#fixes.values();
  }

  /** Date of the newest advisory, or of the newest that names a release; YYYY-MM-DD. */
  newest(release?: string): string {
    let newest = '1970-01-01';
    for (const { date, rows } of this.#advisories.values()) {
      const named = release === undefined || rows.some((row) => row.release === release);
      if (named && date > newest) newest = date;
    }
    return newest;
  }

  details(id: string): Advisory | undefined {
    const advisory = this.#advisories.get(id);
    if (!advisory) return undefined;
    const url = `https://security-tracker.debian.org/tracker/${id}`;
    return { id, date: advisory.date, title: advisory.title, url };
  }

  #put(fix: AdvisoryFix): void {
    const key = `${fix.release} ${fix.package} ${fix.vulnerability}`;
    const same = this.#fixes.get(key);
    if (same) same.push(fix);
    else this.#fixes.set(key, [fix]);
  }
}
