import type { DefinitionMetadata, OvalDocumentInfo, Severity } from '../../model/index.ts';
import { childElements, childText, firstChild, textOf, type XmlElement } from '../xml/read-xml.ts';

/** Vendors' words for severities. */
const severityWords: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  important: 'high',
  high: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
  negligible: 'negligible',
  unimportant: 'negligible',
};

/** Metadata of a definition without what it lacks; most vendors write some of it into elements of their own. */
export function readMetadata(element: XmlElement): DefinitionMetadata {
  const references = childElements(element, 'reference').map(referenceOf);
  const vendorSeverity = wordOf(descendant(element, 'severity'));
  const advisory = advisoryOf(element, references);
  const issued = descendant(element, 'issued')?.attrs['date'] ?? wordOf(descendant(element, 'advisory_date'));
  return {
    severity: (vendorSeverity && severityWords[vendorSeverity.toLowerCase()]) || 'unknown',
    ...(vendorSeverity ? { vendorSeverity } : {}),
    ...(advisory ? { advisory } : {}),
    vulnerabilities: vulnerabilitiesOf(element, references),
    references,
    ...(issued ? { issued: issued.slice(0, 10) } : {}),
  };
}

/** Names of platforms that a definition's metadata gives. */
export function affectedPlatforms(element: XmlElement): string[] {
  return childElements(element, 'affected').flatMap((affected) =>
    childElements(affected, 'platform').map((platform) => textOf(platform).trim()),
  );
}

export function readGenerator(element: XmlElement): Omit<OvalDocumentInfo, 'platforms' | 'component'> {
  const text = (name: string) => childText(element, name);
  const [product, productVersion, timestamp] = ['product_name', 'product_version', 'timestamp'].map(text);
  return {
    schemaVersion: text('schema_version') ?? '5.11',
    ...(product ? { product } : {}),
    ...(productVersion ? { productVersion } : {}),
    ...(timestamp ? { timestamp } : {}),
  };
}

export const noMetadata: DefinitionMetadata = { severity: 'unknown', vulnerabilities: [], references: [] };

function referenceOf({ attrs }: XmlElement): DefinitionMetadata['references'][number] {
  const url = attrs['ref_url']?.trim();
  return {
    source: attrs['source']?.trim() ?? '',
    id: attrs['ref_id']?.trim() ?? '',
    ...(url ? { url } : {}),
  };
}

const cve = /CVE-\d{4}-\d{4,}/;

/** From the references, some of which write the id as a part of a longer one, and from elements of an advisory. */
function vulnerabilitiesOf(element: XmlElement, references: DefinitionMetadata['references']): string[] {
  const advisory = firstChild(element, 'advisory');
  const listed = advisory ? childElements(advisory, 'cve').map(textOf) : [];
  const found = [...references.map(({ id }) => id), ...listed].flatMap((text) => cve.exec(text) ?? []);
  return [...new Set(found)];
}

/** The first reference that is no vulnerability, or an element that says it is the advisory's id. */
function advisoryOf(element: XmlElement, references: DefinitionMetadata['references']): string | undefined {
  const named = references.find(({ id, source }) => id !== '' && !cve.test(id) && source !== 'CPE');
  return named?.id ?? wordOf(firstChild(element, 'advisory_id'));
}

function wordOf(element: XmlElement | undefined): string | undefined {
  return element && textOf(element).trim();
}

/** The first descendant of a name, in document order. */
function descendant(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of childElements(element)) {
    const found = child.name === name ? child : descendant(child, name);
    if (found) return found;
  }
  return undefined;
}
