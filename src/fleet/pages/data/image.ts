import type { FlawCounts, Inventory, Layer, SignatureGate, Waiver } from '../../../model/index.ts';
import { isOpenFlaw } from '../../news/flaws.ts';
import { unpacked } from '../../packing.ts';
import type { Queries } from '../../store/database.ts';
import type { FleetView, ViewedName } from './fleet-view.ts';

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
       packages, installed, gaps, unjudged, labels, signed, read, tool, counts, coverage.platform, coverage.marks,
       CASE WHEN coverage.code IS NOT NULL THEN jsonb_build_object('code', coverage.code, 'message', coverage.message) END
         AS uncovered
     FROM fleet.images JOIN fleet.systems ON systems.id = images.system
     LEFT JOIN fleet.coverage ON coverage.system = images.system AND coverage.to_run IS NULL WHERE images.digest = $1`,
    [digest],
  );
  if (!row) return undefined;
  const names = (await view.namesOfImages()).get(row.id) ?? [];
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
}

/** One vulnerability in one source package of an image, with the packages that have it. */
export interface KeptFlaw extends KeptVerdict {
  packages: KeptVerdict[];
  /** Who accepted the risk in this image, and why; empty: nobody, or not in each package that has it. */
  waivers: readonly Waiver[];
}

const verdictColumns = `verdicts.package, vulnerability, packages.source, packages.name, packages.version, packages.arch, verdicts.platform,
  status, fix_state, fixed_version, reason, severity, severity_source, exploited, hidden, advisories, marks, runs.started AS since`;

export async function verdictsOf(queries: Queries, packages: readonly number[]): Promise<KeptVerdict[]> {
  return queries.query<KeptVerdict>(
    `SELECT ${verdictColumns} FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     JOIN fleet.runs ON runs.id = from_run WHERE verdicts.package = ANY($1::integer[]) AND to_run IS NULL`,
    [packages],
  );
}

export async function verdictsAbout(queries: Queries, vulnerability: string): Promise<KeptVerdict[]> {
  return queries.query<KeptVerdict>(
    `SELECT ${verdictColumns} FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     JOIN fleet.runs ON runs.id = from_run WHERE vulnerability = $1 AND to_run IS NULL`,
    [vulnerability],
  );
}

/** The flaws of verdicts, the most urgent first. */
export function flawsOf(verdicts: readonly KeptVerdict[]): KeptFlaw[] {
  const found = new Map<string, KeptFlaw>();
  for (const verdict of verdicts) {
    const key = `${verdict.vulnerability}\0${verdict.source}`;
    const known = found.get(key);
    if (known) known.packages.push(verdict);
    else found.set(key, { ...verdict, packages: [verdict], waivers: [] });
  }
  return [...found.values()].sort(byUrgency);
}

/** The flaws of an image, with who waived them. */
export async function imageFlaws(
  view: FleetView,
  { id, packages }: Pick<ViewedImage, 'id' | 'packages'>,
): Promise<KeptFlaw[]> {
  const waivers = await view.waivers();
  return flawsOf(await verdictsOf(view.queries, packages)).map((flaw) => {
    const each = flaw.packages.map((verdict) => waivers.ofFlaw(verdict, id));
    return { ...flaw, waivers: each.every((list) => list.length > 0) ? [...new Set(each.flat())] : [] };
  });
}

/** What is counted: open and not waived. */
export function isCounted(flaw: KeptFlaw): boolean {
  return isOpenFlaw(flaw) && flaw.waivers.length === 0;
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

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

export interface KeptInventory {
  inventory: Inventory;
  layers: readonly Layer[];
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
}

/** All images that the names of an image stood for, the newest first. */
export async function namedImages(queries: Queries, image: number): Promise<NamedImage[]> {
  return queries.query<NamedImage>(
    `SELECT reference, images.digest, image, since, until, counts FROM fleet.name_images
     JOIN fleet.names ON names.id = name JOIN fleet.images ON images.id = image
     WHERE name IN (SELECT name FROM fleet.name_images WHERE image = $1)
     ORDER BY reference COLLATE "C", since DESC, name_images.id DESC`,
    [image],
  );
}
