import { isoSeconds } from '../../model/data-date.ts';
import { ScapfeedError } from '../../model/error.ts';
import type {
  EvidenceEvent,
  EvidenceImage,
  EvidenceName,
  EvidencePackage,
  EvidenceVerdict,
  EvidenceWaiver,
  FleetEvidence,
  Waiver,
} from '../../model/fleet/index.ts';
import { grouped } from '../../model/order.ts';
import { isRecordId } from '../meant-id.ts';
import type { Queries } from '../store/database.ts';
import { storable } from '../store/json.ts';
import { ImageOwners, type OwnedName } from '../store/owners.ts';
import { flawsOfRecord } from '../store/record-flaws.ts';
import { dayOf, type ImageNames, Waivers, waiverColumns } from '../waivers/acting-waivers.ts';
import { absentDays, readNights } from './nights.ts';
import { type Moment, readUnknown } from './unknown.ts';

/**
 * Everything that is kept about a vulnerability up to a time; the end of the last run if none is given. Runs and changes after it
 * do not change the result. @throws {ScapfeedError} NOT_FOUND if no run had ended by then, or not all of its results are kept;
 * USAGE for the id of a record about several vulnerabilities
 */
export async function readEvidence(queries: Queries, asked: string, asOf?: Date): Promise<FleetEvidence> {
  const { run, time, keptFrom } = await momentOf(queries, asOf);
  const vulnerability = await flawOf(queries, asked, run);
  const moment = { run, time };
  const nights = await readNights(queries, run);
  const waivers = await waiversOf(queries, vulnerability, moment);
  const found = await readImages(queries, vulnerability, moment);
  const names = await readNames(queries, found, moment);
  const inForce = new Waivers(
    waivers.filter(isInForce(time)),
    withOwners(referencesOf(found, names), await ownedNames(queries, found)),
  );
  return {
    format: 'scapfeed/fleet-evidence/1',
    ...{ vulnerability, asOf: time.toISOString(), run, keptFrom, nights, absent: absentDays(nights, time) },
    images: found.map(({ id, ...image }) => ({
      ...image,
      waivers: waiversIn(inForce, vulnerability, id, image),
    })),
    names,
    ...(await readUnknown(queries, moment)),
    waivers: waivers.map(waiverOf(time)),
    news: await readEvents(queries, vulnerability, run),
  };
}

async function momentOf(queries: Queries, asOf: Date | undefined): Promise<Moment & { keptFrom: number }> {
  const runs = await queries.query<{ id: number; finished: Date }>(
    `SELECT id, finished FROM fleet.runs WHERE state = 'finished' ORDER BY id`,
  );
  const last = asOf ? runs.findLast(({ finished }) => finished <= asOf) : runs.at(-1);
  if (!last) throw noRun(asOf, runs[0]?.finished);
  const keptFrom = await firstWholeRun(queries, runs.at(-1)!.id);
  if (last.id < keptFrom) throw notKept(asOf!, keptFrom);
  return { run: last.id, time: asOf ?? last.finished, keptFrom };
}

/** Since when nothing was deleted. Older versions did not record which runs `prune` deleted from: then it is the last one. */
async function firstWholeRun(queries: Queries, last: number): Promise<number> {
  const rows = await queries.query<{ key: string; value: number }>(
    `SELECT key, value FROM fleet.settings WHERE key IN ('pruned', 'pruned-before')`,
  );
  const known = new Map(rows.map(({ key, value }) => [key, value]));
  return known.get('pruned-before') ?? (known.has('pruned') ? last : 1);
}

async function flawOf(queries: Queries, id: string, run: number): Promise<string> {
  if (!isRecordId(id)) return id;
  const flaws = await flawsOfRecord(queries, id, run);
  if (flaws.length === 0 || flaws.includes(id)) return id;
  if (flaws.length === 1) return flaws[0]!;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `${id} is a record about ${flaws.length} vulnerabilities`,
    remedy: `name one of them: ${flaws.join(', ')}`,
  });
}

type FoundImage = Omit<EvidenceImage, 'waivers'> & { id: number };

