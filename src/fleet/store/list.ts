import { unreadRecords } from '../../model/feed/index.ts';
import { imageStateOf, type ListedImage } from '../../model/fleet/index.ts';
import { componentIds, languageIds, searchCut, searchIncomplete } from '../../model/inventory/index.ts';
import { pathMatcher } from '../../model/path-glob.ts';
import {
  absentComponents,
  absentWords,
  endOfLifeGap,
  type Gap,
  uncoveredComponents,
  uncoveredLanguages,
  uncoveredSystem,
  unreadFilesWords,
  unreadPackageFiles,
  unreadRecordsGap,
  unsearchedGap,
} from '../../model/verdict/index.ts';
import { dayOf } from '../waivers/acting-waivers.ts';
import type { Queries } from './database.ts';
import { imagesWithOldFix } from './flaw-times.ts';
import { ImageOwners, type OwnedName } from './owners.ts';
import { dueOf, imagesDue } from './sla.ts';

/** A list of ecosystems of a run's feed, as an expression of SQL: those that it has, or those whose records were not all read. */
type EcosystemList = (key: 'ecosystems' | 'unread-ecosystems') => string;

/** Why an image is not known as a whole: what was found when it was read, and what its platform lacks now. */
export const imageGaps = `(${gapIf('coverage.ended_run IS NOT NULL', endOfLifeGap)} || (images.gaps->'gaps')
  || ${gapIf(`'${unreadRecords}' = ANY(coverage.marks) OR ${isOfUnreadEcosystem(ofLastRun)}`, unreadRecordsGap)}
  || ${gapsOfLanguagesBy(ofLastRun)} || ${gapOfSystem()})`;

/** The codes of what packages of languages and components leave open in a run, as a jsonb array of gaps. */
export function languageGapsBy(list: EcosystemList): string {
  return `(${gapIf(isOfUnreadEcosystem(list), unreadRecordsGap)} || ${gapsOfLanguagesBy(list)})`;
}

function gapsOfLanguagesBy(list: EcosystemList): string {
  return `${gapIf(isNotSearched(list), unsearchedGap)} || ${gapsOfDamaged(list)} || ${gapOfComponents(list)} || ${gapOfAbsent(list)}`;
}

/** The gap of a distribution that the feed does not cover, where packages of languages are judged all the same. */
function gapOfSystem(): string {
  return `CASE WHEN coverage.platform IS NOT NULL AND coverage.code IS NOT NULL
    THEN jsonb_build_array(jsonb_build_object('code', '${uncoveredSystem}', 'detail', coverage.message)) ELSE '[]'::jsonb END`;
}

/** The feed lacks records about a language, of which the image has packages. */
function isOfUnreadEcosystem(list: EcosystemList): string {
  return `EXISTS (SELECT FROM jsonb_array_elements(images.unjudged) AS each JOIN jsonb_array_elements_text(${list('unread-ecosystems')}) AS unread
    ON each->>'ecosystem' = unread WHERE each ? 'listed' AND (each->>'listed')::integer > 0)`;
}

/** The feed has data about languages, and not every place in the image could be searched for their packages. */
function isNotSearched(list: EcosystemList): string {
  const codes = [searchCut, searchIncomplete].map((code) => `@.code == "${code}"`).join(' || ');
  return `jsonb_array_length(${list('ecosystems')}) > 0 AND jsonb_path_exists(images.gaps, '$.notes[*] ? (${codes})')`;
}

/** Gaps of damaged package files of ecosystems that the feed has, as `unreadFilesGap`. */
function gapsOfDamaged(list: EcosystemList): string {
  return `coalesce((SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('code', '${unreadPackageFiles}', 'where', each->'places'->0,
      'detail', (each->>'ecosystem') || ' ${unreadFilesWords}: ' || (each->>'damaged'))) ORDER BY nth)
    FROM jsonb_array_elements(images.unjudged) WITH ORDINALITY AS counted (each, nth)
    WHERE each ? 'damaged' AND ${list('ecosystems')} ? (each->>'ecosystem')), '[]'::jsonb)`;
}

