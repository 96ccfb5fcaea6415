import { ScapfeedError } from '../model/error.ts';
import { BuiltFrom } from './built-from.ts';
import type { ComponentList } from './component-list.ts';
import type { SbomDocument, StatedSystem } from './document.ts';
import { spdxComponent, spdxDocument, spdxRelation, spdxSystem } from './spdx.ts';

/** Tags of a package and their names in the JSON form. */
const packageTags: Readonly<Record<string, string>> = {
  SPDXID: 'SPDXID',
  PackageVersion: 'versionInfo',
  PackageSupplier: 'supplier',
  PackageOriginator: 'originator',
  PackageSourceInfo: 'sourceInfo',
  PrimaryPackagePurpose: 'primaryPackagePurpose',
};

const lineFeed = 0x0a;

/** Elements that end a package. */
const otherElements = /^(?:FileName|SnippetSPDXID|LicenseID|Relationship|Annotator|Reviewer)$/;

interface OpenPackage extends Record<string, unknown> {
  externalRefs: unknown[];
  attributionTexts: string[];
}

/** Reads SPDX 2 in its tag-value form, line by line. @throws SBOM_MALFORMED for a text without its end, which would hide packages */
export function readSpdxTagValue(bytes: Buffer, where: string, list: ComponentList): SbomDocument {
  let version = '';
  let name: string | undefined;
  const creators: string[] = [];
  const systems: StatedSystem[] = [];
  const builtFrom = new BuiltFrom(list.where);
  let open: OpenPackage | undefined;
  let count = 0;
  const close = () => {
    if (open === undefined) return;
    const place = `package ${count}`;
    const component = spdxComponent(open, place);
    list.add(component);
    if (component.role === 'system') systems.push(spdxSystem(open, place));
    open = undefined;
  };
  for (const [tag, value] of tagsOf(bytes, where)) {
    if (tag === 'PackageName') {
      close();
      count += 1;
      open = { name: value, externalRefs: [], attributionTexts: [] };
    } else if (otherElements.test(tag)) {
      close();
      const [from = '', type = '', to = ''] = tag === 'Relationship' ? value.split(/\s+/) : [];
      spdxRelation(builtFrom, from, type, to);
    } else if (open === undefined) {
      if (tag === 'SPDXVersion') version = value;
      else if (tag === 'DocumentName') name = value;
      else if (tag === 'Creator') creators.push(value);
    } else if (tag === 'ExternalRef') {
      const [referenceCategory, referenceType, referenceLocator] = value.split(/\s+/);
      open.externalRefs.push({ referenceCategory, referenceType, referenceLocator });
    } else if (tag === 'PackageAttributionText') open.attributionTexts.push(value);
    else if (packageTags[tag] !== undefined) open[packageTags[tag]] ??= value;
  }
  // A file that was cut ends anywhere in a line, and what the last package lacks would make it none.
  if (open !== undefined && bytes.at(-1) !== lineFeed)
    throw unended('a line break', 'its last package', where);
  close();
  return spdxDocument(version, creators, name, list.components, systems, builtFrom);
}

/** Tags with their values; `<text>` may span lines. */
function* tagsOf(bytes: Buffer, where: string): Generator<[tag: string, value: string]> {
  let tag: string | undefined;
  let text: string[] = [];
  let lineNumber = 0;
  let opened = 0;
  for (const line of linesOf(bytes)) {
    lineNumber += 1;
    if (tag !== undefined) {
      const end = line.indexOf('</text>');
      text.push(end === -1 ? line : line.slice(0, end));
      if (end === -1) continue;
      yield [tag, text.join('\n')];
      tag = undefined;
      continue;
    }
    const [, name, value] = /^[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*:[ \t]*(.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (!value.startsWith('<text>')) yield [name, value.trim()];
    else if (value.includes('</text>')) yield [name, value.slice(6, value.indexOf('</text>'))];
    else {
      tag = name;
      text = [value.slice(6)];
      opened = lineNumber;
    }
  }
  if (tag !== undefined) throw unended('</text>', '<text>', `${where}:${opened}`);
}

function unended(what: string, after: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SBOM_MALFORMED',
    message: `expected ${what} after ${after}, found the end of the document`,
    where,
    remedy: 'generate the SBOM again, or download it from its publisher again',
  });
}

function* linesOf(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(lineFeed, at);
    const end = newline === -1 ? bytes.length : newline;
    yield bytes.toString('utf8', at, end).replace(/\r$/, '');
    at = end + 1;
  }
}
