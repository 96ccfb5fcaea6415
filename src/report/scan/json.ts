import type { Advisory, Assessment, FeedInput, Vulnerability } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { ViewedVerdict } from '../../model/verdict/index.ts';
import { jsonParts, resultsJson } from '../formats/json.ts';
import type { ManyScan, MergedScan } from '../many/scan.ts';
import { fixDate } from './fix-date.ts';
import type { ScanReport } from './report.ts';

/** Version of the JSON form of a scan; schemas/scan-result.schema.json describes it. */
const scanResultFormat = 'scapfeed/scan-result/1';

/** Rises with every field that is added. A field that is there stays, with its meaning: otherwise the format's number rises. */
const scanResultVersion = '1.5';

/**
 * Formats a scan as JSON: every verdict, also those that the table hides (with `hidden`), all packages not covered, and
 * once for each vulnerability and advisory what the feed knows of it.
 */
export function scanJson(report: ScanReport): Iterable<string> {
  const { result, asked, facts, policy } = report;
  const { image, tool, feed, platform, inventory, signed, uncovered, verdicts: _, ...rest } = result;
  const ids = [...new Set(asked.map(({ vulnerability }) => vulnerability))].sort(compareCodeUnits);
  const advisories = [...new Set(asked.flatMap((verdict) => verdict.advisories))].sort(compareCodeUnits);
  const packages = packageRecords(report);
  return jsonParts({
    format: scanResultFormat,
    version: scanResultVersion,
    tool,
    feed: { ...feed, digest: facts.digest(), inputs: facts.inputs.map(inputRecord) },
    platform,
    image: {
      reference: image.reference,
      digest: image.digest,
      architecture: image.architecture,
      layers: image.layers,
    },
    ...(signed && { signed }),
    inventory,
    policy,
    counts: report.counts(),
    verdicts: map(asked, (verdict) => verdictRecord(verdict, packages, report)),
    uncovered: map(uncovered, ({ package: pkg, reason, detail }) => ({ ...packages(pkg), reason, detail })),
    ...rest,
    vulnerabilities: map(ids, (id) => vulnerabilityRecord(id, report)),
    advisories: map(advisories, (id) => advisoryRecord(id, report)),
  });
}

type PackageRecords = (pkg: InstalledPackage) => Record<string, unknown>;

function verdictRecord(
  verdict: ViewedVerdict,
  packages: PackageRecords,
  { facts }: ScanReport,
): Record<string, unknown> {
  const { package: pkg, ...rest } = verdict;
  const date = fixDate(verdict, facts.advisory);
  return { ...rest, ...(date !== undefined && { fixDate: date }), package: packages(pkg) };
}

/** The records of packages; the verdicts of one package share its record. */
function packageRecords({ result, names }: ScanReport): PackageRecords {
  const { layers } = result.image;
  const known = new Map<InstalledPackage, Record<string, unknown>>();
  return (pkg) => {
    const found = known.get(pkg);
    if (found) return found;
    const { layer, ...rest } = pkg;
    const record = {
      ...rest,
      purl: names.purl(pkg),
      ...(layer === undefined || layers[layer] === undefined
        ? {}
        : { layer: { index: layer, ...layers[layer] } }),
    };
    known.set(pkg, record);
    return record;
  };
}

function inputRecord({ id, source, url, sha256, date, unsigned, refused }: FeedInput): Partial<FeedInput> {
  return {
    id,
    source,
    url,
    sha256,
    ...(date === undefined ? {} : { date }),
    ...(unsigned === undefined ? {} : { unsigned }),
    ...(refused === undefined ? {} : { refused }),
  };
}

interface VulnerabilityRecord extends Vulnerability {
  page?: string;
  assessment?: Omit<Assessment, 'id'>;
}

function vulnerabilityRecord(id: string, { facts, names }: ScanReport): VulnerabilityRecord {
  const page = names.flawPage(id);
  const { id: _, ...assessment } = facts.assessment(id) ?? { id, ratings: [] };
  return {
    ...(facts.vulnerability(id) ?? { id }),
    ...(page === undefined ? {} : { page }),
    ...(facts.assessment(id) ? { assessment } : {}),
  };
}

function advisoryRecord(id: string, { facts, names }: ScanReport): Advisory {
  const known = facts.advisory(id) ?? { id };
  const url = known.url ?? names.advisoryPage(id);
  return { ...known, ...(url === undefined ? {} : { url }) };
}

/** Made one by one, while they are written. */
function* map<In, Out>(items: Iterable<In>, make: (item: In) => Out): Iterable<Out> {
  for (const item of items) yield make(item);
}

/** Version of the JSON form of a scan of several images; schemas/scan-results.schema.json describes it. */
const scanResultsFormat = 'scapfeed/scan-results/1';

/** Rises with every field that is added. */
const scanResultsVersion = '1.0';

/** The results of all images, each as the JSON of a scan of it alone. */
export const mergedJson: MergedScan = { part: scanJson, whole };

function whole({
  tool,
  feed,
  date,
  totals,
  exceptions,
  repeated,
  exitCode,
  targets,
}: ManyScan): Iterable<string> {
  return resultsJson(
    {
      format: scanResultsFormat,
      version: scanResultsVersion,
      tool,
      feed,
      date,
      exitCode,
      totals,
      exceptions,
      repeated,
    },
    targets,
  );
}