/** The gap of packages of ecosystems that the feed lacks, beside those that it has; as `absentGap`. */
function gapOfAbsent(list: EcosystemList): string {
  const known = languageIds.map((id) => `'${id}'`).join(', ');
  return `coalesce((SELECT jsonb_build_array(jsonb_build_object('code', '${uncoveredLanguages}',
      'detail', sum((each->>'packages')::integer) || ' ${absentWords}: '
        || string_agg((each->>'ecosystem') || ' ' || (each->>'packages'), ', ' ORDER BY nth)))
    FROM jsonb_array_elements(images.unjudged) WITH ORDINALITY AS counted (each, nth)
    WHERE jsonb_array_length(${list('ecosystems')}) > 0 AND (each->>'ecosystem') IN (${known})
      AND NOT (${list('ecosystems')} ? (each->>'ecosystem')) HAVING count(*) > 0), '[]'::jsonb)`;
}

/** The gap of components of vendors that the feed lacks; as `absentComponentsGap`. */
function gapOfComponents(list: EcosystemList): string {
  const known = componentIds.map((id) => `'${id}'`).join(', ');
  return `coalesce((SELECT jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('code', '${uncoveredComponents}',
      'where', (array_agg(each->'places'->0 ORDER BY nth))[1],
      'detail', sum((each->>'packages')::integer) || ' ${absentComponents}: '
        || string_agg((each->>'ecosystem') || ' ' || (each->>'packages'), ', ' ORDER BY nth))))
    FROM jsonb_array_elements(images.unjudged) WITH ORDINALITY AS counted (each, nth)
    WHERE (each->>'ecosystem') IN (${known})
      AND NOT (${list('ecosystems')} ? (each->>'ecosystem')) HAVING count(*) > 0), '[]'::jsonb)`;
}

/** A list of ecosystems, as the last run's feed has them. */
function ofLastRun(key: 'ecosystems' | 'unread-ecosystems'): string {
  return `coalesce((SELECT value FROM fleet.settings WHERE key = '${key}'), '[]'::jsonb)`;
}

function gapIf(condition: string, gap: Gap): string {
  return `CASE WHEN ${condition} THEN '${JSON.stringify([gap]).replaceAll("'", "''")}' ELSE '[]' END::jsonb`;
}

/** Packages of languages that no platform of the last feed judges, or of which only the number is known: a jsonb array. */
export const imageUnjudged: string = unjudgedBy(ofLastRun);

/** The same in a run. */
export function unjudgedBy(list: EcosystemList): string {
  return `(SELECT coalesce(jsonb_agg(each - 'listed' || jsonb_build_object('packages', packages) ORDER BY nth), '[]'::jsonb)
  FROM (SELECT each, nth, (each->>'packages')::integer - CASE WHEN coverage.platform IS NOT NULL AND (each->>'ecosystem') IN (
      SELECT jsonb_array_elements_text(${list('ecosystems')}))
    THEN coalesce((each->>'listed')::integer, 0) ELSE 0 END AS packages
    FROM jsonb_array_elements(images.unjudged) WITH ORDINALITY AS counted (each, nth)) AS left_over WHERE packages > 0)`;
}

/** Columns of a `ListedImage` without its state, and with those that decide its owners. */
export const listedColumns = `reference, watches.kind, images.digest, systems.name AS system, coverage.platform, installed, counts,
  ${imageGaps} AS gaps, signed->>'verdict' AS signed,
  coalesce((SELECT sum((each->>'packages')::integer) FROM jsonb_array_elements(${imageUnjudged}) AS each), 0)::integer AS unjudged,
  coalesce(jsonb_array_length(images.gaps->'halfInstalled'), 0) AS "halfInstalled",
  CASE WHEN unread.id IS NOT NULL THEN jsonb_build_object('code', unread.code, 'message', unread.message) END AS unread,
  images.labels, names.namespaces, CASE WHEN image_bases.described IS NOT NULL THEN (image_bases.described->'base') - 'layers'
    WHEN image_bases.reason IS NOT NULL THEN jsonb_build_object('unknown', image_bases.reason) END AS base,
  CASE WHEN coverage.platform IS NULL AND coverage.code IS NOT NULL THEN jsonb_build_object('code', coverage.code, 'message', coverage.message) END
    AS uncovered`;

