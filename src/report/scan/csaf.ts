import { requireDate } from '../../model/data-date.ts';
import { type InstalledPackage, isOfEcosystem } from '../../model/inventory/index.ts';
import { pushTo } from '../../model/order.ts';
import { isMalicious } from '../../model/verdict/index.ts';
import { jsonParts } from '../formats/json.ts';
import { imagePurl } from '../image-purl.ts';
import { percentEncoded } from '../percent-encoded.ts';
import { uuidOf } from '../sbom/subject.ts';
import { flawFacts } from './flaw-facts.ts';
import { productPurls } from './openvex.ts';
import { originsOf, originsOfAll } from './origins.ts';
import type { ScanReport } from './report.ts';
import { type VendorStatement, vexStatements } from './statements.ts';
import { blindnessText } from './unseen-text.ts';
import { stableImageName } from './words.ts';

const imageId = 'image';

/**
 * Formats the vendor's statements about an image as CSAF 2.0, profile VEX. Packages are products by their purls, and
 * components of the image: a reader that does not know the image finds the package itself.
 */
export function csafVex(report: ScanReport): Iterable<string> {
  const { facts, result, toolVersion } = report;
  const date = requireDate(report.date, 'CSAF');
  const [statements, without] = ofCves(vexStatements(report));
  const products = productsOf(report, statements);
  const unseen = blindnessText(report);
  const origins = originsOfAll(
    statements.map(({ verdict }) => verdict),
    report,
  );
  const notes = [
    ...(statements.length === 0 ? [nothingNote(report)] : []),
    ...(without.length > 0 ? [withoutNote(without)] : []),
    ...(origins.length > 1 ? [originsNote(origins)] : []),
    ...(unseen === undefined ? [] : [unseenNote(unseen)]),
  ];
  const identity = JSON.stringify([
    facts.digest(),
    result.image.digest ?? result.image.reference,
    date,
    ...(unseen === undefined ? [] : [unseen]),
  ]);
  return jsonParts({
    document: {
      // The profile VEX wants a vulnerability.
      category: statements.length === 0 ? 'csaf_base' : 'csaf_vex',
      csaf_version: '2.0',
      title: `What ${origins.join(', ')} ${origins.length > 1 ? 'say' : 'says'} of ${stableImageName(result.image.reference)}`,
      lang: 'en',
      distribution: { tlp: { label: 'WHITE' } },
      ...(notes.length > 0 ? { notes } : {}),
      publisher: { category: 'other', name: 'scapfeed', namespace: 'https://scapfeed.invalid' },
      tracking: {
        id: `scapfeed-${uuidOf(identity)}`,
        status: 'final',
        version: '1',
        initial_release_date: date,
        current_release_date: date,
        generator: { engine: { name: 'scapfeed', version: toolVersion } },
        revision_history: [{ date, number: '1', summary: 'Made from one scan' }],
      },
    },
    product_tree: productTree(report, products),
    ...(statements.length === 0 ? {} : { vulnerabilities: vulnerabilities(report, statements, products) }),
  });
}

const cveId = /^CVE-\d{4}-\d{4,}$/;

/**
 * Vulnerabilities that have a CVE id, and the ids of others. Trivy (0.68) ends with a fault at a vulnerability without a CVE id, so
 * that none of the others would count.
 */
function ofCves(all: readonly VendorStatement[]): [statements: VendorStatement[], without: string[]] {
  const statements = all.filter(({ vulnerability }) => cveId.test(vulnerability));
  const others = all.filter(({ vulnerability }) => !cveId.test(vulnerability));
  return [statements, [...new Set(others.map(({ vulnerability }) => vulnerability))]];
}

function nothingNote({ result }: ScanReport): object {
  return {
    category: 'general',
    title: 'No statements',
    text: `${result.platform.name} says nothing of the packages in this image.`,
  };
}

function withoutNote(ids: readonly string[]): object {
  return {
    category: 'general',
    title: 'What is not in this document',
    text: `Vulnerabilities without a CVE id, which readers of CSAF do not expect (OpenVEX has them): ${ids.join(', ')}.`,
  };
}

function originsNote(origins: readonly string[]): object {
  return {
    category: 'general',
    title: 'Whose statements these are',
    text: `The statements are those of ${origins.join(', ')}; each product is below its vendor or ecosystem.`,
  };
}

function unseenNote(text: string): object {
  return { category: 'general', title: 'What the gate of the scan cannot see', text };
}

interface Product {
  name: string;
  purl: string;
  id: string;
  /** The package as a component of the image. */
  inImage: string;
  /** Undefined: the vendor of the system. */
  ecosystem: string | undefined;
}

type Products = ReadonlyMap<InstalledPackage, readonly Product[]>;

/** Packages that some statement is about, each by its purls. */
function productsOf(report: ScanReport, statements: readonly VendorStatement[]): Products {
  const covered = new Set(statements.flatMap(({ packages }) => packages));
  const byPurl = new Map<string, Product>();
  const products = new Map<InstalledPackage, Product[]>();
  for (const pkg of covered) {
    const ecosystem = isOfEcosystem(pkg) ? pkg.type : undefined;
    const own = productPurls(pkg, report).map((purl) => {
      const name = `${pkg.name} ${pkg.version}`;
      const product = byPurl.get(purl) ?? { name, purl, id: purl, inImage: `${imageId}:${purl}`, ecosystem };
      byPurl.set(purl, product);
      return product;
    });
    products.set(pkg, own);
  }
  return products;
}

