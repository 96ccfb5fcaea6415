import type { FlawCounts, Waiver } from '../../model/fleet/index.ts';
import { grouped } from '../../model/order.ts';
import { flawKey, isMalicious, type SignatureGate } from '../../model/verdict/index.ts';
import { lastDayOf } from '../last-day.ts';
import { isOpenFlaw } from '../news/flaws.ts';
import { unpacked } from '../packing.ts';
import type { Queries } from '../store/database.ts';
import { firstSeen } from '../store/flaw-times.ts';
import { imageGaps, imageUnjudged } from '../store/list.ts';
import type { KeptInventory } from '../store/prepared-image.ts';
import { dayOf } from '../waivers/acting-waivers.ts';
import type { FleetView, ViewedName } from './fleet-view.ts';
import { compareTexts } from './texts.ts';
import { type IndexedFlaw, type VerdictIndex, verdictsAt } from './verdict-index.ts';
import { type HeldFlaw, WaivedFlaws } from './waived.ts';

/** An image with what is kept of it. */
export interface ViewedImage {
  id: number;
  digest: string;
  kind: string;
  architecture: string | null;
  system: string;
  prettyName: string | null;
  packages: number[];
  installed: number;
  gaps: {
    gaps: { code: string; where?: string; detail: string }[];
    halfInstalled: { name: string; version: string; arch: string }[];
    notes: { code: string; where: string; detail?: string }[];
  };
  unjudged: { ecosystem: string; packages: number; places: string[] }[];
  labels: Record<string, string>;
  signed: SignatureGate | null;
  read: Date;
  tool: string;
  counts: FlawCounts | null;
  platform: string | null;
  marks: string[] | null;
  uncovered: { code: string; message: string } | null;
  /** Names that stand for it now. */
  names: readonly ViewedName[];
}

export async function findImage(view: FleetView, digest: string): Promise<ViewedImage | undefined> {
  const [row] = await view.queries.query<Omit<ViewedImage, 'names'>>(
    `SELECT images.id, images.digest, kind, architecture, systems.name AS system, systems.facts->'os'->>'prettyName' AS "prettyName",
       packages, installed, jsonb_set(images.gaps, '{gaps}', ${imageGaps}) AS gaps, ${imageUnjudged} AS unjudged, labels, signed, read, tool, counts, coverage.platform, coverage.marks,
       CASE WHEN coverage.platform IS NULL AND coverage.code IS NOT NULL THEN jsonb_build_object('code', coverage.code, 'message', coverage.message) END
         AS uncovered
     FROM fleet.images JOIN fleet.systems ON systems.id = images.system
     LEFT JOIN fleet.image_counts ON image_counts.image = images.id
     LEFT JOIN fleet.coverage ON coverage.system = images.system AND coverage.to_run IS NULL WHERE images.digest = $1`,
    [digest],
  );
  if (!row) return undefined;
  const names = (await view.namesOfImages()).get(row.id) ?? [];
  if (names.length === 0 && view.seen !== 'all') return undefined;
  return { ...row, names };
}

/** A verdict that holds, with its package. */
export interface KeptVerdict {
  package: number;
  vulnerability: string;
  source: string;
  name: string;
  version: string;
  arch: string;
  platform: string;
  status: string;
  fix_state: string | null;
  fixed_version: string | null;
  reason: string | null;
  severity: string;
  severity_source: string | null;
  exploited: boolean;
  hidden: string | null;
  advisories: string[];
  marks: string[];
  /** When the run began in which it was made. */
  since: Date;
  /** When the run began since which the fix can be installed. Null: there is no fix, or it is no open flaw. */
  fix_since: Date | null;
  /** When the first run began in which the package had the open flaw. Null: it has had none. */
  first_seen: Date | null;
  /** The last day (UTC) by which it must be mended, by the SLA. Null: no SLA is kept, or it sets none for it. */
  due: string | null;
  /** That day is over. */
  overdue: boolean;
}

/** One vulnerability in one source package of an image, with the packages that have it. */
export interface KeptFlaw extends KeptVerdict {
  packages: KeptVerdict[];
  /** The waivers of the flaw in this image; empty: none, or not for each package that has it. */
  waivers: readonly Waiver[];
}

