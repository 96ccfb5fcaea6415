import { unreadRecords } from '../../model/feed/index.ts';
import type { EvidenceUnknown } from '../../model/fleet/index.ts';
import { ecosystemIds } from '../../model/inventory/index.ts';
import { endOfLifeGap, uncoveredSystem, unreadRecordsGap } from '../../model/verdict/index.ts';
import type { Queries } from '../store/database.ts';
import { languageGapsBy, unjudgedBy } from '../store/list.ts';

/** A time with the last run that had ended. */
export interface Moment {
  run: number;
  time: Date;
}

interface NameRow {
  reference: string;
  digest: string | null;
  unread: string | null;
  uncovered: string | null;
  isWaiting: boolean;
  open: number;
  packages: number;
  half: number;
  /** Packages of languages that the run's feed does not judge, by ecosystem. */
  unjudged: { ecosystem: string; packages: number }[];
  gaps: string[];
}

/** The ecosystems of the feed of run $1; the list of the last run is no fact of an earlier one. */
function ofRun(key: 'ecosystems' | 'unread-ecosystems'): string {
  const known = ecosystemIds.map((id) => `'${id}'`).join(', ');
  return `coalesce((SELECT jsonb_agg(offered.value->'id') FROM fleet.runs JOIN fleet.feeds ON feeds.id = feed, jsonb_array_elements(platforms) AS offered
    WHERE runs.id = $1 AND offered.value->>'id' IN (${known})${key === 'ecosystems' ? '' : ` AND offered.value->'marks' ? '${unreadRecords}'`}), '[]'::jsonb)`;
}

/** The number of names that were looked up at a time, and those with images that were not fully judged. */
export async function readUnknown(
  queries: Queries,
  { run, time }: Moment,
): Promise<{ watched: number; unknown: EvidenceUnknown[] }> {
  const held = (table: string) =>
    `${table}.from_run <= $1 AND (${table}.to_run IS NULL OR ${table}.to_run > $1)`;
  const rows = await queries.query<NameRow>(
    `SELECT reference, images.digest, unread.code || ': ' || unread.message AS unread, CASE WHEN coverage.platform IS NULL THEN coverage.code || ': ' || coverage.message END AS uncovered,
       images.id IS NULL OR coverage.id IS NULL OR EXISTS (SELECT FROM fleet.packages
         WHERE packages.id = ANY(images.packages) AND (first_run IS NULL OR first_run > $1)) AS "isWaiting",
       (SELECT count(*) FROM fleet.uncovered WHERE package = ANY(images.packages) AND ${held('uncovered')})::integer AS open,
       cardinality(images.packages) AS packages, coalesce(jsonb_array_length(images.gaps->'halfInstalled'), 0) AS half,
       ${unjudgedBy(ofRun)} AS unjudged,
       ARRAY(SELECT DISTINCT code COLLATE "C" AS code FROM (SELECT gap->>'code' FROM jsonb_array_elements(images.gaps->'gaps') AS gap
         UNION SELECT gap->>'code' FROM jsonb_array_elements(${languageGapsBy(ofRun)}) AS gap
         UNION SELECT '${endOfLifeGap.code}' WHERE coverage.ended_run <= $1
         UNION SELECT '${unreadRecordsGap.code}' WHERE '${unreadRecords}' = ANY(coverage.marks)
         UNION SELECT '${uncoveredSystem}' WHERE coverage.platform IS NOT NULL AND coverage.code IS NOT NULL) AS each (code) ORDER BY code) AS gaps
     FROM fleet.names LEFT JOIN fleet.name_images ON name = names.id AND since <= $2 AND (until IS NULL OR until > $2)
     LEFT JOIN fleet.images ON images.id = image
     LEFT JOIN fleet.unread ON unread.name = names.id AND ${held('unread')}
     LEFT JOIN fleet.coverage ON coverage.system = images.system AND ${held('coverage')}
     WHERE added <= $2 AND (removed IS NULL OR removed > $2) ORDER BY reference COLLATE "C"`,
    [run, time],
  );
  const unknown = rows.flatMap((row) => {
    const { reference, digest } = row;
    const why = reasonOf(row);
    return why ? [{ reference, digest, ...why }] : [];
  });
  return { watched: rows.length, unknown };
}

function reasonOf({
  unread,
  uncovered,
  isWaiting,
  open,
  packages,
  half,
  unjudged,
  gaps,
}: NameRow): Pick<EvidenceUnknown, 'state' | 'detail' | 'gaps'> | undefined {
  if (unread !== null) return { state: 'unread', detail: unread };
  if (uncovered !== null) return { state: 'uncovered', detail: uncovered };
  if (isWaiting) return { state: 'waiting', detail: 'no run had judged all of its packages' };
  const without = `packages without data: ${open + half}`;
  if (open > 0 && open === packages) return { state: 'uncovered', detail: without };
  const counted = unjudged.map(({ ecosystem, packages }) => `${ecosystem} ${packages}`).join(', ');
  const parts = [
    ...(open + half > 0 ? [without] : []),
    ...(counted === '' ? [] : [`packages that the feed does not judge: ${counted}`]),
    ...gaps,
  ];
  return parts.length > 0 ? { state: 'partly', detail: parts.join('; '), gaps } : undefined;
}
