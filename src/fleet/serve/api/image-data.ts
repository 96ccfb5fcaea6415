import { grouped } from '../../../model/order.ts';
import { flawKey } from '../../../model/verdict/index.ts';
import { lastDayOf } from '../../last-day.ts';
import { isOpenFlaw } from '../../news/flaws.ts';
import type { Queries } from '../../store/database.ts';
import { firstSeen } from '../../store/flaw-times.ts';
import { storable } from '../../store/json.ts';
import { imageGaps, imageUnjudged } from '../../store/list.ts';
import { basesOf } from '../../view/bases.ts';
import { inPart, partValues } from '../../view/events.ts';
import type { FleetView } from '../../view/fleet-view.ts';
import { verdictsAt } from '../../view/verdict-index.ts';
import { WaivedFlaws } from '../../view/waived.ts';
import { dayOf } from '../../waivers/acting-waivers.ts';

/** An image in answers of the API. */
export interface ImageRow {
  id: number;
  digest: string;
  kind: string;
  architecture: string | null;
  system: string;
  platform: string | null;
  uncovered: { code: string; message: string } | null;
  installed: number;
  counts: object | null;
  labels: object;
  signed: object | null;
  gaps: object;
  unjudged: object[];
  read: Date;
  tool: string;
}

export async function imageRow(queries: Queries, digest: string): Promise<ImageRow | undefined> {
  const [row] = await queries.query<ImageRow>(
    `SELECT images.id, images.digest, kind, architecture, systems.name AS system, coverage.platform,
       CASE WHEN coverage.platform IS NULL AND coverage.code IS NOT NULL THEN jsonb_build_object('code', coverage.code, 'message', coverage.message) END
         AS uncovered, installed, counts, labels, signed,
       jsonb_set(images.gaps, '{gaps}', ${imageGaps}) AS gaps, ${imageUnjudged} AS unjudged, read, tool
     FROM fleet.images JOIN fleet.systems ON systems.id = images.system
     LEFT JOIN fleet.image_counts ON image_counts.image = images.id
     LEFT JOIN fleet.coverage ON coverage.system = images.system AND to_run IS NULL WHERE images.digest = $1`,
    [storable(digest)],
  );
  return row;
}

/** The names that stand or stood for an image, those that do now first. */
export async function imageNames(
  view: FleetView,
  image: number,
): Promise<{ reference: string; since: Date; until: Date | null }[]> {
  const rows = await view.queries.query<{ reference: string; since: Date; until: Date | null }>(
    `SELECT reference, since, until FROM fleet.name_images JOIN fleet.names ON names.id = name WHERE image = $1
     ORDER BY until DESC NULLS FIRST, reference COLLATE "C", since DESC`,
    [image],
  );
  if (view.seen === 'all') return rows;
  const seen = new Set((await view.names()).map(({ reference }) => reference));
  return rows.filter(({ reference }) => seen.has(reference));
}

interface VerdictRow {
  number: number;
  vulnerability: string;
  package: { source: string };
  status: string;
  hidden: string | null;
  severity: string;
  exploited: boolean;
  fixSince: string | null;
}

/** The verdicts that hold now, with who waived them; `all`: also those that the default view of a scan leaves out. */
export async function imageVerdicts(view: FleetView, image: number, all: boolean): Promise<object[]> {
  const rows = await view.queries.query<VerdictRow>(
    `SELECT packages.id AS number, jsonb_build_object('type', packages.type, 'name', packages.name, 'version', packages.version, 'arch', packages.arch,
         'source', packages.source, 'sourceVersion', packages.source_version) AS package,
       vulnerability, verdicts.platform, status, fix_state AS "fixState", fixed_version AS "fixedVersion", reason, severity,
       severity_source AS "severitySource", exploited, hidden, rejected, suppressed, channel, advisories, marks,
       jsonb_build_object('run', from_run, 'date', to_char(runs.started AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) AS since,
       to_char(available.started AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "fixSince"
     FROM ${verdictsAt('$3')} JOIN fleet.packages ON packages.id = verdicts.package JOIN fleet.runs ON runs.id = from_run
     LEFT JOIN fleet.runs AS available ON available.id = available_run
     WHERE verdicts.package = ANY((SELECT packages FROM fleet.images WHERE id = $1)::integer[])
       AND ($2 OR (status = 'affected' AND hidden IS NULL))
     ORDER BY packages.source COLLATE "C", packages.name COLLATE "C", packages.version COLLATE "C", packages.arch COLLATE "C",
       vulnerability COLLATE "C", verdicts.id`,
    [image, all, (await view.verdicts()).run],
  );
  const flaws = new Map(
    [...grouped(rows.filter(isOpenFlaw), keyOf)].map(([key, own]) => [
      key,
      {
        vulnerability: own[0]!.vulnerability,
        source: own[0]!.package.source,
        packages: [...new Set(own.map(({ number }) => number))],
      },
    ]),
  );
  const waived = await WaivedFlaws.of(view, [...flaws.values()]);
  const seen = await firstSeen(view.queries, rows.map(flawOf));
  const sla = await view.sla();
  const today = dayOf(view.now);
  const bases = await basesOf(view, image);
  return rows.map((row) => {
    const { number: _, ...verdict } = row;
    const flaw = isOpenFlaw(row) && flaws.get(keyOf(row));
    const by = flaw ? waived.in(flaw, image) : [];
    const { fixSince, ...facts } = row;
    const first = seen(flawOf(row));
    const timed = { ...facts, fix_since: fixSince === null ? null : new Date(fixSince), first_seen: first };
    const due = by.length > 0 ? null : lastDayOf(timed, sla);
    return {
      ...verdict,
      firstSeen: first,
      ...{ due, overdue: due !== null && due < today },
      base: bases?.of({ ...flawOf(row), source: row.package.source, packages: [row.number] }) ?? null,
      waived: by.map(({ id, reason, until }) => ({ waiver: id, reason, until })),
    };
  });
}

function flawOf({ number, vulnerability }: VerdictRow): { package: number; vulnerability: string } {
  return { package: number, vulnerability };
}

function keyOf({ vulnerability, package: { source } }: VerdictRow): string {
  return flawKey({ vulnerability, source });
}

/** Packages of an image that are not judged, with the reason. */
export async function imageUncovered(queries: Queries, image: number): Promise<object[]> {
  return queries.query(
    `SELECT name, version, arch, reason, detail FROM fleet.uncovered JOIN fleet.packages ON packages.id = package
     WHERE package = ANY((SELECT packages FROM fleet.images WHERE id = $1)::integer[]) AND to_run IS NULL
     ORDER BY name COLLATE "C", version COLLATE "C", arch COLLATE "C", uncovered.id`,
    [image],
  );
}

/** The news about an image, the newest first. */
export async function imageHistory(view: FleetView, image: number): Promise<object[]> {
  const part = await view.part();
  return view.queries.query(
    `SELECT run, finished AS date, kind, cause, vulnerability, package, severity, exploited, before, after, detail
     FROM fleet.events JOIN fleet.runs ON runs.id = run WHERE images @> ARRAY[$1::integer] AND state = 'finished'${part ? ` AND ${inPart(1)}` : ''}
     ORDER BY run DESC, events.id`,
    [image, ...partValues(part)],
  );
}