const verdictRows = `SELECT verdicts.package, vulnerability, packages.source, packages.name, packages.version, packages.arch, verdicts.platform,
  status, fix_state, fixed_version, reason, severity, severity_source, exploited, hidden, advisories, marks, runs.started AS since, available.started AS fix_since
  FROM ${verdictsAt('$1')} JOIN fleet.packages ON packages.id = verdicts.package JOIN fleet.runs ON runs.id = from_run
  LEFT JOIN fleet.runs AS available ON available.id = available_run`;

type VerdictRow = Omit<KeptVerdict, 'first_seen' | 'due' | 'overdue'>;

async function withTimes(view: FleetView, rows: readonly VerdictRow[]): Promise<KeptVerdict[]> {
  const seen = await firstSeen(view.queries, rows);
  const sla = await view.sla();
  const today = dayOf(view.now);
  return rows.map((row) => {
    const timed = { ...row, first_seen: seen(row) };
    const due = lastDayOf(timed, sla);
    return { ...timed, due, overdue: due !== null && due < today };
  });
}

/** The verdicts of some packages, as all pages of a view have them. */
export async function verdictsOf(view: FleetView, packages: readonly number[]): Promise<KeptVerdict[]> {
  const { run } = await view.verdicts();
  const rows = await view.queries.query<VerdictRow>(
    `${verdictRows} WHERE verdicts.package = ANY($2::integer[])`,
    [run, packages],
  );
  return withTimes(view, rows);
}

export async function verdictsAbout(view: FleetView, vulnerability: string): Promise<KeptVerdict[]> {
  const { run } = await view.verdicts();
  const rows = await view.queries.query<VerdictRow>(`${verdictRows} WHERE vulnerability = $2`, [
    run,
    vulnerability,
  ]);
  return withTimes(view, rows);
}

/** The flaws of verdicts, the most urgent first. */
export function flawsOf(verdicts: readonly KeptVerdict[]): KeptFlaw[] {
  return [...grouped(verdicts, flawKey).values()]
    .map((packages) => ({
      ...asCounted(packages),
      fix_since: earliest(packages.map((each) => each.fix_since)),
      first_seen: earliest(packages.map((each) => each.first_seen)),
      due: earliest(packages.map((each) => each.due)),
      overdue: packages.some((each) => each.overdue),
      ...{ packages, waivers: [] },
    }))
    .sort(byUrgency);
}

function earliest<T extends Date | string>(dates: readonly (T | null)[]): T | null {
  return dates.reduce((least, date) => (date && (!least || date < least) ? date : least), null);
}

/** The verdict that stands for a flaw: an open one, the worst, and the fix of any open one that has one. */
function asCounted(packages: readonly KeptVerdict[]): KeptVerdict {
  const worst = packages.reduce(worse);
  const fixable = packages.find((each) => isOpenFlaw(each) === isOpenFlaw(worst) && isFixable(each));
  if (!fixable || isFixable(worst)) return worst;
  const { status, fix_state, fixed_version, reason, advisories } = fixable;
  return { ...worst, status, fix_state, fixed_version, reason, advisories };
}

function isFixable({ fix_state: state }: KeptVerdict): boolean {
  return state === 'available';
}

function worse(a: KeptVerdict, b: KeptVerdict): KeptVerdict {
  const order =
    Number(isOpenFlaw(b)) - Number(isOpenFlaw(a)) ||
    rankOf(b.severity) - rankOf(a.severity) ||
    Number(isMalicious(b)) - Number(isMalicious(a)) ||
    Number(isFixable(b)) - Number(isFixable(a)) ||
    a.package - b.package;
  return order > 0 ? b : a;
}

/** A flaw of an image as lists have it, with who waived it. */
export interface ImageFlaw extends IndexedFlaw {
  waivers: readonly Waiver[];
}

/** The flaws of an image, the most urgent first; also those that are not open. */
export function imageFlaws(
  view: FleetView,
  { id, packages }: Pick<ViewedImage, 'id' | 'packages'>,
): Promise<readonly ImageFlaw[]> {
  return view.recent(`flaws of ${id}`, async () => {
    const index = await view.verdicts();
    const waivers = await view.waivers();
    const isNamed = (flaw: IndexedFlaw) => waivers.name(index.vulnerability(flaw.vulnerability));
    const flaws = index.flawsOf(packages);
    const waived = await WaivedFlaws.of(
      view,
      flaws.filter(isNamed).map((flaw) => heldFlaw(index, flaw)),
    );
    return flaws.map((flaw) => ({
      ...flaw,
      waivers: isNamed(flaw) ? waived.in(heldFlaw(index, flaw), id) : nobody,
    }));
  });
}

