import type { CsafSystem } from '../rows/csaf-layout.ts';
import { quote } from './json-text.ts';
import type { ExportedProduct } from './products.ts';
import type { CsafPublisher } from './publisher.ts';
import { type VulnerabilityFacts, vulnerabilityText } from './vulnerability.ts';

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

/**
 * A CSAF 2.0 document of profile VEX about one vulnerability. Its JSON is put together from texts: it has millions of products,
 * each in several places, for which objects would be made and thrown away.
 */
export function vexDocument(
  products: readonly ExportedProduct[],
  facts: VulnerabilityFacts,
  head: DocumentHead,
): string {
  const { trackingId, url, initial, current, publisher, toolVersion } = head;
  const version = versionOf(current);
  const { vendor } = facts.layout;
  const document = {
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
  };
  const tree = productTree(products, vendor);
  const vulnerability = vulnerabilityText(products, facts);
  return `{"document":${JSON.stringify(document)},"product_tree":${tree},"vulnerabilities":[${vulnerability}]}\n`;
}

/** A later date is a later version, and the same data have the same: no counter is kept anywhere. */
function versionOf(date: string): string {
  const [year = '0', month = '0', day = '0', hour = '0', minute = '0', second = '0'] =
    date.match(/\d+/g) ?? [];
  return `1.${Number(year + month + day)}.${Number(hour + minute + second)}`;
}

/** Systems and packages once each, and every pair of them with a statement. */
function productTree(products: readonly ExportedProduct[], vendor: string): string {
  const systems = new Map<string, CsafSystem>();
  const components = new Map<string, string>();
  const relationships: string[] = [];
  for (const { system, component, relationship } of products) {
    systems.set(system.id, system);
    components.set(component.id, component.text);
    relationships.push(relationship);
  }
  const branches = [...Array.from(systems.values(), systemText), ...components.values()];
  return `{"branches":[{"category":"vendor","name":${quote(vendor)},"branches":[${branches.join()}]}],"relationships":[${relationships.join()}]}`;
}

function systemText({ id, name, cpe }: CsafSystem): string {
  const helper = cpe === undefined ? '' : `,"product_identification_helper":{"cpe":${quote(cpe)}}`;
  const quoted = quote(name);
  return `{"category":"product_name","name":${quoted},"product":{"name":${quoted},"product_id":${quote(id)}${helper}}}`;
}
