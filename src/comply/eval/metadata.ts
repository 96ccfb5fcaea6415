import type { DefinitionMetadata, OvalDocumentInfo } from '../../model/compliance/index.ts';
import type { Severity } from '../../model/feed/index.ts';
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

/** A definition's metadata as found in the document. */
export interface MetadataParts {
  /** Sources and ids of the references. */
  sources: string[];
  ids: string[];
  /** Texts of the `cve` elements of an advisory. */
  listed: string[];
  /** Text of the first `severity`. */
  severity?: string;
  /** The first `issued`. */
  issued?: { date: string | undefined };
  advisoryDate?: string;
  advisoryId?: string;
  title?: string;
}

/** Metadata of a definition without what it lacks; most vendors write some of it into elements of their own. */
export function readMetadata(element: XmlElement): DefinitionMetadata {
  const advisory = firstChild(element, 'advisory');
  const issued = descendant(element, 'issued');
  const references = childElements(element, 'reference').map(referenceOf);
  const parts: MetadataParts = {
    sources: references.map(({ source }) => source),
    ids: references.map(({ id }) => id),
    listed: advisory ? childElements(advisory, 'cve').map(textOf) : [],
    ...wordOf('severity', descendant(element, 'severity')),
    ...(issued ? { issued: { date: issued.attrs['date'] } } : {}),
    ...wordOf('advisoryDate', descendant(element, 'advisory_date')),
    ...wordOf('advisoryId', firstChild(element, 'advisory_id')),
    ...wordOf('title', firstChild(element, 'title')),
  };
  return metadataOf(parts, references, (found) => [...found]);
}

/** The metadata with references and vulnerabilities in the form that is given. */
export function metadataOf<References, Vulnerabilities>(
  parts: MetadataParts,
  references: References,
  listed: (vulnerabilities: ReadonlySet<string>) => Vulnerabilities,
) {
  const { severity, issued, advisoryDate, advisoryId } = parts;
  const advisory = advisoryOf(parts) ?? advisoryId;
  const date = issued?.date ?? advisoryDate;
  return {
    severity: (severity && severityWords[severity.toLowerCase()]) || 'unknown',
    ...(severity ? { vendorSeverity: severity } : {}),
    ...(advisory ? { advisory } : {}),
    vulnerabilities: listed(vulnerabilitiesOf(parts)),
    references,
    ...(date ? { issued: date.slice(0, 10) } : {}),
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
function vulnerabilitiesOf({ ids, listed }: MetadataParts): Set<string> {
  const found = new Set<string>();
  for (const id of ids) addCve(found, id);
  for (const text of listed) addCve(found, text);
  return found;
}

function addCve(found: Set<string>, text: string): void {
  if (found.has(text)) return;
  const [id] = cve.exec(text) ?? [];
  if (id !== undefined) found.add(id);
}

/** The first reference that is no vulnerability; a rebuild of RHEL lists Red Hat's beside its own, which its title names. */
function advisoryOf({ ids, sources, title = '' }: MetadataParts): string | undefined {
  const advisories = ids.filter((id, nth) => id !== '' && !cve.test(id) && sources[nth] !== 'CPE');
  return advisories.find((id) => title.startsWith(id)) ?? advisories[0];
}

function wordOf<K extends string>(key: K, element: XmlElement | undefined): { [P in K]?: string } {
  return (element ? { [key]: textOf(element).trim() } : {}) as { [P in K]?: string };
}

/** The first descendant of a name, in document order. */
function descendant(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of childElements(element)) {
    const found = child.name === name ? child : descendant(child, name);
    if (found) return found;
  }
  return undefined;
}
