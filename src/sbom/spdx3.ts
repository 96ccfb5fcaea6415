import { type Fields, type JsonPart, type JsonParts, known } from '../io/json-parts.ts';
import type { ComponentList } from './component-list.ts';
import type { SbomComponent, SbomDocument, StatedSystem } from './document.ts';
import { spdxSubject } from './spdx.ts';
import { assertedText, recordsOf, textOf, writtenText } from './values.ts';

/** Reads the elements of SPDX 3 in JSON-LD: packages, tools and the document; the rest is passed over. */
export function readSpdx3(root: JsonPart, parts: JsonParts, list: ComponentList): SbomDocument {
  let version = '3.0';
  let name: string | undefined;
  const writers: string[] = [];
  const systems: StatedSystem[] = [];
  for (const [member, graph] of parts.members(root)) {
    if (member !== '@graph') {
      parts.check(graph);
      continue;
    }
    let at = 0;
    for (const record of parts.objects(graph)) {
      const type = String(record['type'] ?? record['@type'] ?? '');
      const place = `@graph/${at}`;
      at += 1;
      if (/(?:^|[_/])CreationInfo$/.test(type)) version = textOf(record['specVersion']) ?? version;
      else if (/(?:^|[_/])SpdxDocument$/.test(type)) name = textOf(record['name']);
      else if (/(?:^|[_/])Tool$/.test(type)) writers.push(textOf(record['name']) ?? '');
      else if (/(?:^|[_/])Package$/.test(type)) {
        const component = packageOf(record, place);
        list.add(component);
        if (component.role === 'system')
          systems.push({
            name: component.name,
            found: place,
            ...known({ version: component.version }),
          });
      }
    }
  }
  return {
    format: `SPDX ${version}`,
    writers: writers.filter((writer) => writer !== ''),
    subject: spdxSubject(
      name,
      list.components.filter(({ role }) => role === 'image'),
    ),
    systems,
    components: list.components,
    builtFrom: new Map(),
    layers: [],
  };
}

function packageOf(record: Fields, place: string): SbomComponent {
  const identifiers = recordsOf(record['externalIdentifier'], `${place}/externalIdentifier`);
  const identified = (type: RegExp) =>
    identifiers.flatMap(({ externalIdentifierType, identifier }) =>
      type.test(String(externalIdentifierType)) ? (writtenText(identifier) ?? []) : [],
    );
  const own = writtenText(record['software_packageUrl'] ?? record['packageUrl']);
  const purls = [...new Set([...(own === undefined ? [] : [own]), ...identified(/packageUrl$/i)])];
  const purpose = String(record['software_primaryPurpose'] ?? record['primaryPurpose'] ?? '');
  const cpes = identified(/cpe2[23]$/);
  return {
    name: textOf(record['name']) ?? '',
    purls,
    role: roleOf(purpose, purls),
    place,
    ...known({
      version: assertedText(record['software_packageVersion'] ?? record['packageVersion']),
      cpes: cpes.length > 0 ? cpes : undefined,
    }),
  };
}

function roleOf(purpose: string, purls: readonly string[]): SbomComponent['role'] {
  if (/operatingSystem$/.test(purpose)) return 'system';
  if (/container$/.test(purpose) || purls[0]?.startsWith('pkg:oci/')) return 'image';
  return purls.length > 0 ? 'package' : 'other';
}
