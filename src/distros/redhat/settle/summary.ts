import { moduleBuild } from '../../shared/rule/build-tags.ts';
import type { DocumentRecord } from '../record.ts';
import { lacksModule } from './module-book.ts';

/** A document without its rows: what a build needs from every document, whichever vulnerabilities it settles again. */
export interface DocumentSummary extends Omit<DocumentRecord, 'vulnerabilities'> {
  /** Vulnerabilities, in the order of the record. */
  ids: string[];
  /** Modules that its rows name, with the number of their build or `''`; each pair once. */
  builds: [module: string, build: string][];
  /** Those of `ids` with a row that lacks its module, which other documents decide. */
  lacking: string[];
}

export function summaryOf({ vulnerabilities, ...rest }: DocumentRecord): DocumentSummary {
  const builds = new Map<string, [string, string]>();
  for (const { module, fixed } of vulnerabilities.flatMap(({ rows }) => rows)) {
    if (module === undefined) continue;
    const build = (fixed && moduleBuild(fixed)) ?? '';
    builds.set(`${module} ${build}`, [module, build]);
  }
  return {
    ...rest,
    ids: vulnerabilities.map(({ id }) => id),
    builds: [...builds.values()],
    lacking: vulnerabilities.filter(({ rows }) => rows.some(lacksModule)).map(({ id }) => id),
  };
}
