import { OwnElements } from '../comply/xml/own-elements.ts';
import { readXmlTree, textOf, type XmlElement } from '../comply/xml/read-xml.ts';
import { type Fields, known } from '../io/json-parts.ts';
import { invalidVex } from './invalid.ts';
import { bare } from './members.ts';

/**
 * A CycloneDX document in XML, as the record of its JSON form that is read for VEX; undefined: it is another document. Elements of
 * other namespaces are extensions, and not read: the schema allows them anywhere.
 * @throws {ScapfeedError} CONTENT_MALFORMED, also where the document has twice what it may have once
 */
export function cycloneDxRecord(bytes: Buffer, where: string): Fields | undefined {
  const root = readXmlTree(bytes, where);
  const version = /^http:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)$/.exec(root.ns)?.[1];
  if (root.name !== 'bom' || version === undefined) return undefined;
  requireSpelling(root, root.ns, where);
  return new CycloneDxXml(where).record(root, version);
}

/** Elements and attributes that are read. */
const names: ReadonlyMap<string, string> = new Map(
  [
    ...[
      'metadata',
      'timestamp',
      'supplier',
      'manufacturer',
      'authors',
      'author',
      'components',
      'component',
      'name',
    ],
    ...[
      'version',
      'versionRange',
      'purl',
      'cpe',
      'hashes',
      'hash',
      'swid',
      'omniborId',
      'swhid',
      'vulnerabilities',
    ],
    ...[
      'vulnerability',
      'id',
      'updated',
      'references',
      'reference',
      'analysis',
      'state',
      'justification',
      'detail',
    ],
    ...['firstIssued', 'lastUpdated', 'affects', 'target', 'ref', 'versions', 'range', 'status'],
    ...['bom-ref', 'alg', 'serialNumber', 'type', 'group', 'evidence', 'identity', 'field', 'concludedValue'],
  ].map((name) => [bare(name), name]),
);

/** Refuses what would be read but for its spelling: passed over, it would leave a statement wider than its words. */
function requireSpelling(root: XmlElement, ns: string, where: string): void {
  const pending = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.ns !== ns) continue;
    const found = [next.name, ...Object.keys(next.attrs)];
    const wrong = found.find((name) => (names.get(bare(name)) ?? name) !== name);
    if (wrong !== undefined)
      throw invalidVex(`expected ${names.get(bare(wrong))}, found ${wrong.slice(0, 40)}`, where);
    for (const child of next.children) if (typeof child !== 'string') pending.push(child);
  }
}

class CycloneDxXml {
  readonly #own: OwnElements;

  constructor(where: string) {
    this.#own = new OwnElements(where);
  }

  record(root: XmlElement, version: string): Fields {
    const metadata = this.#own.only(root, 'metadata');
    const vulnerabilities = this.#own.only(root, 'vulnerabilities');
    return known({
      bomFormat: 'CycloneDX',
      specVersion: version,
      serialNumber: root.attrs['serialNumber'],
      version: root.attrs['version'],
      metadata: metadata && this.#metadata(metadata),
      components: this.#components(root),
      vulnerabilities:
        vulnerabilities &&
        this.#own.all(vulnerabilities, 'vulnerability').map((each) => this.#vulnerability(each)),
    });
  }

  #metadata(element: XmlElement): Fields {
    const component = this.#own.only(element, 'component');
    const named = (name: string) => {
      const child = this.#own.only(element, name);
      return child && this.#own.texts(child, ['name']);
    };
    return known({
      ...this.#own.texts(element, ['timestamp']),
      supplier: named('supplier'),
      manufacturer: named('manufacturer'),
      authors: this.#own
        .list(element, 'authors', 'author')
        .map((author) => this.#own.texts(author, ['name'])),
      component: component && this.#component(component),
    });
  }

  #components(element: XmlElement): Fields[] {
    return this.#own.list(element, 'components', 'component').map((each) => this.#component(each));
  }

  #component(element: XmlElement): Fields {
    return known({
      'bom-ref': element.attrs['bom-ref'],
      type: element.attrs['type'],
      ...this.#own.texts(element, ['group', 'name', 'version', 'versionRange', 'purl', 'cpe']),
      hashes: this.#own.list(element, 'hashes', 'hash').map((hash) => ({
        alg: hash.attrs['alg'] ?? '',
        content: textOf(hash).trim(),
      })),
      swid: this.#own.only(element, 'swid')?.attrs,
      omniborId: this.#ids(element, 'omniborId'),
      swhid: this.#ids(element, 'swhid'),
      evidence: this.#evidence(element),
      components: this.#components(element),
    });
  }

  #evidence(element: XmlElement): Fields | undefined {
    const evidence = this.#own.only(element, 'evidence');
    if (evidence === undefined) return undefined;
    const found = this.#own.all(evidence, 'identity');
    return { identity: found.map((each) => this.#own.texts(each, ['field', 'concludedValue'])) };
  }

  #ids(element: XmlElement, name: string): string[] | undefined {
    const ids = this.#own.all(element, name).map(textOf);
    return ids.length === 0 ? undefined : ids;
  }

  #vulnerability(element: XmlElement): Fields {
    const analysis = this.#own.only(element, 'analysis');
    return known({
      ...this.#own.texts(element, ['id', 'updated']),
      references: this.#own
        .list(element, 'references', 'reference')
        .map((each) => this.#own.texts(each, ['id'])),
      analysis:
        analysis &&
        this.#own.texts(analysis, ['state', 'justification', 'detail', 'firstIssued', 'lastUpdated']),
      affects: this.#own.list(element, 'affects', 'target').map((target) =>
        known({
          ...this.#own.texts(target, ['ref']),
          versions:
            this.#own.only(target, 'versions') &&
            this.#own
              .list(target, 'versions', 'version')
              .map((each) => this.#own.texts(each, ['version', 'range', 'status'])),
        }),
      ),
    });
  }
}
