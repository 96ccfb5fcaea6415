import { advisoryPage, flawPage } from '../../distros/pages.ts';
import { purlNamespace } from '../../distros/purl.ts';
import { readNamed, readOrRefuse } from '../../io/read-at-most.ts';
import type { FeedInput } from '../../model/feed/index.ts';
import {
  type Image,
  type InstalledPackage,
  type Inventory,
  isOfEcosystem,
} from '../../model/inventory/index.ts';
import { countedFlaws, type ScanResult } from '../../model/verdict/index.ts';
import { barePackageUrl, packageUrl } from '../../report/purl.ts';
import { countsOf } from '../../report/scan/counts.ts';
import { flawsOf } from '../../report/scan/flaws.ts';
import type { ExternalNames, FeedFacts, ScanReport } from '../../report/scan/report.ts';
import type { Feed } from '../../runtime/index.ts';
import { compareVersions } from '../../runtime/index.ts';
import { sbomSubject } from '../image/sbom-subject.ts';
import { toolVersion } from '../tool-version.ts';

export interface ReportParts
  extends Omit<
    ScanReport,
    'facts' | 'names' | 'compare' | 'toolVersion' | 'sbom' | 'flaws' | 'lines' | 'counts'
  > {
  feed: Feed;
  image: Image;
}

/** The input of every format of this scan. */
export function scanReport({ feed, image, ...parts }: ReportParts): ScanReport {
  return {
    ...parts,
    toolVersion,
    flaws: once(() => countedFlaws(parts.shown)),
    lines: once(() => flawsOf(parts.shown)),
    counts: once(() => countsOf(parts)),
    sbom: () => sbomSubject(image, parts.inventory, parts.date),
    compare: ({ verdict }, a, b) => compareBuilds(verdict.package, a, b),
    facts: factsOf(feed, platformsOf(parts)),
    names: namesOf(parts.inventory, feed, parts.result),
  };
}

/** The same report with what another view of its feed knows. */
export function reportOver(report: ScanReport, feed: Feed): ScanReport {
  return { ...report, facts: factsOf(feed, platformsOf(report)) };
}

/** Each row of the feed is read once, whatever number of formats asks for it. */
function factsOf(feed: Feed, platforms: ReadonlySet<string>): FeedFacts {
  return {
    digest: once(() => feed.digest()),
    inputs: inputsOf(feed, platforms),
    vulnerability: remembered((id) => feed.vulnerability(id)),
    advisory: remembered((id) => feed.advisory(id)),
    assessment: remembered((id) => feed.assessment(id)),
  };
}

/** The platforms that judged packages: the distribution's, and those of languages. */
function platformsOf({ result, inventory }: Pick<ReportParts, 'result' | 'inventory'>): ReadonlySet<string> {
  return new Set([result.platform.id, ...(inventory.languages ?? []).map(({ type }) => type)]);
}

/** The documents of the platforms' own sources, and of sources that belong to no platform. */
function inputsOf({ manifest: { inputs, platforms } }: Feed, ids: ReadonlySet<string>): FeedInput[] {
  const own = new Set(platforms.flatMap(({ id, source }) => (ids.has(id) ? source : [])));
  const others = new Set(platforms.map(({ source }) => source).filter((source) => !own.has(source)));
  return inputs.filter(({ source }) => !others.has(source));
}

function namesOf({ os }: Inventory, { manifest }: Feed, { platform, verdicts }: ScanResult): ExternalNames {
  const ofLanguages = once(() => onlyInLanguages(verdicts));
  const osId = manifest.platforms.find(({ id }) => id === platform.id)?.os.id ?? '';
  return {
    purl: remembered((pkg) => packageUrl(pkg, os)),
    barePurl: remembered((pkg) => barePackageUrl(pkg, os)),
    vendor: os ? purlNamespace(os.id) : 'unknown',
    flawPage: (id) => (ofLanguages().has(id) ? undefined : flawPage(osId, id)),
    advisoryPage: (id) => advisoryPage(osId, id),
  };
}

/** Flaws that no package of the distribution has: its pages are not about them. */
function onlyInLanguages(verdicts: ScanResult['verdicts']): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { package: pkg, vulnerability } of verdicts) if (isOfEcosystem(pkg)) ids.add(vulnerability);
  for (const { package: pkg, vulnerability } of verdicts) if (!isOfEcosystem(pkg)) ids.delete(vulnerability);
  return ids;
}

const longestTemplate = 1 << 20;

export function readTemplate(path: string): string {
  return readOrRefuse(() => readNamed(path, longestTemplate).toString('utf8'), {
    ...{ code: 'USAGE', what: 'the template', where: path },
    remedy: 'specify a file as -o template=FILE, or template=FILE=OUTPUT',
  });
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function remembered<Key, T>(find: (key: Key) => T): (key: Key) => T {
  const known = new Map<Key, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, find(key));
    return known.get(key)!;
  };
}

/** Two builds of a package as the distribution orders them; versions that cannot be compared count as equal. */
function compareBuilds(pkg: InstalledPackage, a: string, b: string): number {
  return compareVersions({ ...pkg, version: a, source: { ...pkg.source, version: a } }, b) ?? 0;
}