function productTree({ result, inventory }: ScanReport, products: Products): object {
  const { reference, digest } = result.image;
  const purl = digest === undefined ? undefined : imagePurl(reference, digest);
  const image = {
    name: reference,
    product_id: imageId,
    product_identification_helper:
      purl === undefined
        ? {
            x_generic_uris: [
              {
                namespace: 'https://scapfeed.invalid/image',
                uri: `urn:scapfeed:${percentEncoded(reference)}`,
              },
            ],
          }
        : { purl },
  };
  const distinct = [...new Set([...products.values()].flat())];
  if (distinct.length === 0) return { full_product_names: [image] };
  const vendors = [...new Set(distinct.map(({ ecosystem }) => ecosystem))];
  return {
    branches: vendors.map((vendor) => ({
      category: 'vendor',
      name: vendor ?? inventory.os?.prettyName ?? result.platform.name,
      branches: distinct
        .filter(({ ecosystem }) => ecosystem === vendor)
        .map(({ name, purl: url, id }) => ({
          category: 'product_version',
          name,
          product: {
            name,
            product_id: id,
            product_identification_helper: { purl: url },
          },
        })),
    })),
    full_product_names: [image],
    relationships: distinct.map(({ name, id, inImage }) => ({
      category: 'default_component_of',
      product_reference: id,
      relates_to_product_reference: imageId,
      full_product_name: { name: `${name} in ${reference}`, product_id: inImage },
    })),
  };
}

/** CSAF has one object for a vulnerability; a product may stand in one of its lists only. */
function* vulnerabilities(
  report: ScanReport,
  statements: readonly VendorStatement[],
  products: Products,
): Iterable<object> {
  for (const group of byVulnerability(statements)) {
    const [first] = group as [VendorStatement];
    const { known, page, links } = flawFacts(report, { verdict: first.verdict, verdicts: [] });
    const idsOf = ({ packages }: VendorStatement) => [
      ...new Set(
        packages.flatMap((pkg) => (products.get(pkg) ?? []).flatMap(({ id, inImage }) => [id, inImage])),
      ),
    ];
    const disjoint = withoutRepeats(group.map((statement) => ({ statement, ids: idsOf(statement) })));
    const status: Record<string, string[]> = {};
    for (const { statement, ids } of disjoint) {
      if (ids.length === 0) continue;
      const list = lists[statement.verdict.status];
      status[list] = [...(status[list] ?? []), ...ids].sort();
    }
    const flags = flagsOf(disjoint);
    const remediations = disjoint.flatMap(({ statement, ids }) =>
      statement.verdict.status === 'affected' && ids.length > 0
        ? [{ category: remediationOf(statement), details: statement.action, product_ids: ids }]
        : [],
    );
    yield {
      cve: first.vulnerability,
      ...(known?.title === undefined ? {} : { title: known.title }),
      notes: [
        {
          category: 'description',
          text:
            known?.description ??
            known?.title ??
            `What ${originsOf(first.verdict, report).join(', ')} says of ${first.vulnerability}.`,
        },
      ],
      product_status: status,
      ...(flags.length > 0 ? { flags } : {}),
      ...(remediations.length > 0 ? { remediations } : {}),
      ...(links.length > 0
        ? {
            references: links.map((url) => ({
              category: 'external',
              summary: url === page ? 'The vendor' : url,
              url,
            })),
          }
        : {}),
    };
  }
}

const lists: Record<VendorStatement['verdict']['status'], string> = {
  affected: 'known_affected',
  fixed: 'fixed',
  not_affected: 'known_not_affected',
  under_investigation: 'under_investigation',
};

function byVulnerability(statements: readonly VendorStatement[]): VendorStatement[][] {
  const groups = new Map<string, VendorStatement[]>();
  for (const statement of statements) {
    const group = groups.get(statement.vulnerability);
    if (group) group.push(statement);
    else groups.set(statement.vulnerability, [statement]);
  }
  return [...groups.values()];
}

interface WithIds {
  statement: VendorStatement;
  ids: string[];
}

/** Two architectures of a package have one purl: it stays with the first statement, which is the worst. */
function withoutRepeats(all: readonly WithIds[]): WithIds[] {
  const order = ['affected', 'under_investigation', 'fixed', 'not_affected'];
  const rank = ({ statement }: WithIds) => order.indexOf(statement.verdict.status);
  const seen = new Set<string>();
  return [...all]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ statement, ids }) => {
      const own = ids.filter((id) => !seen.has(id));
      for (const id of own) seen.add(id);
      return { statement, ids: own };
    });
}

function flagsOf(all: readonly WithIds[]): object[] {
  const labels = new Map<string, string[]>();
  for (const { statement, ids } of all) {
    if (statement.justification === undefined) continue;
    for (const id of ids) pushTo(labels, statement.justification, id);
  }
  return [...labels].map(([label, ids]) => ({ label, product_ids: [...new Set(ids)].sort() }));
}

function remediationOf({ verdict }: VendorStatement): string {
  const { fixState } = verdict;
  if (isMalicious(verdict)) return 'mitigation';
  if (fixState === 'available' || fixState === 'other_channel') return 'vendor_fix';
  return fixState === 'will_not_fix' || fixState === 'end_of_life' ? 'no_fix_planned' : 'none_available';
}