interface VerdictRow extends Omit<EvidenceVerdict, 'from' | 'to'>, Omit<EvidencePackage, 'verdicts'> {
  package: number;
  from_run: number;
  to_run: number | null;
}

async function readImages(
  queries: Queries,
  vulnerability: string,
  { run, time }: Moment,
): Promise<FoundImage[]> {
  const verdicts = await queries.query<VerdictRow>(
    `SELECT package, name, version, arch, source, verdicts.platform, status, fix_state AS "fixState", fixed_version AS "fixedVersion",
       reason, severity, severity_source AS "severitySource", exploited, hidden, advisories, from_run, to_run
     FROM fleet.verdicts JOIN fleet.packages ON packages.id = package WHERE vulnerability = $1 AND from_run <= $2
     ORDER BY source COLLATE "C", name COLLATE "C", version COLLATE "C", arch COLLATE "C", package, from_run, verdicts.id`,
    [storable(vulnerability), run],
  );
  const ofPackage = grouped(verdicts, (verdict) => String(verdict.package));
  const images = await queries.query<{
    id: number;
    digest: string;
    system: string;
    read: Date;
    packages: number[];
  }>(
    `SELECT images.id, images.digest, systems.name AS system, read, packages FROM fleet.images JOIN fleet.systems ON systems.id = system
     WHERE packages && $1::integer[] AND EXISTS (SELECT FROM fleet.name_images WHERE image = images.id AND since <= $2)
     ORDER BY images.digest COLLATE "C"`,
    [[...new Set(verdicts.map((verdict) => verdict.package))], time],
  );
  return images.map(({ packages, read, ...image }) => {
    const own = new Set(packages);
    const found = [...ofPackage.values()].filter(([verdict]) => own.has(verdict!.package));
    const list = found.map((rows) => packageOf(rows, run));
    return { ...image, read: isoSeconds(read), open: list.some(isOpen), packages: list };
  });
}

function packageOf(rows: readonly VerdictRow[], last: number): EvidencePackage {
  const { name, version, arch, source } = rows[0]!;
  return {
    ...{ name, version, arch, source },
    verdicts: rows.map(
      ({
        package: _,
        name: __,
        version: ___,
        arch: ____,
        source: _____,
        from_run: from,
        to_run: to,
        ...verdict
      }) => ({
        ...{ from, to: to !== null && to <= last ? to : null },
        ...verdict,
      }),
    ),
  };
}

function isOpen({ verdicts }: EvidencePackage): boolean {
  return verdicts.some(({ to, status, hidden }) => to === null && status === 'affected' && hidden === null);
}

async function readNames(
  queries: Queries,
  images: readonly FoundImage[],
  { time }: Moment,
): Promise<EvidenceName[]> {
  const rows = await queries.query<{
    reference: string;
    removed: Date | null;
    digest: string;
    since: Date;
    until: Date | null;
  }>(
    `SELECT reference, removed, digest, since, until FROM fleet.name_images JOIN fleet.names ON names.id = name
       JOIN fleet.images ON images.id = image
     WHERE since <= $2 AND name IN (SELECT name FROM fleet.name_images WHERE image = ANY($1::integer[]) AND since <= $2)
     ORDER BY reference COLLATE "C", since, name_images.id`,
    [images.map(({ id }) => id), time],
  );
  const isOpenIn = new Set(images.filter(({ open }) => open).map(({ digest }) => digest));
  return [...grouped(rows, ({ reference }) => reference).values()].map((list) => ({
    reference: list[0]!.reference,
    removed: untilTime(list[0]!.removed, time),
    images: list.map(({ digest, since, until }) => ({
      ...{ digest, since: isoSeconds(since), until: untilTime(until, time), open: isOpenIn.has(digest) },
    })),
  }));
}

/** A date that had come by then. */
function untilTime(date: Date | null, time: Date): string | null {
  return date !== null && date <= time ? isoSeconds(date) : null;
}

type WaiverRow = Waiver & { created: Date; ended: Date | null; ended_by: string | null };

function waiversOf(queries: Queries, vulnerability: string, { time }: Moment): Promise<WaiverRow[]> {
  return queries.query<WaiverRow>(
    `SELECT ${waiverColumns}, created, ended, ended_by FROM fleet.waivers WHERE vulnerability = $1 AND created <= $2 ORDER BY id`,
    [storable(vulnerability), time],
  );
}

