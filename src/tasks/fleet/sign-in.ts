import { isLoopbackHost } from '../../io/http/addresses.ts';
import { ScapfeedError } from '../../model/error.ts';

/** An address of a provider or a server: with TLS, or on this machine; without a password, parameters or a fragment. */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
}

/** The origin of an address that is one; undefined: it has a path, or is not safe. */
export function safeOrigin(text: string): string | undefined {
  if (!isSafeAddress(text)) return undefined;
  const { origin, pathname } = new URL(text);
  return pathname === '/' ? origin : undefined;
}

/** A group of people with its role, as a program states it. */
export interface GivenGroupRole {
  group: string;
  role: string;
  owner?: string | undefined;
}

/** Role of the people of a group. */
type GroupRights =
  | { group: string; role: 'read' | 'write' | 'admin' }
  | { group: string; role: 'team'; owner: string };

/** Undefined: there is no such role, or the owner and the role do not go together. */
export function groupRights({ group, role, owner }: GivenGroupRole): GroupRights | undefined {
  if (group === '') return undefined;
  if (role === 'team') return owner ? { group, role, owner } : undefined;
  const isRole = role === 'read' || role === 'write' || role === 'admin';
  return isRole && owner === undefined ? { group, role } : undefined;
}

/** `GROUP=ROLE`; names of groups may have `=` and spaces. */
export function readGroupRole(text: string): GroupRights | undefined {
  const [, group = '', role = '', owner] = /^(.+)=([a-z]+)(?::([^=]+))?$/s.exec(text) ?? [];
  return groupRights({ group, role, owner });
}

/** @throws {ScapfeedError} USAGE: there are no scopes of OpenID Connect among them */
export function requireOpenId(scopes: string | undefined, where: string): void {
  if (scopes === undefined || scopes.split(' ').includes('openid')) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'the scopes have no `openid`, without which a provider says nothing about a person',
    where,
    remedy: "add it, as 'openid email groups'",
  });
}
