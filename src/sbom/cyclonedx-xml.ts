import {
  childElements,
  childText,
  firstChild,
  readXml,
  textOf,
  type XmlElement,
} from '../comply/xml/read-xml.ts';
import { BuiltFrom } from './built-from.ts';
import type { ComponentList } from './component-list.ts';
import {
  cycloneDxComponent,
  cycloneDxSubject,
  cycloneDxSystem,
  cycloneDxWriters,
  flatComponents,
} from './cyclonedx.ts';
import type { SbomDocument, StatedSystem } from './document.ts';
import { type Fields, fieldsOf, known } from './values.ts';

/** Reads CycloneDX XML: each component becomes the record that the JSON form has. */
export function readCycloneDxXml(bytes: Buffer, where: string, list: ComponentList): SbomDocument {
  let version = '';
  let metadata: Fields = {};
  let at = 0;
  const systems: StatedSystem[] = [];
  const builtFrom = new BuiltFrom();
  readXml(bytes, where, {
    open: (element, depth) => {
      if (depth === 1) {
        version = /\/bom\/([\d.]+)$/.exec(element.ns)?.[1] ?? '';
        return 'enter';
      }
      if (depth === 2 && (element.name === 'components' || element.name === 'dependencies')) return 'enter';
      if (depth === 2 && element.name === 'metadata') return 'take';
      return depth === 3 && (element.name === 'component' || element.name === 'dependency') ? 'take' : 'skip';
    },
    take: (element) => {
      if (element.name === 'metadata') {
        metadata = metadataOf(element);
        return;
      }
      if (element.name === 'dependency') {
        const source = element.attrs['ref'] ?? '';
        for (const { attrs } of childElements(element, 'provides'))
          builtFrom.relate(attrs['ref'] ?? '', source);
        return;
      }
      for (const placed of flatComponents(componentRecord(element), `components/${at}`)) {
        const component = cycloneDxComponent(placed);
        list.add(component);
        builtFrom.name(component.id, component.purls[0]);
        if (component.role === 'system') systems.push(cycloneDxSystem(placed));
      }
      at += 1;
    },
  });
  const subject = cycloneDxComponent({
    record: fieldsOf(metadata['component']),
    place: 'metadata/component',
  });
  builtFrom.name(subject.id, subject.purls[0]);
  return {
    format: `CycloneDX ${version}`,
    writers: cycloneDxWriters(metadata),
    ...cycloneDxSubject(metadata),
    systems,
    components: list.components,
    builtFrom: builtFrom.resolved(),
  };
}

function metadataOf(element: XmlElement): Fields {
  const tools = firstChild(element, 'tools');
  const component = firstChild(element, 'component');
  const named = tools
    ? [...childElements(tools, 'tool'), ...childrenIn(tools, 'components', 'component')]
    : [];
  return known({
    tools: named.map((tool) => known({ name: childText(tool, 'name'), version: childText(tool, 'version') })),
    component: component && componentRecord(component),
  });
}

function componentRecord(element: XmlElement): Fields {
  const supplier = firstChild(element, 'supplier');
  const text = (name: string) => childText(element, name);
  return known({
    type: element.attrs['type'],
    'bom-ref': element.attrs['bom-ref'],
    name: text('name'),
    group: text('group'),
    version: text('version'),
    description: text('description'),
    publisher: text('publisher'),
    purl: text('purl'),
    cpe: text('cpe'),
    supplier: supplier && known({ name: childText(supplier, 'name') }),
    properties: childrenIn(element, 'properties', 'property').map((property) => ({
      name: property.attrs['name'] ?? '',
      value: textOf(property),
    })),
    components: childrenIn(element, 'components', 'component').map(componentRecord),
  });
}

function childrenIn(element: XmlElement, list: string, name: string): XmlElement[] {
  return childElements(element, list).flatMap((each) => childElements(each, name));
}
