import { type ListedImage, type Severity, severities } from '../../../model/index.ts';
import type { Queries } from '../../store/database.ts';
import { storable } from '../../store/json.ts';
import { Conditions, containing } from './conditions.ts';
import { type Page, pageOf, readCursor } from './cursor.ts';

export interface ImageSearch {
  q?: string;
  kind?: string;
  system?: string;
  platform?: string;
  state?: keyof typeof states;
  severity?: Severity;
  exploited?: boolean;
  digest?: string;
  sort: keyof typeof sortKeys;
  limit: number;
  cursor?: string;
}

const count = (path: string) => `coalesce((counts->>'${path}')::integer, -1)`;
const flaws = (words: readonly Severity[]) =>
  words.map((word) => `coalesce((counts->'flaws'->>'${word}')::integer, 0)`).join(' + ');

/** By what a list is sorted, the largest first, and then by name. Images without counts come last. */
export const sortKeys = {
  reference: '0',
  flaws: `CASE WHEN counts IS NULL THEN -1 ELSE ${flaws(severities)} END`,
  critical: `CASE WHEN counts IS NULL THEN -1 ELSE ${flaws(['critical'])} END`,
  high: `CASE WHEN counts IS NULL THEN -1 ELSE ${flaws(['critical', 'high'])} END`,
  exploited: count('exploited'),
  fixable: count('fixable'),
  uncovered: count('uncovered'),
  installed: 'coalesce(installed, -1)',
} as const;

const states = {
  unread: 'unread.id IS NOT NULL',
  uncovered: 'unread.id IS NULL AND coverage.code IS NOT NULL',
  waiting: 'unread.id IS NULL AND coverage.code IS NULL AND counts IS NULL',
  judged: 'unread.id IS NULL AND coverage.code IS NULL AND counts IS NOT NULL',
} as const;

/** The names that are looked up and as asked, a page of them. */
export async function searchImages(queries: Queries, search: ImageSearch): Promise<Page<ListedImage>> {
  const { q, kind, system, platform, state, severity, exploited, digest, sort, limit } = search;
  const after = readCursor(search.cursor, ['number', 'string']);
  const where = new Conditions();
  where.require('names.removed IS NULL');
  if (q !== undefined) where.add('reference ILIKE ?', containing(storable(q)));
  if (kind !== undefined) where.add('watches.kind = ?', kind);
  if (system !== undefined) where.add('systems.name = ?', storable(system));
  if (platform !== undefined) where.add('coverage.platform = ?', storable(platform));
  if (digest !== undefined) where.add('images.digest = ?', storable(digest));
  if (state !== undefined) where.require(states[state]);
  if (severity !== undefined) where.require(`${flaws(severities.slice(severities.indexOf(severity)))} > 0`);
  if (exploited !== undefined) where.require(`${count('exploited')} ${exploited ? '> 0' : '= 0'}`);
  const key = sortKeys[sort];
  if (after) {
    const [value, name] = [where.value(after[0]), where.value(storable(String(after[1])))];
    where.require(
      `(${key} < ${value}::integer OR (${key} = ${value}::integer AND reference COLLATE "C" > ${name}))`,
    );
  }
  const rows = await queries.query<ListedImage & { sorted: number }>(
    `SELECT reference, watches.kind, images.digest, systems.name AS system, coverage.platform, installed, counts, gaps->'gaps' AS gaps,
       signed->>'verdict' AS signed, ${key} AS sorted,
       CASE WHEN unread.id IS NOT NULL THEN jsonb_build_object('code', unread.code, 'message', unread.message) END AS unread,
       CASE WHEN coverage.code IS NOT NULL THEN jsonb_build_object('code', coverage.code, 'message', coverage.message) END
         AS uncovered
     FROM fleet.names JOIN fleet.watches ON watches.id = watch
     LEFT JOIN fleet.name_images ON name_images.name = names.id AND until IS NULL
     LEFT JOIN fleet.images ON images.id = image
     LEFT JOIN fleet.systems ON systems.id = images.system
     LEFT JOIN fleet.coverage ON coverage.system = images.system AND coverage.to_run IS NULL
     LEFT JOIN fleet.unread ON unread.name = names.id AND unread.to_run IS NULL
     WHERE ${where} ORDER BY sorted DESC, reference COLLATE "C" LIMIT ${where.value(limit + 1)}`,
    where.values,
  );
  return pageOf(rows, limit, {
    item: ({ sorted: _, ...image }) => image,
    values: ({ sorted, reference }) => [sorted, reference],
  });
}
