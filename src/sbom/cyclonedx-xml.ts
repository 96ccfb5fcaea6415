import { OwnElements } from '../comply/xml/own-elements.ts';
import { malformed, readXml, textOf, type XmlElement } from '../comply/xml/read-xml.ts';
import { type Fields, known } from '../io/json-parts.ts';
import type { ComponentList } from './component-list.ts';
import { CycloneDxContents } from './cyclonedx.ts';
import type { SbomDocument } from './document.ts';

/**
 * Reads CycloneDX XML: each component becomes the record that the JSON form has. Elements of other namespaces are extensions, and not
 * read.
 * @throws {ScapfeedError} CONTENT_MALFORMED, also for another root and where the document has twice what it may have once
 */
export function readCycloneDxXml(bytes: Buffer, where: string, list: ComponentList): SbomDocument {
  const records = new CycloneDxRecords(where);
  const contents = new CycloneDxContents(list);
  let ns = '';
  let version = '';
  let metadata: Fields = {};
  let components = 0;
  const sections = new Set<string>();
  readXml(bytes, where, {
    open: (element, depth) => {
      if (depth === 1) {
        ns = element.ns;
        version = versionOf(element, where);
        return 'enter';
      }
      if (element.ns !== ns) return 'skip';
      if (depth === 3) return element.name === 'component' || element.name === 'dependency' ? 'take' : 'skip';
      if (sections.has(element.name))
        throw malformed(where, `expected one <${element.name}> in <bom>, found 2`);
      sections.add(element.name);
      if (element.name === 'metadata') return 'take';
      return element.name === 'components' || element.name === 'dependencies' ? 'enter' : 'skip';
    },
    take: (element) => {
      if (element.name === 'metadata') metadata = records.metadata(element);
      else if (element.name === 'component') {
        contents.component(records.component(element), `components/${components}`);
        components += 1;
      } else
        for (const binary of records.provided(element)) contents.provides(element.attrs['ref'] ?? '', binary);
    },
  });
  return contents.document(version, metadata);
}

function versionOf({ ns, name }: XmlElement, where: string): string {
  const version = /^http:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)$/.exec(ns)?.[1];
  if (name === 'bom' && version !== undefined) return version;
  throw malformed(
    where,
    `expected <bom> of CycloneDX, found <${name}> of ${ns === '' ? 'no namespace' : ns}`,
  );
}

/** Elements as records of the JSON form. */
class CycloneDxRecords {
  readonly #own: OwnElements;

  constructor(where: string) {
    this.#own = new OwnElements(where);
  }

  metadata(element: XmlElement): Fields {
    const tools = this.#own.only(element, 'tools');
    const component = this.#own.only(element, 'component');
    const named = tools
      ? [...this.#own.all(tools, 'tool'), ...this.#own.list(tools, 'components', 'component')]
      : [];
    return known({
      tools: named.map((tool) => this.#own.texts(tool, ['name', 'version'])),
      component: component && this.component(component),
    });
  }

  component(element: XmlElement): Fields {
    const supplier = this.#own.only(element, 'supplier');
    const evidence = this.#own.only(element, 'evidence');
    return known({
      type: element.attrs['type'],
      'bom-ref': element.attrs['bom-ref'],
      ...this.#own.texts(element, ['name', 'group', 'version', 'description', 'publisher', 'purl', 'cpe']),
      supplier: supplier && this.#own.texts(supplier, ['name']),
      evidence: evidence && {
        identity: this.#own
          .all(evidence, 'identity')
          .map((identity) => this.#own.texts(identity, ['field', 'concludedValue'])),
      },
      properties: this.#own.list(element, 'properties', 'property').map((property) => ({
        name: property.attrs['name'] ?? '',
        value: textOf(property),
      })),
      components: this.#own.list(element, 'components', 'component').map((each) => this.component(each)),
    });
  }

  /** References to what a dependency provides. */
  provided(dependency: XmlElement): string[] {
    return this.#own.all(dependency, 'provides').map(({ attrs }) => attrs['ref'] ?? '');
  }
}