/** Where they are from, with some of the names that are looked up. */
export const listedTables = (names: string) => `FROM ${names} JOIN fleet.watches ON watches.id = watch
  LEFT JOIN fleet.name_images ON name_images.name = names.id AND until IS NULL
  LEFT JOIN fleet.images ON images.id = name_images.image
  LEFT JOIN fleet.image_counts ON image_counts.image = images.id
  LEFT JOIN fleet.image_bases ON image_bases.image = images.id
  LEFT JOIN fleet.systems ON systems.id = images.system
  LEFT JOIN fleet.coverage ON coverage.system = images.system AND coverage.to_run IS NULL
  LEFT JOIN fleet.unread ON unread.name = names.id AND unread.to_run IS NULL`;

/** Selects the names to list; all given conditions must hold. An image that was never read has no age and no label. */
export interface ListChoice {
  /** First read at this time or before. */
  readUntil?: Date;
  /** Only images with a flaw that has been fixable since that time or earlier. */
  fixedUntil?: Date;
  /** An owner by the rules of the policy, or a glob for the image's maker or maintainer by its labels. */
  owner?: string;
  /** Only images with a flaw that is overdue by the SLA. */
  overdue?: boolean;
  /** Globs for the values of labels. */
  labels?: readonly (readonly [name: string, value: string])[];
}

/** Labels that name an owner: of the OCI image specification, and Docker's older one. */
const ownerLabels = ['org.opencontainers.image.vendor', 'org.opencontainers.image.authors', 'maintainer'];

/** All names that are looked up and chosen, in code-unit order. `now`: its day decides which flaws are overdue. */
export async function listNames(
  queries: Queries,
  now: Date,
  choice: ListChoice = {},
): Promise<ListedImage[]> {
  const found = await queries.query<
    Omit<ListedImage, 'state' | 'owners' | 'overdue' | 'due'> & Omit<KeptAbout, 'owners' | 'overdue'>
  >(
    `SELECT ${listedColumns}, images.id, images.read ${listedTables('fleet.names')} WHERE names.removed IS NULL
     ORDER BY reference COLLATE "C"`,
  );
  const owners = await ImageOwners.read(queries);
  const due = await imagesDue(queries, dayOf(now));
  const rows = found.map((row) => ({ ...row, owners: owners.of(row), ...dueOf(row, row.id, due) }));
  const { fixedUntil } = choice;
  const isChosen = chooser(choice, fixedUntil && (await imagesWithOldFix(queries, fixedUntil)));
  return rows.filter(isChosen).map(({ id: _, read: __, labels: ___, namespaces: ____, ...row }) => ({
    ...row,
    state: imageStateOf(row),
  }));
}

interface KeptAbout extends OwnedName {
  id: number | null;
  read: Date | null;
  owners: readonly string[];
  overdue: number | null;
}

function chooser(
  { readUntil, owner, labels = [], overdue }: ListChoice,
  ids: ReadonlySet<number> | undefined,
): (image: KeptAbout) => boolean {
  const isOwner = owner === undefined ? undefined : pathMatcher([owner]);
  const wanted = labels.map(([name, value]) => ({ name, matches: pathMatcher([value]) }));
  return ({ id, read, labels: own, owners, overdue: late }) => {
    const has = (name: string, matches: (value: string) => boolean) => {
      const value = own !== null && Object.hasOwn(own, name) ? own[name] : undefined;
      return value !== undefined && matches(value);
    };
    return (
      (readUntil === undefined || (read !== null && read <= readUntil)) &&
      (ids === undefined || (id !== null && ids.has(id))) &&
      (!overdue || (late !== null && late > 0)) &&
      (isOwner === undefined || owners.some(isOwner) || ownerLabels.some((name) => has(name, isOwner))) &&
      wanted.every(({ name, matches }) => has(name, matches))
    );
  };
}
