import { known } from '../io/json-parts.ts';
import type { OsRelease } from '../model/inventory/index.ts';

/** The system that CPEs are compared with, and the architecture of the image or package. */
export interface CpeContext {
  os: OsRelease | null;
  architecture?: string | undefined;
}

/** Characters of a CPE: with all of its attributes it has some hundred. */
const longestCpe = 4096;

/** A text with at most the attributes that CPE 2.2 or 2.3 has. */
export function isCpe(text: string): boolean {
  return text.length <= longestCpe && /^cpe:(?:\/|2\.3:)[aoh*](?::(?:[^:\\\s]|\\\S)*){1,10}$/i.test(text);
}

/** The version that a CPE states, with its update after a space, and the name of the product. */
export function versionOfCpe(cpe: string): { product: string; version: string } | undefined {
  const { product = '', version = '', update = '' } = partsOf(cpe);
  if (isAny(version)) return undefined;
  return { product, version: isAny(update) ? version : `${version} ${update}` };
}

/** The name of the application that a CPE is about, and the version if it states one. */
export function applicationOf(cpe: string): { product: string; version?: string } | undefined {
  if (isOfSystem(cpe)) return undefined;
  const { product = '' } = partsOf(cpe.toLowerCase());
  return { product, ...known({ version: versionOfCpe(cpe)?.version }) };
}

/**
 * Whether nothing that a CPE states differs from what is known: it is the image's system, or that of an application in a version that
 * `isVersion` accepts.
 */
export function cpeHolds(cpe: string, context: CpeContext, isVersion: (version: string) => boolean): boolean {
  if (cpe.length > longestCpe) return false;
  if (isSystem(cpe, context)) return true;
  const stated = versionOfCpe(cpe);
  return (
    !isOfSystem(cpe) &&
    (stated === undefined || isVersion(stated.version)) &&
    attributesHold(partsOf(cpe.toLowerCase()), context)
  );
}

/** Whether a CPE is that of an operating system or of hardware. */
export function isOfSystem(cpe: string): boolean {
  return /^cpe:(?:\/|2\.3:)[oh]:/i.test(cpe);
}

/**
 * Whether a CPE is that of an operating system with this ID of os-release and version: `cpe:/o:debian:debian_linux:12`. `inDoubt`: whether
 * it may be.
 */
export function namesSystem(
  cpe: string,
  id: string | undefined,
  version: string | undefined,
  inDoubt = false,
): boolean {
  const parts = partsOf(cpe.toLowerCase());
  const { vendor, product = '', version: stated = '' } = parts;
  if (id === undefined || version === undefined || !/^cpe:(?:\/|2\.3:)o:/i.test(cpe)) return false;
  const isNamed = vendor === id || product === id || product.startsWith(`${id}_`);
  const isVersion = isAny(stated) ? inDoubt : version === stated || version.startsWith(`${stated}.`);
  return (
    isNamed && isVersion && (inDoubt || (isAny(parts.update ?? '') && attributesHold(parts, { os: null })))
  );
}

/** Repositories of Red Hat, which its documents have as editions of its systems: the variants are others, such as `workstation`. */
const repositories: ReadonlySet<string> = new Set([
  ...['appstream', 'baseos', 'crb', 'extras', 'fastdatapath', 'highavailability', 'nfv', 'optional'],
  ...['realtime', 'resilientstorage', 'rt', 'sap', 'sap_hana', 'supplementary'],
]);

/**
 * `cpe:/o:redhat:enterprise_linux:9::appstream` is the system that os-release names so, its repository apart. `inDoubt`: whether it may be.
 */
export function isSystem(cpe: string, context: CpeContext, inDoubt = false): boolean {
  const [stated, own] = [cpe, context.os?.cpe ?? ''].map((text) => partsOf(text.toLowerCase()));
  if (stated?.product === undefined || own?.product === undefined || /^cpe:[^:]*:?[h*]:/i.test(cpe))
    return false;
  const [version, of] = [stated, own].map((each) => (isAny(each.version ?? '') ? '' : (each.version ?? '')));
  const isVersion = of === version || (version !== '' && of?.startsWith(`${version}.`));
  // A service pack is an update: `cpe:/o:suse:sles:15:sp5`.
  const { update = '' } = stated;
  const isUpdate =
    update === '' || update === '*' || update.replace('-', '') === (own.update ?? '').replace(/^[-*]$/, '');
  const { edition = '' } = stated;
  const hasEdition = edition === own.edition || repositories.has(edition) || isAny(edition);
  return (
    stated.vendor === own.vendor &&
    stated.product === own.product &&
    isVersion === true &&
    isUpdate &&
    (inDoubt || (hasEdition && attributesHold({ ...stated, edition: '' }, context)))
  );
}

/** Whether the attributes behind version and update leave nothing open: what cannot be confirmed does not hold. */
function attributesHold(stated: Parts, { os, architecture }: CpeContext): boolean {
  const system = partsOf(os?.cpe?.toLowerCase() ?? '').product;
  const confirmed: Readonly<Record<string, readonly (string | undefined)[]>> = {
    target_sw: ['linux', os?.id, system],
    target_hw: architecture === undefined ? [] : architectureNames(architecture),
  };
  const attributes = ['edition', 'language', 'sw_edition', 'target_sw', 'target_hw', 'other'] as const;
  return attributes.every((name) => {
    const value = stated[name] ?? '';
    return isAny(value) || confirmed[name]?.includes(value) === true;
  });
}

const sameArchitectures = [
  ['x64', 'x86_64', 'amd64'],
  ['aarch64', 'arm64'],
];

function architectureNames(architecture: string): readonly string[] {
  return sameArchitectures.find((names) => names.includes(architecture)) ?? [architecture];
}

type Parts = Partial<Record<(typeof attributeNames)[number], string>>;

const attributeNames = [
  ...(['vendor', 'product', 'version', 'update', 'edition', 'language'] as const),
  ...(['sw_edition', 'target_sw', 'target_hw', 'other'] as const),
] as const;

/** The attributes of a CPE; 2.2 packs the last four into the edition, `~edition~sw_edition~target_sw~target_hw~other`. */
function partsOf(cpe: string): Parts {
  if (cpe.length > longestCpe) return {};
  const [, form, list = ''] = /^cpe:(\/|2\.3:)[^:]*:(.*)$/is.exec(cpe) ?? [];
  const found = [...list.matchAll(/((?:[^:\\]+|\\.?)*)(?::|$)/gsy)].map(([, text = '']) => text);
  const parts: Parts = {};
  attributeNames.forEach((name, at) => {
    const text = found[at]?.replaceAll('\\', '');
    if (text !== undefined) parts[name] = text;
  });
  if (form !== '/' || !parts.edition?.startsWith('~')) return parts;
  const [, edition = '', sw = '', targetSw = '', targetHw = '', ...more] = parts.edition.split('~');
  return {
    ...parts,
    edition,
    sw_edition: sw,
    target_sw: targetSw,
    target_hw: targetHw,
    other: more.join('~'),
  };
}

function isAny(text: string): boolean {
  return text === '' || text === '*' || text === '-';
}
