import type { JsonPart, JsonParts } from '../io/json-parts.ts';
import { fieldsOf, listOf } from '../io/value-parts.ts';
import { BuiltFrom } from './built-from.ts';
import type { ComponentList } from './component-list.ts';
import type { SbomDocument, StatedSystem } from './document.ts';
import { spdxComponent, spdxDocument, spdxRelation, spdxSystem } from './spdx.ts';
import { textOf } from './values.ts';

/** Reads SPDX 2 JSON. Files are passed over: no package is known by them. */
export function readSpdxJson(root: JsonPart, parts: JsonParts, list: ComponentList): SbomDocument {
  let version = '';
  let name: string | undefined;
  let creators: readonly unknown[] = [];
  const systems: StatedSystem[] = [];
  const builtFrom = new BuiltFrom(list.where);
  for (const [member, value] of parts.members(root)) {
    if (member === 'spdxVersion') version = String(parts.parse(value));
    else if (member === 'name') name = textOf(parts.parse(value));
    else if (member === 'creationInfo') creators = listOf(fieldsOf(parts.parse(value))['creators']);
    else if (member === 'packages') {
      let at = 0;
      for (const record of parts.objects(value)) {
        const component = spdxComponent(record, `packages/${at}`);
        list.add(component);
        if (component.role === 'system') systems.push(spdxSystem(record, `packages/${at}`));
        at += 1;
      }
    } else if (member === 'relationships') {
      for (const { spdxElementId, relationshipType, relatedSpdxElement } of parts.objects(value)) {
        spdxRelation(builtFrom, String(spdxElementId), String(relationshipType), String(relatedSpdxElement));
      }
    } else parts.check(value);
  }
  return spdxDocument(version, creators, name, list.components, systems, builtFrom);
}
