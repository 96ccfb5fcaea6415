import { shardLines } from '../../feed/read/whole-file.ts';
import type { FeedPlatform, ShardClaim } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { CsafLayout } from '../rows/csaf-layout.ts';
import type { TargetWork } from '../target.ts';
import { AdvisoryTexts } from './advisory-texts.ts';
import type { ClaimContent, PackageClaim, PlatformSystem } from './components.ts';
import { vexDocument } from './document.ts';
import { ClaimProducts } from './products.ts';
import type { CsafPublisher } from './publisher.ts';
import { factsOf } from './vulnerability.ts';

/** The documents of one distribution are about one state of its data. */
export interface Distribution {
  layout: CsafLayout;
  platforms: readonly FeedPlatform[];
  /** The date of its data. */
  current: string;
}

/** Settings that all documents share, about their publisher among others. */
export interface DocumentWork extends Pick<TargetWork, 'feed' | 'inexact' | 'toolVersion'> {
  /** Address of the provider's folder. */
  address: string;
  publisher: CsafPublisher;
}

/** Every document of a distribution, `YEAR/NAME` and text, in the order of years and ids. */
export function* csafDocuments(
  { layout, platforms, current }: Distribution,
  work: DocumentWork,
): Generator<readonly [path: string, text: string]> {
  const { feed, address, publisher, inexact, toolVersion } = work;
  const source = platforms[0]!.source;
  const products = new ClaimProducts(layout, new AdvisoryTexts(feed, layout));
  const names = new Set<string>();
  for (const [id, claims] of claimsOf(platforms, layout, work).read()) {
    const facts = factsOf(id, feed, layout, source);
    const trackingId = `${layout.name}-${id}`;
    const initial = initialDate(id, facts.details?.published, current);
    const file = fileName(trackingId);
    const path = `${initial.slice(0, 4)}/${file}`;
    if (names.has(file) || file.length > longestName) {
      for (const { place, package: name } of claims) {
        inexact.leftOut(place.platform, 'odd_name', oddId, name, [id]);
        inexact.wrote(place.platform, -1);
      }
      continue;
    }
    names.add(file);
    const own = products.of(claims, ({ place, package: name }) =>
      inexact.item(place.platform, 'contradiction', contradiction, name, [id]),
    );
    const url = `${address}/${layout.name}/${path}`;
    yield [path, vexDocument(own, facts, { trackingId, url, initial, current, publisher, toolVersion })];
  }
}

/** The claims of platforms by vulnerability; what documents cannot say of them is noted. */
function claimsOf(
  platforms: readonly FeedPlatform[],
  layout: CsafLayout,
  { feed, inexact }: DocumentWork,
): ClaimsById<PackageClaim> {
  const byId = new ClaimsById<PackageClaim>();
  for (const platform of platforms) {
    noteGeneral(platform.id, inexact);
    const places = new Places(platform, layout);
    for (const { package: name, claims } of shardLines(feed, platform.id)) {
      for (const claim of claims) {
        if (tooBroad(claim)) {
          inexact.leftOut(platform.id, 'architecture', ofArchitectures, name, claim.ids);
          continue;
        }
        noteInexact(platform.id, name, claim, inexact);
        inexact.wrote(platform.id, claim.ids.length);
        const vulnerabilities = claim.ids.length;
        byId.add(
          { package: name, place: places.of(claim), content: contentOf(claim), vulnerabilities },
          claim.ids,
        );
      }
    }
  }
  return byId;
}

/** The systems of a platform that claims name. */
class Places {
  readonly #platform: FeedPlatform;
  readonly #layout: CsafLayout;
  readonly #places = new Map<string, PlatformSystem>();

  constructor(platform: FeedPlatform, layout: CsafLayout) {
    this.#platform = platform;
    this.#layout = layout;
  }

  of({ channel, minor }: ShardClaim): PlatformSystem {
    const key = `${channel} ${minor}`;
    const known = this.#places.get(key);
    if (known) return known;
    const { id, packaging } = this.#platform;
    const system = this.#layout.system(this.#platform, {
      ...(channel === undefined ? {} : { channel }),
      ...(minor === undefined ? {} : { minor }),
    });
    const made = { platform: id, packaging, system };
    this.#places.set(key, made);
    return made;
  }
}

function contentOf(claim: ShardClaim): ClaimContent {
  const { ids: _, evidence, marks, channel, minor, ...content } = claim;
  return content;
}

/** A source has no architectures in a package URL: a statement that some are not affected would cover all. */
function tooBroad({ subject, arch, status }: ShardClaim): boolean {
  return arch !== undefined && subject !== 'binary' && status === 'not_affected';
}