const nobody: readonly Waiver[] = [];

function heldFlaw(index: VerdictIndex, { vulnerability, source, packages }: IndexedFlaw): HeldFlaw {
  return { vulnerability: index.vulnerability(vulnerability), source: index.source(source), packages };
}

/** All kept facts of some flaws of an image, in the given order. */
export async function keptFlaws(view: FleetView, flaws: readonly ImageFlaw[]): Promise<KeptFlaw[]> {
  if (flaws.length === 0) return [];
  const index = await view.verdicts();
  const rows = await view.queries.query<VerdictRow>(
    `${verdictRows} WHERE verdicts.package = ANY($2::integer[]) AND vulnerability = ANY($3::text[])`,
    [
      index.run,
      [...new Set(flaws.flatMap(({ packages }) => packages))],
      [...new Set(flaws.map(({ vulnerability }) => index.vulnerability(vulnerability)))],
    ],
  );
  const kept = await withTimes(view, rows);
  const found = new Map(flawsOf(kept).map((flaw) => [flawKey(flaw), flaw]));
  return flaws.flatMap(({ vulnerability, source, waivers }) => {
    const about = { vulnerability: index.vulnerability(vulnerability), source: index.source(source) };
    const known = found.get(flawKey(about));
    if (!known) return [];
    return { ...known, waivers, ...(waivers.length > 0 && notDue) };
  });
}

/** The SLA asks for nothing where somebody accepted the flaw. */
export const notDue = { due: null, overdue: false } as const;

/** True for a flaw that is counted: open and not waived. */
export function isCounted({ open, waivers }: ImageFlaw): boolean {
  return open && waivers.length === 0;
}

const ranks: Readonly<Record<string, number>> = { critical: 5, high: 4, medium: 3, low: 2, negligible: 1 };

export function rankOf(severity: string | null): number {
  return ranks[severity ?? ''] ?? 0;
}

type Urgency = Pick<KeptVerdict, 'exploited' | 'severity' | 'vulnerability' | 'source'>;

export function byUrgency(a: Urgency, b: Urgency): number {
  return (
    Number(b.exploited) - Number(a.exploited) ||
    rankOf(b.severity) - rankOf(a.severity) ||
    compareTexts(b.vulnerability, a.vulnerability) ||
    compareTexts(a.source, b.source)
  );
}

export async function inventoryOf(queries: Queries, image: number): Promise<KeptInventory | undefined> {
  const [row] = await queries.query<{ body: Uint8Array }>(
    'SELECT body FROM fleet.inventories WHERE image = $1',
    [image],
  );
  return row && unpacked<KeptInventory>(row.body);
}

/** An image that a name stood for. */
export interface NamedImage {
  reference: string;
  digest: string;
  image: number;
  since: Date;
  until: Date | null;
  counts: FlawCounts | null;
  platform: string | null;
}

/** All images that the names of an image stood for, the newest first; in a part of the fleet those that it has. */
export async function namedImages(view: FleetView, image: number): Promise<NamedImage[]> {
  const rows = await view.queries.query<NamedImage>(
    `SELECT reference, images.digest, name_images.image, since, until, counts, coverage.platform FROM fleet.name_images
     JOIN fleet.names ON names.id = name JOIN fleet.images ON images.id = name_images.image
     LEFT JOIN fleet.image_counts ON image_counts.image = images.id
     LEFT JOIN fleet.coverage ON coverage.system = images.system AND coverage.to_run IS NULL
     WHERE name IN (SELECT name FROM fleet.name_images WHERE image = $1)
     ORDER BY reference COLLATE "C", since DESC, name_images.id DESC`,
    [image],
  );
  if (view.seen === 'all') return rows;
  const names = new Set((await view.names()).map(({ reference }) => reference));
  const images = await view.namesOfImages();
  return rows.filter((row) => names.has(row.reference) && images.has(row.image));
}