const isInForce =
  (time: Date) =>
  ({ ended, until }: WaiverRow): boolean =>
    (ended === null || ended > time) && (until === null || until >= dayOf(time));

const waiverOf =
  (time: Date) =>
  ({
    id,
    package: name,
    image,
    reason,
    until,
    author,
    created,
    ended,
    ended_by: by,
  }: WaiverRow): EvidenceWaiver => {
    const end = untilTime(ended, time);
    return {
      ...{ id, package: name, image, reason, until, author, created: isoSeconds(created) },
      ...{ ended: end, endedBy: end === null ? null : by },
    };
  };

/** As at the time: an image is meant only if each of its names is. */
function referencesOf(images: readonly FoundImage[], names: readonly EvidenceName[]) {
  return new Map(
    images.map(({ id, digest }) => {
      const references = names
        .filter(({ removed, images: list }) => removed === null && list.at(-1)!.until === null)
        .filter(({ images: list }) => list.at(-1)!.digest === digest)
        .map(({ reference }) => reference);
      return [id, { digest, references }];
    }),
  );
}

/** The facts by which images have owners, as they are now: earlier rules and labels of names are not kept. */
async function ownedNames(queries: Queries, images: readonly FoundImage[]) {
  const rows = await queries.query<OwnedName & { id: number }>(
    `SELECT DISTINCT images.id, reference, namespaces, labels FROM fleet.images JOIN fleet.name_images ON image = images.id
     JOIN fleet.names ON names.id = name WHERE images.id = ANY($1::integer[])`,
    [images.map(({ id }) => id)],
  );
  return { rows: grouped(rows, ({ id }) => id), owners: await ImageOwners.read(queries) };
}

function withOwners(
  images: ReturnType<typeof referencesOf>,
  { rows, owners }: Awaited<ReturnType<typeof ownedNames>>,
): ImageNames {
  return new Map(
    [...images].map(([id, image]) => {
      const own = (rows.get(id) ?? []).filter(({ reference }) => image.references.includes(reference));
      return [id, { ...image, owners: owners.ofAll(own) }];
    }),
  );
}

/** Those of a flaw that is put aside in each package that has it. */
function waiversIn(
  waivers: Waivers,
  vulnerability: string,
  image: number,
  { packages }: Pick<EvidenceImage, 'packages'>,
): number[] {
  const open = packages.filter(isOpen);
  const each = open.map(({ name, source }) => waivers.ofFlaw({ vulnerability, name, source }, image));
  const isWaived = each.length > 0 && each.every((list) => list.length > 0);
  return isWaived ? [...new Set(each.flat().map(({ id }) => id))].sort((a, b) => a - b) : [];
}

async function readEvents(queries: Queries, vulnerability: string, run: number): Promise<EvidenceEvent[]> {
  return queries.query<EvidenceEvent>(
    `SELECT run, kind, cause, package, before, after, detail,
       ARRAY(SELECT digest FROM fleet.images WHERE id = ANY(events.images) ORDER BY digest COLLATE "C") AS images
     FROM fleet.events WHERE vulnerability = $1 AND run <= $2 ORDER BY run, events.id`,
    [storable(vulnerability), run],
  );
}

function noRun(asOf: Date | undefined, first: Date | undefined): ScapfeedError {
  const by = asOf ? ` by ${isoSeconds(asOf)}` : '';
  return new ScapfeedError({
    code: 'NOT_FOUND',
    message: `no run of the fleet had ended${by}: nothing is known`,
    remedy: first ? `the first one that is kept ended at ${isoSeconds(first)}` : 'run `scapfeed fleet run`',
  });
}

function notKept(asOf: Date, keptFrom: number): ScapfeedError {
  return new ScapfeedError({
    code: 'NOT_FOUND',
    message: `results of ${isoSeconds(asOf)} were deleted: those of run ${keptFrom} and later ones are kept`,
    remedy: 'restore a backup of the database in another place; `fleet prune --keep-for` keeps more',
  });
}