function noteInexact(
  platform: string,
  name: string,
  claim: ShardClaim,
  inexact: TargetWork['inexact'],
): void {
  const { arch, subject, ids, marks = [] } = claim;
  if (arch !== undefined && subject !== 'binary')
    inexact.item(platform, 'architecture', ofArchitectures, name, ids);
  if (marks.length > 0) inexact.item(platform, 'marks', markedClaims, name, ids);
}

function noteGeneral(platform: string, inexact: TargetWork['inexact']): void {
  inexact.general(platform, 'evidence', noEvidence);
  inexact.general(platform, 'ratings', noRatings);
}

const ofArchitectures =
  'A statement about a source on some architectures: an affected one is said of all of them, one that is not affected is left out.';
const markedClaims = 'How a statement was made (`inferred`, `stale_note`) has no place in CSAF.';
const noEvidence = "The place of a statement in the vendor's document has no place in CSAF 2.0.";
const noRatings =
  'Scores of CVSS 3 by the distribution only: CSAF 2.0 does not say whose a score is, and has no version 4. Weaknesses need names that the feed does not have.';
const contradiction = 'Two statements about one product: the worse one is written.';
const oddId = 'The name of its document would be too long, or that of another one.';

/** File systems allow 255 bytes, with the suffix of a signature. */
const longestName = 200;

/** Requirement 5.1 of CSAF 2.0. */
function fileName(trackingId: string): string {
  return `${trackingId.toLowerCase().replace(/[^+\-a-z0-9]+/g, '_')}.json`;
}

/**
 * The folder is the year of this date (7.1.11), so it must not change from night to night: the day on which the vulnerability
 * was published; where no source says, the first day of the year in its id.
 */
function initialDate(id: string, published: string | undefined, current: string): string {
  const known = published === undefined ? Number.NaN : Date.parse(published);
  const year = /^CVE-(\d{4})-/.exec(id)?.[1];
  const date = Number.isNaN(known)
    ? year === undefined
      ? current
      : `${year}-01-01T00:00:00Z`
    : seconds(known);
  return date < current ? date : current;
}

function seconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/**
 * Claims by vulnerability, although they come by package. Of every pair two numbers are kept, because there are millions: as
 * objects, or as lines of a file, they would take most of an export's time.
 */
class ClaimsById<Claim> {
  readonly #claims: Claim[] = [];
  readonly #numbers = new Map<string, number>();
  /** Numbers of the vulnerability and of the claim, in turn. */
  #pairs = new Int32Array(1 << 16);
  #length = 0;

  add(claim: Claim, ids: readonly string[]): void {
    const at = this.#claims.push(claim) - 1;
    if (this.#length + 2 * ids.length > this.#pairs.length) this.#grow(2 * ids.length);
    for (const id of ids) {
      this.#pairs[this.#length++] = this.#numberOf(id);
      this.#pairs[this.#length++] = at;
    }
  }

  /** Ids in the order of years, then code units; the claims of each as they were added. */
  *read(): Generator<readonly [id: string, claims: Claim[]]> {
    const { starts, claims } = this.#grouped();
    const ids = [...this.#numbers].map(([id, number]) => ({ id, number, year: yearOf(id) }));
    ids.sort((a, b) => compareCodeUnits(a.year, b.year) || compareCodeUnits(a.id, b.id));
    for (const { id, number } of ids) {
      const own = claims.subarray(starts[number], starts[number + 1]);
      yield [id, Array.from(own, (at) => this.#claims[at]!)];
    }
  }

  #numberOf(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const made = this.#numbers.size;
    this.#numbers.set(id, made);
    return made;
  }

  #grow(more: number): void {
    const pairs = new Int32Array(Math.max(Math.ceil(this.#pairs.length * 1.5), this.#length + more));
    pairs.set(this.#pairs.subarray(0, this.#length));
    this.#pairs = pairs;
  }

  /** The claims of each vulnerability one behind the other, and where those of each number start. */
  #grouped(): { starts: Int32Array; claims: Int32Array } {
    const starts = new Int32Array(this.#numbers.size + 1);
    for (let at = 0; at < this.#length; at += 2) starts[this.#pairs[at]! + 1]! += 1;
    for (let at = 1; at < starts.length; at++) starts[at]! += starts[at - 1]!;
    const next = starts.slice();
    const claims = new Int32Array(this.#length / 2);
    for (let at = 0; at < this.#length; at += 2) claims[next[this.#pairs[at]!]!++] = this.#pairs[at + 1]!;
    this.#pairs = new Int32Array();
    this.#length = 0;
    return { starts, claims };
  }
}

/** All that is no CVE comes last. */
function yearOf(id: string): string {
  return /^CVE-(\d{4})-\d+$/.exec(id)?.[1] ?? 'other';
}
