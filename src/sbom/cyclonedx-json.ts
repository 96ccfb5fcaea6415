import type { JsonPart, JsonParts } from '../io/json-parts.ts';
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
import { fieldsOf, listOf } from './values.ts';

/** Reads CycloneDX JSON, one component after the other. */
export function readCycloneDxJson(root: JsonPart, parts: JsonParts, list: ComponentList): SbomDocument {
  let metadata: unknown;
  let version = '';
  const systems: StatedSystem[] = [];
  const builtFrom = new BuiltFrom();
  for (const [name, value] of parts.members(root)) {
    if (name === 'specVersion') version = String(parts.parse(value));
    else if (name === 'metadata') metadata = parts.parse(value);
    else if (name === 'components') {
      let at = 0;
      for (const element of parts.elements(value)) {
        for (const placed of flatComponents(parts.parse(element), `components/${at}`)) {
          const component = cycloneDxComponent(placed);
          list.add(component);
          builtFrom.name(component.id, component.purls[0]);
          if (component.role === 'system') systems.push(cycloneDxSystem(placed));
        }
        at += 1;
      }
    } else if (name === 'dependencies') {
      for (const element of parts.elements(value)) {
        const { ref, provides } = fieldsOf(parts.parse(element));
        for (const binary of listOf(provides)) builtFrom.relate(String(binary), String(ref));
      }
    } else parts.check(value);
  }
  // The subject itself may be a package: Red Hat publishes a document for each source rpm.
  for (const placed of flatComponents(fieldsOf(metadata)['component'], 'metadata/component')) {
    const component = cycloneDxComponent(placed);
    builtFrom.name(component.id, component.purls[0]);
    if (component.role === 'system') systems.push(cycloneDxSystem(placed));
    else if (placed.place !== 'metadata/component') list.add(component);
  }
  return {
    format: `CycloneDX ${version}`,
    writers: cycloneDxWriters(metadata),
    ...cycloneDxSubject(metadata),
    systems,
    components: list.components,
    builtFrom: builtFrom.resolved(),
  };
}
