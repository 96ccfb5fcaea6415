import { unreadRecords } from '../../model/feed/index.ts';
import { ecosystemIds } from '../../model/inventory/index.ts';
import type { Queries } from '../store/database.ts';

/** An installed package of which not all is known, so that a flaw that is not listed any more may still be in it. */
export interface UnjudgedPackage {
  id: number;
  source: string;
  /** Its whole system is not judged any more, which is news of its own. */
  whole: boolean;
}

/** Those of some packages of which not all is known now. */
export function unjudgedAmong(queries: Queries, packages: readonly number[]): Promise<UnjudgedPackage[]> {
  return queries.query<UnjudgedPackage>(
    `SELECT packages.id, source, coverage.platform IS NULL OR coverage.code IS NOT NULL AND type <> ALL($3::text[]) AS whole
     FROM fleet.packages JOIN fleet.coverage ON coverage.system = packages.system AND coverage.to_run IS NULL
     WHERE packages.id = ANY($1::integer[]) AND (coverage.platform IS NULL OR $2 = ANY(coverage.marks)
       OR EXISTS (SELECT FROM fleet.uncovered WHERE uncovered.package = packages.id AND uncovered.to_run IS NULL))`,
    [packages, unreadRecords, ecosystemIds],
  );
}
