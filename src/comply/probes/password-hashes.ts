import type { ItemEntity, OvalItem } from '../oval/items.ts';

/** Databases of password hashes, with the copies that their tools and the nightly backup leave. */
const hashFile = /\/(?:g?shadow|opasswd)(?:[-+~]|\.(?:bak|old|orig|lock|\d+))?$/;
const accountFile = /\/passwd(?:[-+~]|\.(?:bak|old|orig|\d+))?$/;

/** A hash in crypt's form, or a second field other than the usual `x`, `*`, `!` or nothing. */
const accountWithHash = /\$[\w-]+\$|^[^:\n]*:(?![x*!]*:)[^:\n]+:/m;

/** `$6$salt$hash` of crypt(5), with or without parameters, and the form of GRUB's passwords. */
const hash =
  /\$[a-z0-9]{1,8}\$(?:[./A-Za-z0-9=,]{1,64}\$){0,3}[./A-Za-z0-9]{20,}|\bgrub\.pbkdf2\.[a-z0-9]+\./;

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
