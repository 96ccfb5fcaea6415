import type { RegistryReference } from '../../image/reference.ts';
import {
  askedName,
  exactName,
  type NameRule,
  readSignedName,
  repoDigestOrExact,
  type SignedName,
} from '../name-rule.ts';
import { Members, policyInvalid } from './strict-json.ts';

/** `signedIdentity` of containers-policy.json(5); absent: matchRepoDigestOrExact. Errors: TRUST_POLICY_INVALID. */
export function readSignedIdentity(value: unknown, where: string): NameRule {
  if (value === undefined) return repoDigestOrExact;
  const members = new Members(value, where);
  const rule = ruleOf(members);
  members.end();
  return rule;
}

function ruleOf(members: Members): NameRule {
  const type = members.requiredText('type');
  switch (type) {
    case 'matchExact':
      return exactName;
    case 'matchRepoDigestOrExact':
      return repoDigestOrExact;
    case 'matchRepository':
      return {
        expected: (image) =>
          `the repository ${image ? askedName(image).repository : '(the image has no name)'}`,
        accepts: ({ repository }, image) => image !== undefined && repository === askedName(image).repository,
      };
    case 'exactReference': {
      const { exact } = nameIn(members, 'dockerReference');
      if (exact === undefined) throw policyInvalid('expected a name with a tag or digest', members.where);
      return { expected: () => `the name ${exact}`, accepts: (signed) => signed.exact === exact };
    }
    case 'exactRepository': {
      const { repository } = nameIn(members, 'dockerRepository');
      return {
        expected: () => `the repository ${repository}`,
        accepts: (signed) => signed.repository === repository,
      };
    }
    case 'remapIdentity':
      return remapped(prefixIn(members, 'prefix'), prefixIn(members, 'signedPrefix'));
    default:
      throw policyInvalid(`expected a type of signedIdentity, found ${JSON.stringify(type)}`, members.where);
  }
}

/** Images below the prefix were signed under another one; others are compared as they are. */
function remapped(prefix: string, signedPrefix: string): NameRule {
  const rename = (image: RegistryReference | undefined) => {
    if (!image) return undefined;
    const { repository } = askedName(image);
    if (repository !== prefix && !repository.startsWith(`${prefix}/`)) return image;
    const renamed = `${signedPrefix}${repository.slice(prefix.length)}`;
    const slash = renamed.indexOf('/');
    if (slash === -1) return undefined;
    return { ...image, host: renamed.slice(0, slash), name: renamed.slice(slash + 1) };
  };
  return {
    expected: (image) => repoDigestOrExact.expected(rename(image)),
    accepts: (signed, image) => {
      const renamed = rename(image);
      return renamed !== undefined && repoDigestOrExact.accepts(signed, renamed);
    },
  };
}

function nameIn(members: Members, member: string): SignedName {
  const text = members.requiredText(member);
  const name = readSignedName(text);
  if (name) return name;
  throw policyInvalid(`expected the name of an image, found ${JSON.stringify(text)}`, members.at(member));
}

/** A host, or a host and a part of a name; without a tag. */
function prefixIn(members: Members, member: string): string {
  const text = members.requiredText(member);
  if (/^[A-Za-z0-9.-]+(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(text)) return text;
  throw policyInvalid(`expected HOST or HOST/NAME, found ${JSON.stringify(text)}`, members.at(member));
}
