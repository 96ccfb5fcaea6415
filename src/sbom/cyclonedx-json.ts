import type { JsonPart, JsonParts } from '../io/json-parts.ts';
import { type Fields, fieldsOf, listOf } from '../io/value-parts.ts';
import type { ComponentList } from './component-list.ts';
import { CycloneDxContents } from './cyclonedx.ts';
import type { SbomDocument } from './document.ts';

/** Reads CycloneDX JSON, one component after the other. */
export function readCycloneDxJson(root: JsonPart, parts: JsonParts, list: ComponentList): SbomDocument {
  let metadata: Fields = {};
  let version = '';
  const contents = new CycloneDxContents(list);
  for (const [name, value] of parts.members(root)) {
    if (name === 'specVersion') version = String(parts.parse(value));
    else if (name === 'metadata') metadata = fieldsOf(parts.parse(value));
    else if (name === 'components') {
      let at = 0;
      for (const component of parts.objects(value)) {
        contents.component(component, `components/${at}`);
        at += 1;
      }
    } else if (name === 'dependencies') {
      for (const { ref, provides } of parts.objects(value)) {
        for (const binary of listOf(provides)) contents.provides(String(ref), String(binary));
      }
    } else parts.check(value);
  }
  return contents.document(version, metadata);
}
