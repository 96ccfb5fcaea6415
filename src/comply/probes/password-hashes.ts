import type { FileView } from '../../model/inventory/index.ts';
import type { ItemEntity, OvalItem } from '../oval/items.ts';

/** Databases of password hashes, with the copies that tools, package managers and backups leave: `shadow-`, `shadow.rpmsave`. */
const hashFile = /\/(?:g?shadow|opasswd)(?:[-+~.][^/]*)?$/;
const accountFile = /\/passwd(?:[-+~.][^/]*)?$/;

/** A hash in crypt's form, or a second field other than the usual `x`, `*`, `!` or nothing. */
const accountWithHash = /\$[\w-]+\$|^[^:\n]*:(?![x*!]*:)[^:\n]+:/m;

/**
 * A hash in a form of crypt(5) or of web servers (`$6$salt$hash`, with or without parameters), one of LDAP
 * (`{SSHA}...`), or one of GRUB's.
 */
const hash =
  /\$(?:1|2[abxy]?|3|5|6|7|y|gy|md5(?:,[^$\s]{0,40})?|sha1|apr1|argon2\w{0,2})\$(?:[-+./\w=,]{0,64}\$){0,4}[+./A-Za-z0-9]{20}|\{(?:S?SHA(?:256|384|512)?|S?MD5)\}[+/A-Za-z0-9]{20}|\bgrub\.pbkdf2\.[a-z0-9]+\./;

/**
 * A probe's rule for entities with text of files: no report shows them where the file is a database of passwords, or where
 * a text has a hash itself, wherever it comes from (GRUB's and Kickstart's configuration have some). `parts` hold pieces of
 * the texts.
 */
export function hidesHashes(
  texts: readonly string[],
  parts: readonly string[] = [],
): (item: OvalItem, entity: string, files: Pick<FileView, 'real'>) => boolean {
  return (item, entity, files) => {
    if (!texts.includes(entity) && !parts.includes(entity)) return false;
    const named = item.get('filepath')?.[0]?.value ?? '';
    // A database may be read through a link of another name.
    const names = [named, files.real(named) ?? named];
    if (names.some((name) => hashFile.test(name))) return true;
    const isAccounts = names.some((name) => accountFile.test(name));
    const isHash = ({ value, fields = {} }: ItemEntity): boolean =>
      hash.test(value) ||
      (isAccounts && accountWithHash.test(value)) ||
      Object.values(fields).flat().some(isHash);
    return texts.some((text) => item.get(text)?.some(isHash));
  };
}

/** Whether a text has a hash anywhere: an XPath can cut any piece out of it. */
export function hasHash(text: string): boolean {
  return hash.test(text);
}

/** Maximum distance of a hash from a match, in characters. */
const reach = 512;

/** Whether a match in a text is, or is cut out of, lines with a hash. */
export function isCutFromHash(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - reach), start);
  const after = text.slice(end, end + reach);
  const rest = after.indexOf('\n');
  return hash.test(
    before.slice(before.lastIndexOf('\n') + 1) +
      text.slice(start, end) +
      (rest === -1 ? after : after.slice(0, rest)),
  );
}
