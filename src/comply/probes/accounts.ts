import type { Conditions } from '../oval/conditions.ts';
import { absent, type Collection, failure, type ItemEntity, makeItem, type OvalItem } from '../oval/items.ts';
import { type Probe, type ProbeContext, select } from './probe.ts';

/** unix password: lines of /etc/passwd. */
export const password: Probe = accountProbe('unix/password', '/etc/passwd', passwordItem);

/** unix shadow: lines of /etc/shadow. */
export const shadow: Probe = accountProbe('unix/shadow', '/etc/shadow', shadowItem);

function accountProbe(type: string, path: string, itemOf: (line: string) => OvalItem | undefined): Probe {
  return {
    type,
    collect: (conditions, context) => accounts(conditions, context, path, itemOf),
    reads: [path],
    digests: 'none',
    shows: { place: ['username'] },
    secret: ['password'],
  };
}

/** Accounts as glibc's fgetpwent and fgetspent read them. Other readers may accept lines that they skip. */
function accounts(
  conditions: Conditions,
  { texts }: ProbeContext,
  path: string,
  itemOf: (line: string) => OvalItem | undefined,
): Collection {
  const items: OvalItem[] = [];
  const text = texts.read(path);
  let unread = texts.shortfall(path);
  if (text === undefined && unread !== undefined) return failure('not collected', unread);
  for (const [at, whole] of (text ?? '').split('\n').entries()) {
    const line = whole.replace(/^[ \t\v\f\r]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const item = itemOf(line);
    if (item) items.push(item);
    else unread ??= `line ${at + 1} of ${path} is no account`;
  }
  const selected = select(items, conditions);
  return unread === undefined || selected.flag === 'error'
    ? selected
    : { flag: 'incomplete', items: selected.items, message: unread };
}

function passwordItem(line: string): OvalItem | undefined {
  const [username = '', hash = '', uid, gid, gcos = '', home = '', ...shell] = line.split(':');
  const remote = /^[+-]/.test(username);
  const bare = remote && /^[^:]*:?$/.test(line);
  const user = bare ? '0' : numberOf(uid, remote ? '0' : undefined);
  const group = bare ? '0' : numberOf(gid, remote ? '0' : undefined);
  if (user === undefined || group === undefined) return undefined;
  return makeItem('unix/password', {
    username,
    password: hash,
    user_id: int(user),
    group_id: int(group),
    gcos,
    home_dir: home,
    login_shell: shell.join(':'),
    // An image's lastlog says nothing about its use.
    last_login: int('-1'),
  });
}

/** Fields of days and the flag after name and hash: all seven, or the three of the old form. */
function shadowItem(line: string): OvalItem | undefined {
  const [username = '', hash = '', ...rest] = line.split(':');
  const bare = /^[+-][^:]*:?$/.test(line);
  const old = rest.length <= 3 || /^\s*$/.test(rest.slice(3).join(':'));
  const asked = bare ? 0 : old ? 3 : Math.max(6, rest.length);
  // The last required field must be a number; fields before it may be empty.
  if (
    !bare &&
    (rest.length < asked || asked > 7 || (rest.length === asked && asked < 7 && rest.at(-1) === ''))
  )
    return undefined;
  const numbers = rest.slice(0, asked).map((field) => numberOf(field, ''));
  if (numbers.includes(undefined)) return undefined;
  const [last, least, most, warn, idle, expires, flag] = numbers;
  return makeItem('unix/shadow', {
    username,
    password: hash,
    chg_lst: days(last),
    chg_allow: days(least),
    chg_req: days(most),
    exp_warn: days(warn),
    exp_inact: days(idle),
    exp_date: days(expires),
    flag: flag || '18446744073709551615',
    encrypt_method: methodOf(hash),
  });
}

const wrap = 1n << 64n;
const largest = (1n << 32n) - 1n;

/** A field as strtoul reads it, limited to 32 bits as in glibc; `empty` stands for an empty field. */
function numberOf(field: string | undefined, empty: string | undefined): string | undefined {
  if (field === '') return empty;
  const [, sign, digits] = /^[ \t\v\f\r]*([+-]?)(\d{1,40})$/.exec(field ?? '') ?? [];
  if (digits === undefined) return undefined;
  const size = BigInt(digits);
  const value = sign === '-' && size > 0n && size < wrap ? wrap - size : size;
  return String(value > largest ? largest : value);
}

function int(value: string): ItemEntity {
  return { value, datatype: 'int' };
}

/** An empty field of shadow(5) is -1, as is a value that does not fit into an int. */
function days(text = ''): ItemEntity {
  return int(text === '' ? '-1' : String(Number(text) | 0));
}

const methods: Readonly<Record<string, string>> = {
  '1': 'MD5',
  '2': 'Blowfish',
  '2a': 'Blowfish',
  '2b': 'Blowfish',
  '2y': 'Blowfish',
  '5': 'SHA-256',
  '6': 'SHA-512',
  md5: 'Sun MD5',
  y: 'yescrypt',
  gy: 'gost-yescrypt',
  '7': 'scrypt',
};

function methodOf(hash: string): ItemEntity {
  const method = /^\$([a-z0-9]+)[$,]/.exec(hash)?.[1];
  if (method !== undefined) return { value: methods[method] ?? '' };
  if (hash.startsWith('_')) return { value: 'BSDi' };
  return /^[./0-9A-Za-z]{13}$/.test(hash) ? { value: 'DES' } : absent;
}
