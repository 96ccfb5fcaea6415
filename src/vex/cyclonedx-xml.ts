import {
  childElements,
  childText,
  firstChild,
  readXmlTree,
  type XmlElement,
} from '../comply/xml/read-xml.ts';
import { type Fields, known } from './values.ts';

/** A CycloneDX document in XML, as the record of its JSON form that is read for VEX; undefined: it is another document. */
export function cycloneDxRecord(bytes: Buffer, where: string): Fields | undefined {
  const root = readXmlTree(bytes, where);
  const version = /\/bom\/([\d.]+)$/.exec(root.ns)?.[1];
  if (root.name !== 'bom' || version === undefined) return undefined;
  const vulnerabilities = firstChild(root, 'vulnerabilities');
  const metadata = firstChild(root, 'metadata');
  return known({
    bomFormat: 'CycloneDX',
    specVersion: version,
    metadata: metadata && metadataRecord(metadata),
    components: childrenIn(root, 'components', 'component').map(componentRecord),
    vulnerabilities:
      vulnerabilities && childElements(vulnerabilities, 'vulnerability').map(vulnerabilityRecord),
  });
}

function metadataRecord(element: XmlElement): Fields {
  const named = (name: string) => {
    const child = firstChild(element, name);
    return child && known({ name: childText(child, 'name') });
  };
  const component = firstChild(element, 'component');
  return known({
    timestamp: childText(element, 'timestamp'),
    supplier: named('supplier'),
    manufacturer: named('manufacturer'),
    authors: childrenIn(element, 'authors', 'author').map((author) =>
      known({ name: childText(author, 'name') }),
    ),
    component: component && componentRecord(component),
  });
}

function componentRecord(element: XmlElement): Fields {
  return known({
    'bom-ref': element.attrs['bom-ref'],
    name: childText(element, 'name'),
    version: childText(element, 'version'),
    purl: childText(element, 'purl'),
    components: childrenIn(element, 'components', 'component').map(componentRecord),
  });
}

function vulnerabilityRecord(element: XmlElement): Fields {
  const analysis = firstChild(element, 'analysis');
  return known({
    id: childText(element, 'id'),
    updated: childText(element, 'updated'),
    references: childrenIn(element, 'references', 'reference').map((each) =>
      known({ id: childText(each, 'id') }),
    ),
    analysis: analysis && texts(analysis, ['state', 'justification', 'detail', 'firstIssued', 'lastUpdated']),
    affects: childrenIn(element, 'affects', 'target').map((target) => ({
      ref: childText(target, 'ref'),
      versions: childrenIn(target, 'versions', 'version').map((each) =>
        texts(each, ['version', 'range', 'status']),
      ),
    })),
  });
}

function texts(element: XmlElement, names: readonly string[]): Fields {
  return known(Object.fromEntries(names.map((name) => [name, childText(element, name)])));
}

function childrenIn(element: XmlElement, list: string, name: string): XmlElement[] {
  return childElements(element, list).flatMap((each) => childElements(each, name));
}
