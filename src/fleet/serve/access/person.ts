/** Characters of an address that people are named by (RFC 5321). */
const longestMail = 254;

/** Subjects that OpenID Connect allows: 255 printable ASCII characters at most. */
const subjects = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** Groups of a person that are looked at. */
const mostGroups = 10_000;

/** The provider's address without `https://` and a slash at its end. */
export function providerName(issuer: string): string {
  return issuer.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/**
 * A person as audit log and waivers name one: `ann@example.org (248289 at idp.example)`. The address may change and be another's at the
 * next provider; subject and provider stay. Undefined: the subject has no form that the specification allows.
 */
export function personName(
  subject: string,
  claims: Readonly<Record<string, unknown>>,
  issuer: string,
): string | undefined {
  if (!subjects.test(subject)) return undefined;
  const { email, email_verified: isVerified } = claims;
  const isShown =
    typeof email === 'string' &&
    email.length <= longestMail &&
    // Some providers write it as text.
    [undefined, true, 'true'].includes(isVerified as boolean | string | undefined) &&
    /^[\x21-\x7e]+@[\x21-\x7e]+$/.test(email) &&
    !/[()<>,;"]/.test(email);
  const who = `${subject} at ${providerName(issuer)}`;
  return isShown ? `${email} (${who})` : who;
}

/**
 * The value of a claim: by its whole name, which may be an address with dots, or else by the names on the way to one that is nested, as
 * Keycloak's `realm_access.roles`. Undefined: it has none.
 */
export function claimOf(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** Names of groups; undefined: the claim is no list of names. One name may stand without a list. */
export function groupsOf(claim: unknown): readonly string[] | undefined {
  if (typeof claim === 'string') return [claim];
  if (!Array.isArray(claim) || claim.length > mostGroups) return undefined;
  return claim.every((name) => typeof name === 'string') ? claim : undefined;
}
