import type { Shard } from '../../feed/read/feed.ts';
import type { ShardClaim, Unread } from '../../model/feed/index.ts';
import type { ImageProduct, InstalledPackage } from '../../model/inventory/index.ts';
import type { Verdict } from '../../model/verdict/index.ts';
import { compareContainerTags } from '../../packaging/oci/version.ts';
import type { ProductMatch } from '../contract.ts';
import { unreadIn } from '../shared/package-match.ts';
import type { RpmContext } from '../shared/rule/context.ts';
import { type Cpe, cpeCovers, cpePrecision, parseCpe } from '../shared/rule/cpe.ts';

/** The packages' context, with the repositories in which an image of a name is published. */
export interface ContainerContext extends RpmContext {
  repositories(name: string): readonly string[];
}

/**
 * Judges the container products that an image names by Red Hat's statements about whole containers. These are about software
 * that is not in rpms, and apply to the streams whose CPEs the image has; rpms are judged by RHEL's rows in any case.
 */
export function matchContainer(product: ImageProduct, context: ContainerContext): ProductMatch {
  const match: ProductMatch = { verdicts: [], uncovered: [], notes: [] };
  const container = asPackage(product);
  if (!container) return match;
  let incomparable = 0;
  for (const [id, row] of decisive(rowsOf(product, container, context))) {
    const outcome = judgeRow(row, container);
    if (outcome === undefined) incomparable += 1;
    else if (context.all || outcome.status === 'affected' || outcome.status === 'under_investigation')
      match.verdicts.push(verdictOf(id, outcome, row, container));
  }
  if (incomparable > 0) {
    const detail = `${incomparable} fixed in versions that cannot be compared with its own`;
    match.uncovered.push({ package: container, reason: 'undecidable', detail });
  }
  const unread = unreadOf(product, context);
  if (unread) {
    const detail = `${unread.count} of Red Hat's statements about it could not be read when the feed was built`;
    match.uncovered.push({ package: container, reason: 'undecidable', detail, unread: unread.records });
  }
  if (context.shards.length === 1 && !isOfRhel(container.name)) {
    match.notes.push({
      code: 'container_product_unknown',
      where: product.found,
      detail: `${container.name}: the feed has nothing of a product that the image's CPEs name, so nothing is said of the container as a whole`,
    });
  }
  return match;
}

function unreadOf(product: ImageProduct, context: ContainerContext): Unread | undefined {
  return unreadIn(
    context.shards.flatMap((shard) => namesOf(product, context).map((name) => shard.package(`oci:${name}`))),
  );
}

/** UBI and RHEL's own containers belong to no layered product. */
function isOfRhel(name: string): boolean {
  return /^(?:ubi|rhel)\d+(?:-|\/|$)/.test(name);
}

/** The container in the form of a package, so that reports do not need another form. */
function asPackage({ name, component, version, release, architecture, found }: ImageProduct) {
  const known = name ?? component;
  if (known === undefined) return undefined;
  const tag = [version, release].filter((part) => part !== undefined).join('-') || 'unknown';
  const container: InstalledPackage = {
    type: 'oci',
    name: known,
    version: tag,
    arch: goArchitecture(architecture ?? ''),
    source: { name: component ?? known, version: tag },
    database: found,
  };
  return container;
}

/** Labels use rpm's names of architectures, registries Go's. */
function goArchitecture(name: string): string {
  return { x86_64: 'amd64', aarch64: 'arm64' }[name] ?? name;
}

/** Statements name a container by its repository, some by its component. */
function namesOf({ name, component }: ImageProduct, { repositories }: ContainerContext): string[] {
  const published = name === undefined ? [] : repositories(name);
  return [...new Set([name, ...published, component].flatMap((each) => each ?? []))];
}

/** A claim about the container, under one of the names that it has. */
interface ContainerRow {
  claim: ShardClaim;
  shard: Shard;
  name: string;
  /** Precision with which the claim's CPE names the image's product. */
  precision: number;
}

function rowsOf(
  product: ImageProduct,
  { arch }: InstalledPackage,
  context: ContainerContext,
): ContainerRow[] {
  const names = namesOf(product, context);
  return context.shards.flatMap((shard) =>
    names.flatMap((name) =>
      (shard.package(`oci:${name}`)?.claims ?? []).flatMap((claim) => {
        const precision = precisionFor(claim, context.cpes);
        const ofArch = !claim.arch || arch === '' || claim.arch.includes(arch);
        return precision !== undefined && ofArch ? [{ claim, shard, name, precision }] : [];
      }),
    ),
  );
}

/** Undefined: the claim is about another product. RHEL's own rows name no CPE. */
function precisionFor({ channel }: ShardClaim, cpes: readonly Cpe[]): number | undefined {
  if (channel === undefined) return 0;
  const cpe = parseCpe(channel);
  return cpe && cpes.some((image) => cpeCovers(cpe, image)) ? cpePrecision(cpe) : undefined;
}

/** The deciding row of each vulnerability. */
function decisive(rows: readonly ContainerRow[]): Map<string, ContainerRow> {
  const chosen = new Map<string, ContainerRow>();
  for (const row of rows) {
    for (const id of row.claim.ids) {
      const known = chosen.get(id);
      if (!known || outweighs(row, known)) chosen.set(id, row);
    }
  }
  return chosen;
}

/** The more precise CPE, then a fix before anything else, then the highest fix. */
function outweighs(a: ContainerRow, b: ContainerRow): boolean {
  if (a.precision !== b.precision) return a.precision > b.precision;
  const [left, right] = [a.claim.fixed, b.claim.fixed];
  if (left === undefined || right === undefined) return left !== undefined && right === undefined;
  return compareContainerTags(left, right) === 1;
}

type ContainerOutcome = Pick<Verdict, 'status' | 'fixState' | 'fixedVersion'>;

/** Undefined: fixed, in a version that the image's own cannot be compared with. */
function judgeRow({ claim }: ContainerRow, { version }: InstalledPackage): ContainerOutcome | undefined {
  const { status, fixed, fixState } = claim;
  if (fixed === undefined) return { status, ...(fixState === undefined ? {} : { fixState }) };
  const order = compareContainerTags(version, fixed);
  if (order === undefined) return undefined;
  return order === -1
    ? { status: 'affected', fixState: 'available', fixedVersion: fixed }
    : { status: 'fixed', fixedVersion: fixed };
}

function verdictOf(
  vulnerability: string,
  outcome: ContainerOutcome,
  { claim, shard, name }: ContainerRow,
  container: InstalledPackage,
): Verdict {
  const { reason, severity, advisories, marks, channel } = claim;
  return {
    vulnerability,
    platform: shard.platform.id,
    package: container,
    ...outcome,
    ...(reason === undefined ? {} : { reason }),
    severity: severity ?? 'unknown',
    advisories: advisories ?? [],
    marks: ['container', ...(marks ?? [])],
    ...(channel === undefined ? {} : { channel }),
    evidence: shard.evidence(claim)(`oci:${name}`, vulnerability),
  };
}
