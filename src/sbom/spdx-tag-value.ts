import type { ComponentList } from './component-list.ts';
import type { SbomDocument, StatedSystem } from './document.ts';
import { spdxComponent, spdxDocument, spdxSystem } from './spdx.ts';

/** Tags of a package and their names in the JSON form. */
const packageTags: Readonly<Record<string, string>> = {
  SPDXID: 'SPDXID',
  PackageVersion: 'versionInfo',
  PackageSupplier: 'supplier',
  PackageOriginator: 'originator',
  PackageSourceInfo: 'sourceInfo',
  PrimaryPackagePurpose: 'primaryPackagePurpose',
};

/** Elements that end a package. */
const otherElements = /^(?:FileName|SnippetSPDXID|LicenseID|Relationship|Annotator|Reviewer)$/;

interface OpenPackage extends Record<string, unknown> {
  externalRefs: unknown[];
  attributionTexts: string[];
}

/** Reads SPDX 2 in its tag-value form, line by line. */
export function readSpdxTagValue(bytes: Buffer, list: ComponentList): SbomDocument {
  let version = '';
  let name: string | undefined;
  const creators: string[] = [];
  const systems: StatedSystem[] = [];
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
  for (const [tag, value] of tagsOf(bytes)) {
    if (tag === 'PackageName') {
      close();
      count += 1;
      open = { name: value, externalRefs: [], attributionTexts: [] };
    } else if (otherElements.test(tag)) close();
    else if (open === undefined) {
      if (tag === 'SPDXVersion') version = value;
      else if (tag === 'DocumentName') name = value;
      else if (tag === 'Creator') creators.push(value);
    } else if (tag === 'ExternalRef') {
      const [referenceCategory, referenceType, referenceLocator] = value.split(/\s+/);
      open.externalRefs.push({ referenceCategory, referenceType, referenceLocator });
    } else if (tag === 'PackageAttributionText') open.attributionTexts.push(value);
    else if (packageTags[tag] !== undefined) open[packageTags[tag]] ??= value;
  }
  close();
  return spdxDocument(version, creators, name, list.components, systems);
}

/** Tags with their values; `<text>` may span lines. */
function* tagsOf(bytes: Buffer): Generator<[tag: string, value: string]> {
  let tag: string | undefined;
  let text: string[] = [];
  for (const line of linesOf(bytes)) {
    if (tag !== undefined) {
      const end = line.indexOf('</text>');
      text.push(end === -1 ? line : line.slice(0, end));
      if (end === -1) continue;
      yield [tag, text.join('\n')];
      tag = undefined;
      continue;
    }
    const [, name, value] = /^([A-Za-z][A-Za-z0-9]*):[ \t]*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (!value.startsWith('<text>')) yield [name, value.trim()];
    else if (value.includes('</text>')) yield [name, value.slice(6, value.indexOf('</text>'))];
    else {
      tag = name;
      text = [value.slice(6)];
    }
  }
}

function* linesOf(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline === -1 ? bytes.length : newline;
    yield bytes.toString('utf8', at, end).replace(/\r$/, '');
    at = end + 1;
  }
}
