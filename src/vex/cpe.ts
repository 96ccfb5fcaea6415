import type { OsRelease } from '../model/index.ts';

export function isCpe(text: string): boolean {
  return /^cpe:(?:\/|2\.3:)[aoh*]:/i.test(text);
}

/** The version that a CPE states, with its update after a space, and the name of the product. */
export function versionOfCpe(cpe: string): { product: string; version: string } | undefined {
  const { product = '', version = '', update = '' } = partsOf(cpe);
  if (isAny(version)) return undefined;
  return { product, version: isAny(update) ? version : `${version} ${update}` };
}

/**
 * Whether nothing that a CPE states differs from what is known: it is the image's system, or that of an application in a version that
 * `isVersion` accepts.
 */
export function cpeHolds(
  cpe: string,
  os: OsRelease | null,
  isVersion: (version: string) => boolean,
): boolean {
  if (isSystem(cpe, os)) return true;
  const stated = versionOfCpe(cpe);
  return !isOfSystem(cpe) && (stated === undefined || isVersion(stated.version));
}

/** Whether a CPE is that of an operating system or of hardware. */
export function isOfSystem(cpe: string): boolean {
  return /^cpe:(?:\/|2\.3:)[oh]:/i.test(cpe);
}

/** Whether a CPE is that of an operating system with this ID of os-release and version: `cpe:/o:debian:debian_linux:12`. */
export function namesSystem(cpe: string, id: string | undefined, version: string | undefined): boolean {
  const { vendor, product = '', version: stated = '' } = partsOf(cpe.toLowerCase());
  if (id === undefined || version === undefined || !/^cpe:(?:\/|2\.3:)o:/i.test(cpe)) return false;
  const isNamed = vendor === id || product === id || product.startsWith(`${id}_`);
  return isNamed && !isAny(stated) && (version === stated || version.startsWith(`${stated}.`));
}

/** `cpe:/o:redhat:enterprise_linux:9::baseos` is the system that os-release names so, its edition apart. */
export function isSystem(cpe: string, os: OsRelease | null): boolean {
  const [told, own] = [cpe, os?.cpe ?? ''].map((text) => partsOf(text.toLowerCase()));
  if (told?.product === undefined || own?.product === undefined || /^cpe:[^:]*:?[h*]:/i.test(cpe))
    return false;
  const [version, of] = [told, own].map((each) => (isAny(each.version ?? '') ? '' : (each.version ?? '')));
  const isVersion = of === version || (version !== '' && of?.startsWith(`${version}.`));
  // A service pack is an update: `cpe:/o:suse:sles:15:sp5`.
  const { update = '' } = told;
  const isUpdate =
    update === '' || update === '*' || update.replace('-', '') === (own.update ?? '').replace(/^[-*]$/, '');
  return told.vendor === own.vendor && told.product === own.product && isVersion === true && isUpdate;
}

interface Parts {
  vendor?: string | undefined;
  product?: string | undefined;
  version?: string | undefined;
  update?: string | undefined;
}

function partsOf(cpe: string): Parts {
  const part = String.raw`((?:[^:\\]|\\.)*)`;
  const form = new RegExp(`^cpe:(?:/|2\\.3:)[^:]*:${part}:${part}(?::${part})?(?::${part})?`, 'is');
  const [, vendor, product, version, update] = (form.exec(cpe) ?? []).map((text) =>
    text?.replaceAll('\\', ''),
  );
  return { vendor, product, version, update };
}

function isAny(text: string): boolean {
  return text === '' || text === '*' || text === '-';
}
