import { fieldOf } from '../../files/json.ts';
import type { LanguagePackage, NamelessPackage, PackageFile } from '../../model/inventory/index.ts';
import { parsePackageUrl } from '../../model/inventory/index.ts';
import { ecosystemOf } from '../ecosystems.ts';
import { type InstalledForm, wholeFile } from './form.ts';
import { documentOf } from './json-file.ts';
import { packageFile, statedPackage } from './stated.ts';

type Stated = LanguagePackage | NamelessPackage;

/** Documents list the libraries of a component too: that of Harbor has some megabytes. */
const mostBytes = 16 << 20;

/** Below it each component has a folder. */
export const componentsFolder = '/opt/bitnami';

/** The components of an image: all that older images state. */
export const componentList = '/opt/bitnami/.bitnami_components.json';
/** The document of one component, with what is bundled in it. */
const componentDocument = /^\/opt\/bitnami\/(?:[^/]+\/)*\.spdx-[^/]+\.spdx$/;

/** Whether a file states components. */
export function isOfComponent(path: string): boolean {
  return path === componentList || componentDocument.test(path);
}

/** Components of Bitnami: its list of all, and an SPDX document beside each. Their libraries are found where they lie. */
export const bitnami: InstalledForm = {
  name: '.spdx-NAME.spdx',
  begin(path, size) {
    const read = path === componentList ? readList : componentDocument.test(path) ? readSpdx : undefined;
    return read && wholeFile({ ecosystem: 'bitnami', size, mostBytes }, read);
  },
};

function damaged(detail: string): PackageFile {
  return packageFile([{ ecosystem: 'bitnami', kind: 'damaged', detail }]);
}

/** `{"redis": {"version": "7.4.1-0", …}, …}` */
function readList(bytes: Buffer): PackageFile {
  const read = documentOf(bytes, { uniqueNames: true });
  if ('fault' in read) return damaged(read.fault);
  const { document } = read;
  if (!isObject(document)) return damaged('no list of components');
  return packageFile(
    Object.entries(document).map(([name, each]) => statedPackage('bitnami', name, fieldOf(each, 'version'))),
  );
}

/** SPDX 2 as JSON or in its tag-value form. */
function readSpdx(bytes: Buffer): PackageFile {
  const isJson = /^[\s\uFEFF]*[{[]/.test(bytes.subarray(0, 100).toString('utf8'));
  const read = isJson ? packagesOfJson(bytes) : packagesOfTags(bytes.toString('utf8'));
  if ('fault' in read) return damaged(read.fault);
  const stated = read.packages.flatMap(componentIn);
  // A document that ends before its own component, or describes something else, leaves the component unknown.
  const own = new Set(read.packages.filter(isOwn).map(({ id }) => id));
  if (stated.length === 0 || read.described.some((id) => !own.has(id)))
    return damaged('a document without its component');
  return packageFile(stated);
}

interface SpdxPackage {
  id: unknown;
  version: unknown;
  purls: readonly string[];
}

interface SpdxPackages {
  packages: readonly SpdxPackage[];
  /** The SPDX element that the document describes. */
  described: readonly string[];
}

function isOwn({ purls }: SpdxPackage): boolean {
  return purls.some((purl) => parsePackageUrl(purl)?.type === 'bitnami');
}

/** The libraries of other ecosystems in it are found by their own files. */
function componentIn({ version, purls }: SpdxPackage): Stated[] {
  return purls.flatMap((text) => {
    const purl = parsePackageUrl(text);
    if (purl?.type !== 'bitnami') return [];
    return statedPackage('bitnami', ecosystemOf('bitnami')!.nameOf(purl), purl.version ?? version);
  });
}

function packagesOfJson(bytes: Buffer): SpdxPackages | { fault: string } {
  const read = documentOf(bytes, { uniqueNames: true });
  if ('fault' in read) return read;
  const packages = fieldOf(read.document, 'packages');
  const described = fieldOf(read.document, 'documentDescribes') ?? [];
  if (!Array.isArray(packages) || !isTexts(described)) return { fault: 'no list of packages' };
  const found: SpdxPackage[] = [];
  for (const each of packages as readonly unknown[]) {
    const references = fieldOf(each, 'externalRefs') ?? [];
    if (!isObject(each) || !Array.isArray(references)) return { fault: 'a package of another form' };
    const purls = references
      .filter((reference) => fieldOf(reference, 'referenceType') === 'purl')
      .map((reference) => fieldOf(reference, 'referenceLocator'));
    if (!isTexts(purls)) return { fault: 'a package of another form' };
    found.push({ id: fieldOf(each, 'SPDXID'), version: fieldOf(each, 'versionInfo'), purls });
  }
  return { packages: found, described };
}

function packagesOfTags(text: string): SpdxPackages | { fault: string } {
  const packages: { id: unknown; version: unknown; purls: string[] }[] = [];
  const described: string[] = [];
  let isSpdx = false;
  const tags = withoutTexts(text);
  if (tags === undefined) return { fault: 'a text without its end' };
  for (const line of tags.split(/\r?\n/)) {
    const [, tag, value = ''] = /^([A-Za-z]+): *(.*)$/.exec(line) ?? [];
    const open = packages.at(-1);
    if (tag === 'SPDXVersion') isSpdx = true;
    else if (tag === 'PackageName') packages.push({ id: undefined, version: undefined, purls: [] });
    else if (tag === 'SPDXID' && open) open.id ??= value.trim();
    else if (tag === 'PackageVersion' && open) open.version ??= value;
    else if (tag === 'ExternalRef' && open) {
      const [, type, purl = ''] = value.trim().split(/\s+/);
      if (type === 'purl') open.purls.push(purl);
    } else if (tag === 'Relationship') {
      const [from, type, to = ''] = value.trim().split(/\s+/);
      if (from === 'SPDXRef-DOCUMENT' && type === 'DESCRIBES') described.push(to);
    }
  }
  return isSpdx ? { packages, described } : { fault: 'neither JSON nor tags of SPDX' };
}

/** Texts of several lines may have lines that look like tags. Undefined: one has no end, and may hide packages. */
function withoutTexts(text: string): string | undefined {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const begin = text.indexOf('<text>', at);
    kept.push(text.slice(at, begin === -1 ? undefined : begin));
    if (begin === -1) return kept.join('');
    const end = text.indexOf('</text>', begin);
    if (end === -1) return undefined;
    at = end + '</text>'.length;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
