import type { ItemEntity, OvalItem } from '../oval/items.ts';

/** Databases of password hashes, with the copies that their tools and the nightly backup leave. */
const hashFile = /\/(?:g?shadow|opasswd)(?:[-+~]|\.(?:bak|old|orig|lock|\d+))?$/;
const accountFile = /\/passwd(?:[-+~]|\.(?:bak|old|orig|\d+))?$/;

/** A hash in crypt's form, or a second field other than the usual `x`, `*`, `!` or nothing. */
const accountWithHash = /\$[\w-]+\$|^[^:\n]*:(?![x*!]*:)[^:\n]+:/m;

/** A hash in a form of crypt(5) or of web servers (`$6$salt$hash`, with or without parameters), or one of GRUB's. */
const hash =
  /\$(?:1|2[abxy]?|3|5|6|7|y|gy|md5(?:,[^$\s]{0,40})?|sha1|apr1|argon2\w{0,2})\$(?:[-+./\w=,]{0,64}\$){0,4}[+./A-Za-z0-9]{20,}|\bgrub\.pbkdf2\.[a-z0-9]+\./;

/**
 * A probe's rule for entities with text of files: no report shows them where the file is a database of passwords, or where
 * a text has a hash itself, wherever it comes from (GRUB's and Kickstart's configuration have some). `parts` hold pieces of
 * the texts.
 */
export function hidesHashes(
  texts: readonly string[],
  parts: readonly string[] = [],
): (item: OvalItem, entity: string) => boolean {
  return (item, entity) => {
    if (!texts.includes(entity) && !parts.includes(entity)) return false;
    const file = item.get('filepath')?.[0]?.value ?? '';
    if (hashFile.test(file)) return true;
    const isAccounts = accountFile.test(file);
    const hasHash = ({ value, fields = {} }: ItemEntity): boolean =>
      hash.test(value) ||
      (isAccounts && accountWithHash.test(value)) ||
      Object.values(fields).flat().some(hasHash);
    return texts.some((text) => item.get(text)?.some(hasHash));
  };
}
