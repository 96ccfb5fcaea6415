import { type Fields, fieldsOf, type JsonPart, JsonParts, listOf } from '../io/json-parts.ts';
import { ScapfeedError } from '../model/error.ts';
import { BuiltFrom } from './built-from.ts';
import { ComponentList } from './component-list.ts';
import { CycloneDxContents } from './cyclonedx.ts';
import { readCycloneDxXml } from './cyclonedx-xml.ts';
import type { OwnInventory, SbomDocument, StatedSystem } from './document.ts';
import { readOwnInventory, readOwnManifest } from './own.ts';
import { isPackageList, readPackageList } from './package-list.ts';
import { spdxComponent, spdxDocument, spdxRelation, spdxSystem } from './spdx.ts';
import { readSpdxTagValue } from './spdx-tag-value.ts';
import { readSpdx3 } from './spdx3.ts';
import { readSyft } from './syft.ts';
import { readTrivy } from './trivy.ts';
import { recordOf, textOf } from './values.ts';

/** Attestations in attestations. */
const maxWraps = 4;

/**
 * Reads an SBOM of any known format, or a package manager's list, by its content: also one that is the predicate of an in-toto statement, signed or not.
 * Signatures are not checked here. @throws {ScapfeedError} SBOM_MALFORMED, also for a version that its format does not have,
 * SOURCE_NOT_JSON, CONTENT_MALFORMED, IMAGE_LIMIT_EXCEEDED
 */
export function readSbomDocument(bytes: Buffer, where: string): SbomDocument | OwnInventory {
  if (isPackageList(bytes)) return readPackageList(bytes, where);
  const document = readKnown(bytes, where);
  const format = document.format.trim();
  if (/^(?:syft|trivy|scapfeed)\b/.test(format) || versions.test(format)) return document;
  throw new ScapfeedError({
    code: 'SBOM_MALFORMED',
    message: `expected CycloneDX 1.0 to 1.7, SPDX 2.0 to 2.3 or SPDX 3.0, found ${format.includes(' ') ? format.slice(0, 40) : `${format} without a version`}`,
    where,
    remedy: 'write the SBOM in one of these versions: what another one means by its members is not known',
  });
}

/** With the numbers of corrections that SPDX has. */
const versions = /^(?:CycloneDX 1\.[0-7]|SPDX (?:2\.[0-3]|3\.0)(?:\.\d{1,3})?)$/;

function readKnown(bytes: Buffer, where: string): SbomDocument | OwnInventory {
  const list = new ComponentList(where);
  const head = bytes
    .toString('utf8', 0, 512)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (head.startsWith('<')) return readCycloneDxXml(bytes, where, list);
  if (head.startsWith('#platform ')) return readOwnManifest(bytes.toString('utf8'), where);
  if (/^(?:#.*[\r\n]\s*)*SPDXVersion[ \t]*:/.test(head)) return readSpdxTagValue(bytes, where, list);
  if (!head.startsWith('{')) throw unknownText(bytes, where);
  const parts = new JsonParts(where);
  return readJson(parts.document(bytes), parts, list, where, maxWraps);
}

function readJson(
  root: JsonPart,
  parts: JsonParts,
  list: ComponentList,
  where: string,
  wraps: number,
): SbomDocument | OwnInventory {
  const members = new Map<string, JsonPart>();
  for (const [name, value] of parts.members(root)) members.set(name, value);
  const has = (...names: readonly string[]) => names.every((name) => members.has(name));
  const wrapped = wraps > 0 ? unwrapped(members, parts, where) : undefined;
  if (wrapped) return readJson(wrapped, parts, list, where, wraps - 1);
  if (has('bomFormat') || has('specVersion', 'components')) return readCycloneDxJson(root, parts, list);
  if (has('spdxVersion')) return readSpdxJson(root, parts, list);
  if (has('@graph')) return readSpdx3(root, parts, list);
  if (has('artifacts')) return readSyft(root, parts, list);
  if (has('Results') || has('ArtifactName', 'Metadata')) return readTrivy(root, parts, list, where);
  if (has('packages', 'databases')) return readOwnInventory(parts.parse(root), where);
  throw unknownFormat(where);
}

/** The predicate of an in-toto statement; the statement of a DSSE envelope. */
function unwrapped(
  members: ReadonlyMap<string, JsonPart>,
  parts: JsonParts,
  where: string,
): JsonPart | undefined {
  const payload = members.get('payload');
  if (payload && members.has('payloadType')) {
    const text = parts.parse(payload);
    if (typeof text !== 'string') throw unknownFormat(where);
    return new JsonParts(`${where}#/payload`).document(Buffer.from(text, 'base64'));
  }
  const predicate = members.get('predicate');
  if (!predicate || !members.has('predicateType')) return undefined;
  if (parts.isObject(predicate)) return inner(predicate, parts);
  // Old versions of cosign put the document into a text.
  const text = parts.parse(predicate);
  return typeof text === 'string'
    ? new JsonParts(`${where}#/predicate`).document(Buffer.from(text, 'utf8'))
    : undefined;
}

/** cosign once put predicates under `Data`. */
function inner(predicate: JsonPart, parts: JsonParts): JsonPart {
  for (const [name, value] of parts.members(predicate)) {
    if (name !== 'Data') return predicate;
    if (parts.isObject(value)) return value;
    const text = parts.parse(value);
    return typeof text === 'string' ? parts.document(Buffer.from(text, 'utf8')) : predicate;
  }
  return predicate;
}

/** Blank, tab, line breaks, and the byte order mark of UTF-8. */
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** A file that is empty, and one that PowerShell's `>` wrote, are no other documents. */
function unknownText(bytes: Buffer, where: string): ScapfeedError {
  const refused = (found: string, remedy: string) =>
    new ScapfeedError({
      code: 'SBOM_MALFORMED',
      message: `expected an SBOM or a list, found ${found}`,
      where,
      remedy,
    });
  if (bytes.every((byte) => blanks.has(byte))) return refused('an empty file', 'see what its writer said');
  if (['fffe', 'feff'].includes(bytes.toString('hex', 0, 2)))
    return refused('text in UTF-16', 'save it as UTF-8, in PowerShell with `| Out-File -Encoding utf8`');
  return unknownFormat(where);
}

function unknownFormat(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SBOM_MALFORMED',
    message: 'expected an SBOM in a format that scapfeed reads, found another document',
    where,
    remedy:
      'specify CycloneDX (JSON, XML), SPDX (2 as JSON or tag-value, 3 as JSON-LD), JSON of syft or trivy, what ' +
      '`scapfeed inventory` writes, or a list by dpkg, rpm or apk',
  });
}

/** Reads CycloneDX JSON, one component after the other. */
function readCycloneDxJson(root: JsonPart, parts: JsonParts, list: ComponentList): SbomDocument {
  let metadata: Fields = {};
  let version = '';
  const contents = new CycloneDxContents(list);
  for (const [name, value] of parts.members(root)) {
    if (name === 'specVersion') version = String(parts.parse(value));
    else if (name === 'metadata') metadata = recordOf(parts.parse(value), 'metadata');
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

/** Reads SPDX 2 JSON. Files are passed over: no package is known by them. */
function readSpdxJson(root: JsonPart, parts: JsonParts, list: ComponentList): SbomDocument {
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
