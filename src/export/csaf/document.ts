import type { CsafSystem } from '../rows/csaf-layout.ts';
import type { CsafPublisher } from './publisher.ts';
import { type Stated, type VulnerabilityFacts, vulnerabilityOf } from './vulnerability.ts';

export interface DocumentHead {
  trackingId: string;
  /** Address of the document. */
  url: string;
  /** ISO 8601: the first day of the vulnerability, and the date of the data. */
  initial: string;
  current: string;
  publisher: CsafPublisher;
  toolVersion: string;
}

/** A CSAF 2.0 document of profile VEX about one vulnerability. */
export function vexDocument(
  products: ReadonlyMap<string, Stated>,
  facts: VulnerabilityFacts,
  head: DocumentHead,
): string {
  const { trackingId, url, initial, current, publisher, toolVersion } = head;
  const version = versionOf(current);
  const { vendor } = facts.layout;
  const document = {
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      title: `${vendor}: ${facts.id}`,
      lang: 'en',
      distribution: { tlp: { label: 'WHITE' } },
      publisher,
      references: [{ category: 'self', summary: 'This document', url }],
      tracking: {
        id: trackingId,
        status: 'final',
        version,
        initial_release_date: initial,
        current_release_date: current,
        generator: { engine: { name: 'scapfeed', version: toolVersion } },
        revision_history: [
          ...(initial < current
            ? [{ date: initial, number: '1.0.0', summary: 'The vulnerability became known' }]
            : []),
          { date: current, number: version, summary: `Made from ${vendor}'s data of this date` },
        ],
      },
    },
    product_tree: productTree(products, vendor),
    vulnerabilities: [vulnerabilityOf(products, facts)],
  };
  return `${JSON.stringify(document)}\n`;
}

/** A later date is a later version, and the same data have the same: no counter is kept anywhere. */
function versionOf(date: string): string {
  const [year = '0', month = '0', day = '0', hour = '0', minute = '0', second = '0'] =
    date.match(/\d+/g) ?? [];
  return `1.${Number(year + month + day)}.${Number(hour + minute + second)}`;
}

/** Systems and packages once each, and every pair of them that something is said of. */
function productTree(products: ReadonlyMap<string, Stated>, vendor: string): object {
  const systems = new Map<string, CsafSystem>();
  const components = new Map<string, object>();
  const relationships: object[] = [];
  for (const [
    id,
    {
      component,
      claim: { system },
    },
  ] of products) {
    systems.set(system.id, system);
    components.set(component.id, {
      ...component.branch,
      product: {
        name: component.name,
        product_id: component.id,
        product_identification_helper: { purl: component.purl() },
      },
    });
    relationships.push({
      category: 'default_component_of',
      product_reference: component.id,
      relates_to_product_reference: system.id,
      full_product_name: {
        name: `${component.name} in ${system.name}`,
        product_id: id,
        ...(system.distro === undefined
          ? {}
          : { product_identification_helper: { purl: component.purl(system.distro) } }),
      },
    });
  }
  const named = [...systems.values()].map(({ id, name, cpe }) => ({
    category: 'product_name',
    name,
    product: {
      name,
      product_id: id,
      ...(cpe === undefined ? {} : { product_identification_helper: { cpe } }),
    },
  }));
  return {
    branches: [{ category: 'vendor', name: vendor, branches: [...named, ...components.values()] }],
    relationships,
  };
}
