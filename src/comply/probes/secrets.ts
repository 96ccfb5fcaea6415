import type { OvalItem } from '../oval/items.ts';

/** Databases of password hashes, with the copies that their tools and the nightly backup leave. */
const hashFile = /\/(?:g?shadow|opasswd)(?:[-+~]|\.(?:bak|old|orig|lock|\d+))?$/;
const accountFile = /\/passwd(?:[-+~]|\.(?:bak|old|orig|\d+))?$/;

/** A hash in crypt's form, or a second field that is none of the signs for "in the shadow file" and "no password". */
const withHash = /\$[\w-]+\$|^[^:\n]*:(?![x*!]*:)[^:\n]+:/m;

/** What an entity of an item holds must not leave the image in any report: a password's hash, or text that may have one. */
export function isSecret(item: OvalItem, entity: string): boolean {
  if (item.type === 'unix/shadow' || item.type === 'unix/password') return entity === 'password';
  if (!item.type.startsWith('independent/textfilecontent')) return false;
  if (entity !== 'text' && entity !== 'subexpression' && entity !== 'line') return false;
  const file = item.get('filepath')?.[0]?.value ?? '';
  if (hashFile.test(file)) return true;
  return accountFile.test(file) && withHash.test(item.get('text')?.[0]?.value ?? '');
}
