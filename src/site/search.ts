import { advisoryPage, flawPage } from '../distros/pages.ts';
import type { Advisory, Assessment, Severity, ShardClaim, Vulnerability } from '../model/feed/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import type { AssessmentOrigin } from '../model/verdict/index.ts';
import { claimText } from '../report/claim-text.ts';
import { assessmentOrigins, type Feed } from '../runtime/index.ts';
import type { SearchRecord, WebFeed } from '../runtime/web/index.ts';

/** Statements of the feed about a vulnerability, an advisory or a package. */
export interface Found {
  /** As the feed spells it. */
  name: string;
  kind: 'advisory' | 'package' | 'vulnerability';
  vulnerability?: Vulnerability;
  assessment?: Assessment;
  origins: readonly AssessmentOrigin[];
  statements: readonly FoundStatement[];
}

/** A statement of one platform about vulnerabilities in one package. */
export interface FoundStatement {
  platform: string;
  package: string;
  ids: readonly string[];
  /** `fixed in 3.0.8-1`. */
  text: string;
  severity: Severity;
  /** With their pages. */
  advisories: readonly Advisory[];
  /** Where the vendor states it. */
  evidence: string;
  /** The vendor's page about it. */
  page?: string;
}

/** Looks a name up, in the spelling that the feed has. Undefined: no statement names it. */
export async function search(feed: WebFeed, text: string, now: Date): Promise<Found | undefined> {
  for (const name of new Set([text, text.toUpperCase(), text.toLowerCase()])) {
    const record = await feed.search(name);
    if (record) return feed.complete((view) => foundIn(view, record, now));
  }
  return undefined;
}

function foundIn(view: Feed, { id, packages }: SearchRecord, now: Date): Found {
  const isPackage = Object.hasOwn(packages, id);
  const statements = Object.entries(packages).flatMap(([name, platforms]) =>
    platforms.flatMap((platform) => statementsOf(view, platform, name, isPackage ? undefined : id)),
  );
  const order = ({ platform, package: name }: FoundStatement) => `${platform} ${name}`;
  const sorted = statements.sort((a, b) => compareCodeUnits(order(a), order(b)));
  const [vulnerability, assessment] = isPackage ? [] : [view.vulnerability(id), view.assessment(id)];
  const isAdvisory = !isPackage && sorted.some(({ advisories }) => advisories.some((each) => each.id === id));
  return {
    name: id,
    kind: isPackage ? 'package' : isAdvisory ? 'advisory' : 'vulnerability',
    ...(vulnerability && { vulnerability }),
    ...(assessment && { assessment }),
    origins: assessmentOrigins(view.manifest, now),
    statements: sorted,
  };
}

function statementsOf(view: Feed, platform: string, name: string, id: string | undefined): FoundStatement[] {
  const shard = view.shard(platform);
  const claims = shard?.package(name)?.claims ?? [];
  return claims.flatMap((claim) => {
    const isNamed = id !== undefined && claim.ids.includes(id);
    if (id !== undefined && !isNamed && !claim.advisories?.includes(id)) return [];
    const ids = isNamed ? [id] : claim.ids;
    const osId = shard!.platform.os.id;
    const page = flawPage(osId, ids[0]!);
    return {
      platform,
      package: name,
      ids,
      text: wordsOf(claim),
      severity: claim.severity ?? 'unknown',
      advisories: (claim.advisories ?? []).map((each) => advisoryOf(view, osId, each)),
      evidence: shard!.evidence(claim)(name, ids[0]!),
      ...(page !== undefined && { page }),
    };
  });
}

/** The claim with what limits it. */
function wordsOf(claim: ShardClaim): string {
  const { range, module, channel, minor, arch } = claim;
  const limits = [
    range === undefined ? undefined : `versions ${range.replaceAll('|', ' ')}`,
    module === undefined ? undefined : `module ${module}`,
    channel === undefined ? undefined : `channel ${channel}`,
    minor === undefined ? undefined : `minor ${minor}`,
    arch === undefined ? undefined : arch.join(' '),
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? claimText(claim) : `${claimText(claim)} (${limits.join(', ')})`;
}

function advisoryOf(view: Feed, osId: string, id: string): Advisory {
  const known = view.advisory(id) ?? { id };
  const url = known.url ?? advisoryPage(osId, id);
  return { ...known, ...(url !== undefined && { url }) };
}
