import { hash } from 'node:crypto';
import type { PeopleRules, PersonRights } from '../../store/sessions.ts';
import type { AccessRole } from '../../store/tokens.ts';

/** Rules of sign-in at an OpenID Provider: groups and their roles. */
export interface SignInRules {
  /** The provider's address, as its tokens name it. */
  issuer: string;
  clientId: string;
  /** Absent: a public client, with PKCE alone. */
  clientSecret?: string;
  /** This server's origin as browsers open it: the provider returns there, whatever a request says. */
  address: string;
  /** With spaces. Default: `openid email profile`. */
  scopes?: string;
  /** The claim with a person's groups. Default: `groups`. */
  groupsClaim?: string;
  /** The first rule that matches a group of the person applies; if it is for a team, rules for other teams apply too. */
  roles: readonly GroupRule[];
  /** Milliseconds until a session ends. Default: 12 hours. */
  lasts?: number;
  /** Milliseconds without a request until a session ends. Default: an hour. */
  idle?: number;
  /** Milliseconds that the provider gets for an answer. Default: 10,000. */
  patience?: number;
}

/** The role of people of a group. */
export type GroupRule = { group: string } & ({ role: AccessRole } | { role: 'team'; owner: string });

const hour = 3_600_000;

/** Defaults of the rules. */
export const signInDefaults = {
  ...{ scopes: 'openid email profile', groupsClaim: 'groups' },
  ...{ lasts: 12 * hour, idle: hour, patience: 10_000 },
} as const;

/** The role of a person who is in these groups; undefined: none. */
export function rightsOf(groups: readonly string[], roles: readonly GroupRule[]): PersonRights | undefined {
  const [first, ...others] = roles.filter(({ group }) => groups.includes(group));
  if (first?.role !== 'team') return first && { role: first.role };
  const more = others.flatMap((rule) => (rule.role === 'team' ? rule.owner : []));
  const [owner = first.owner, ...owners] = [...new Set([first.owner, ...more])].sort();
  return { role: 'team', owners: [owner, ...owners] };
}

/** Raised when the same rules give people other rights, for sessions that have those of before. */
const rightsVersion = 2;

/** Sessions that began by other settings have ended: a group that lost its role must not keep it for hours. */
export function peopleRules(rules: SignInRules): PeopleRules {
  const { issuer, clientId, roles } = rules;
  const { groupsClaim, lasts, idle } = { ...signInDefaults, ...rules };
  const facts = [
    rightsVersion,
    issuer,
    clientId,
    groupsClaim,
    roles.map((rule) => [rule.group, rule.role, ownerOf(rule)]),
  ];
  return { rules: hash('sha256', JSON.stringify(facts), 'buffer'), lasts, idle };
}

function ownerOf(rule: GroupRule): string | null {
  return 'owner' in rule ? rule.owner : null;
}
