import { childElements, readXmlTree, textOf, type XmlElement } from '../comply/xml/read-xml.ts';
import { invalidVex } from './invalid.ts';
import { type Fields, known } from './values.ts';

/**
 * A CycloneDX document in XML, as the record of its JSON form that is read for VEX; undefined: it is another document. Elements of
 * other namespaces are extensions, and not read: the schema allows them anywhere.
 * @throws {ScapfeedError} VEX_INVALID where the document has twice what it may have once: either could be the one that is meant
 */
export function cycloneDxRecord(bytes: Buffer, where: string): Fields | undefined {
  const root = readXmlTree(bytes, where);
  const version = /^http:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)$/.exec(root.ns)?.[1];
  if (root.name !== 'bom' || version === undefined) return undefined;
  return new CycloneDxXml(where).record(root, version);
}

class CycloneDxXml {
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  record(root: XmlElement, version: string): Fields {
    const metadata = this.#only(root, 'metadata');
    const vulnerabilities = this.#only(root, 'vulnerabilities');
    return known({
      bomFormat: 'CycloneDX',
      specVersion: version,
      metadata: metadata && this.#metadata(metadata),
      components: this.#components(root),
      vulnerabilities:
        vulnerabilities &&
        childrenOf(vulnerabilities, 'vulnerability').map((each) => this.#vulnerability(each)),
    });
  }

  #metadata(element: XmlElement): Fields {
    const component = this.#only(element, 'component');
    const named = (name: string) => {
      const child = this.#only(element, name);
      return child && this.#texts(child, ['name']);
    };
    return known({
      ...this.#texts(element, ['timestamp']),
      supplier: named('supplier'),
      manufacturer: named('manufacturer'),
      authors: this.#list(element, 'authors', 'author').map((author) => this.#texts(author, ['name'])),
      component: component && this.#component(component),
    });
  }

  #components(element: XmlElement): Fields[] {
    return this.#list(element, 'components', 'component').map((each) => this.#component(each));
  }

  #component(element: XmlElement): Fields {
    return known({
      'bom-ref': element.attrs['bom-ref'],
      ...this.#texts(element, ['name', 'version', 'purl']),
      components: this.#components(element),
    });
  }

  #vulnerability(element: XmlElement): Fields {
    const analysis = this.#only(element, 'analysis');
    return known({
      ...this.#texts(element, ['id', 'updated']),
      references: this.#list(element, 'references', 'reference').map((each) => this.#texts(each, ['id'])),
      analysis:
        analysis && this.#texts(analysis, ['state', 'justification', 'detail', 'firstIssued', 'lastUpdated']),
      affects: this.#list(element, 'affects', 'target').map((target) => ({
        ...this.#texts(target, ['ref']),
        versions: this.#list(target, 'versions', 'version').map((each) =>
          this.#texts(each, ['version', 'range', 'status']),
        ),
      })),
    });
  }

  #list(element: XmlElement, list: string, name: string): XmlElement[] {
    const found = this.#only(element, list);
    return found ? childrenOf(found, name) : [];
  }

  /** The texts of children that have nothing else. */
  #texts(element: XmlElement, names: readonly string[]): Fields {
    return known(Object.fromEntries(names.map((name) => [name, this.#text(element, name)])));
  }

  #text(element: XmlElement, name: string): string | undefined {
    const child = this.#only(element, name);
    if (child && childElements(child).length > 0)
      throw invalidVex(`expected text in <${name}> of <${element.name}>, found elements`, this.#where);
    return child && textOf(child).trim();
  }

  #only(element: XmlElement, name: string): XmlElement | undefined {
    const found = childrenOf(element, name);
    if (found.length > 1)
      throw invalidVex(`expected one <${name}> in <${element.name}>, found ${found.length}`, this.#where);
    return found[0];
  }
}

/** Children of the namespace of their parent, which is that of the document. */
function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return childElements(element, name).filter(({ ns }) => ns === element.ns);
}
