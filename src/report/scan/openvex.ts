import { requireDate } from '../../model/data-date.ts';
import { type InstalledPackage, isOfEcosystem } from '../../model/inventory/index.ts';
import { jsonParts } from '../formats/json.ts';
import { imagePurl } from '../image-purl.ts';
import { uuidOf } from '../sbom/subject.ts';
import { originsOf, originsOfAll } from './origins.ts';
import type { ScanReport } from './report.ts';
import { type VendorStatement, vexStatements } from './statements.ts';

/**
 * Formats the vendor's statements about an image as OpenVEX 0.2.0. Each package is a product by its purls, and a subcomponent
 * of the image.
 */
export function openVex(report: ScanReport): Iterable<string> {
  const { facts, result, toolVersion } = report;
  const date = requireDate(report.date, 'OpenVEX');
  const stated = vexStatements(report);
  const origins = originsOfAll(
    stated.map(({ verdict }) => verdict),
    report,
  );
  const identity = JSON.stringify([facts.digest(), result.image.digest ?? result.image.reference, date]);
  return jsonParts({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `https://openvex.dev/docs/public/scapfeed-${uuidOf(identity)}`,
    author: `scapfeed, from the data of ${origins.join(', ')}`,
    role: 'Tool',
    timestamp: date,
    version: 1,
    tooling: `scapfeed ${toolVersion}`,
    statements: statements(report, stated, date),
  });
}

function* statements(
  report: ScanReport,
  stated: readonly VendorStatement[],
  timestamp: string,
): Iterable<object> {
  const image = imageProduct(report);
  for (const statement of stated) {
    const packages = distinct(statement.packages, report);
    yield {
      vulnerability: vulnerabilityOf(statement, report),
      timestamp,
      products: [
        ...packages.map((purl) => ({ '@id': purl, identifiers: { purl } })),
        ...(image
          ? [{ ...image, subcomponents: packages.map((purl) => ({ '@id': purl, identifiers: { purl } })) }]
          : []),
      ],
      status: statement.verdict.status,
      ...(statement.justification === undefined ? {} : { justification: statement.justification }),
      ...(statement.verdict.status === 'affected'
        ? { action_statement: statement.action, ...creditOf(statement, report) }
        : { status_notes: statement.action }),
    };
  }
}

/** The author of the document is not that of what OSV states: each statement about a package of a language names its own. */
function creditOf({ verdict }: VendorStatement, report: ScanReport): object {
  if (!isOfEcosystem(verdict.package)) return {};
  return { status_notes: `by ${originsOf(verdict, report).join(', ')}` };
}

function distinct(packages: readonly InstalledPackage[], report: ScanReport): string[] {
  return [...new Set(packages.flatMap((pkg) => productPurls(pkg, report)))];
}

/**
 * The purls by which others find a package: without qualifiers for those that compare these one by one, which write them in
 * different ways; as SBOMs have it for those that compare the whole text (grype with CSAF, older versions of trivy); and with
 * a Debian epoch as a qualifier, where some write it.
 */
export function productPurls(pkg: InstalledPackage, { names }: ScanReport): string[] {
  const bare = names.barePurl(pkg);
  const [, epoch] = (pkg.type === 'deb' && /^(\d+):/.exec(pkg.version)) || [];
  const apart = epoch === undefined ? [] : [`${bare.replace(`@${epoch}:`, '@')}?epoch=${epoch}`];
  return [bare, names.purl(pkg), ...apart];
}

function vulnerabilityOf({ vulnerability, verdict }: VendorStatement, { facts, names }: ScanReport): object {
  const known = facts.vulnerability(vulnerability);
  const page = names.flawPage(vulnerability);
  const aliases = [...new Set([...(known?.aliases ?? []), ...(verdict.aliases ?? [])])];
  return {
    ...(page === undefined ? {} : { '@id': page }),
    name: vulnerability,
    ...(known?.title === undefined ? {} : { description: known.title }),
    ...(aliases.length === 0 ? {} : { aliases }),
  };
}

/** The image by its digest, which grype compares as a hash and both compare in a purl. */
function imageProduct({
  result: { image },
}: ScanReport): { '@id': string; identifiers: object; hashes: object } | undefined {
  const { digest, reference } = image;
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest ?? '') ?? [];
  if (digest === undefined || hex === undefined) return undefined;
  const purl = imagePurl(reference, digest);
  return { '@id': purl, identifiers: { purl }, hashes: { 'sha-256': hex } };
}
