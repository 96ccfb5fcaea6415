import type { Conditions } from '../conditions.ts';
import { absent, type Collection, failure, type Item, type ItemEntity, makeItem } from '../items.ts';
import { select } from './listed.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** unix password: lines of /etc/passwd. */
export const password: Probe = (conditions, context) =>
  accounts(conditions, context, '/etc/passwd', 7, passwordItem);

/** unix shadow: lines of /etc/shadow. */
export const shadow: Probe = (conditions, context) =>
  accounts(conditions, context, '/etc/shadow', 8, shadowItem);

function accounts(
  conditions: Conditions,
  { system, texts }: ProbeContext,
  path: string,
  leastFields: number,
  itemOf: (fields: string[]) => Item,
): Collection {
  const text = texts.read(path);
  if (text === undefined && system.files.stat(path)?.type === 'file')
    return failure('not collected', `${path} is too large to read, or its content was not kept`);
  const accounts = (text ?? '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= leastFields && !/^[+-]/.test(fields[0] as string));
  return select(accounts.map(itemOf), conditions);
}

function passwordItem([username, hash, uid = '', gid = '', gcos, home, shell]: string[]): Item {
  return makeItem('unix/password', {
    username,
    password: hash,
    user_id: number(uid),
    group_id: number(gid),
    gcos,
    home_dir: home,
    login_shell: shell,
    // lastlog is no part of an image that says anything of its use.
    last_login: { value: '-1', datatype: 'int' },
  });
}

function shadowItem([
  username,
  hash = '',
  last = '',
  least = '',
  most = '',
  warn = '',
  idle = '',
  expires = '',
  flag = '',
]: string[]): Item {
  return makeItem('unix/shadow', {
    username,
    password: hash,
    chg_lst: days(last),
    chg_allow: days(least),
    chg_req: days(most),
    exp_warn: days(warn),
    exp_inact: days(idle),
    exp_date: days(expires),
    flag: flag === '' ? '18446744073709551615' : flag,
    encrypt_method: methodOf(hash),
  });
}

function number(text: string): ItemEntity {
  return { value: text, datatype: 'int' };
}

/** An empty field of shadow(5) is -1 to its readers. */
function days(text: string): ItemEntity {
  return { value: text === '' ? '-1' : text, datatype: 'int' };
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
