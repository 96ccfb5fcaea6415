import { addressMatcher } from '../../../io/http/addresses.ts';
import type { AccessRole } from '../../store/tokens.ts';
import { accessRoles } from '../../store/tokens.ts';

/** A reverse proxy that authenticates users (OpenID Connect, or others). */
export interface ProxyRules {
  /** Its addresses: `10.0.0.5`, `10.0.0.0/24`. Headers of others are not believed. */
  trusted: readonly string[];
  /** The header with the user's name, in small letters. */
  userHeader?: string;
  /** The header with the user's groups, with commas. Without it every user reads. */
  groupsHeader?: string;
}

/** Users get a role by the group of its name. */
export const groupOf: Readonly<Record<AccessRole, string>> = {
  read: 'scapfeed-read',
  write: 'scapfeed-write',
  admin: 'scapfeed-admin',
};

/** The most that these groups allow. */
export function roleOfGroups(groups: string): AccessRole | undefined {
  const given = groups.split(',').map((name) => name.trim().replace(/^\//, ''));
  return accessRoles.findLast((role) => given.includes(groupOf[role]));
}

export function mayDo(has: AccessRole, needs: AccessRole): boolean {
  return accessRoles.indexOf(has) >= accessRoles.indexOf(needs);
}

const ofThisMachine = addressMatcher(['127.0.0.0/8', '::1']);

/** Whether only processes of this machine reach it. A name other than localhost may be anybody's. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || ofThisMachine(host);
}
