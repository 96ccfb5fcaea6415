import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import { parseReference } from '../../image/reference.ts';
import { isScapfeedError } from '../../model/error.ts';
import type { OsRelease } from '../../model/inventory/index.ts';
import { pathMatcher } from '../../model/path-glob.ts';
import type { VexIssuer, VexParty, VexRule, ViewedVerdict } from '../../model/verdict/index.ts';
import type { PolicyFile } from '../../policy/index.ts';
import { packageUrl } from '../../report/purl.ts';
import { type RequiredSigners, readTrustedKey } from '../../signatures/index.ts';
import { imageScopes } from '../../signatures/policy/image-scope.ts';
import { type PolicyFiles, signersOf } from '../../signatures/policy/own-policy.ts';
import type { VexRights } from '../../vex/index.ts';

/** Rights of issuers of VEX, whatever the image. */
export interface IssuerRights {
  /** Signers of attested VEX; absent: the policy names none. */
  signers?: RequiredSigners;
  /** The rights in an image, by its reference. */
  in(image: string, os: OsRelease | null): VexRights;
}

/**
 * Rights that the section `vex` of a policy gives; undefined: it has none, and every document that is named lifts what it says.
 * Errors: TRUST_ROOT_*, TRUST_POLICY_INVALID.
 */
export function vexRights(
  { file, vex }: Pick<PolicyFile, 'file' | 'vex'>,
  files: PolicyFiles,
): IssuerRights | undefined {
  if (!vex) return undefined;
  const rules = vex.map((rule) => ({ rule, isBy: issuerTest(rule.by, file, files) }));
  return {
    ...signersIn(vex, file, files),
    in(image, os) {
      const scopes = scopesOf(image);
      const own = rules
        .filter(({ rule: { images } }) => images.length === 0 || images.some((one) => scopes.includes(one)))
        .map((each) => ({ ...each, isAbout: purlTest(each.rule.purls, os) }));
      return {
        file,
        mayLift: (issuer, verdict, status) =>
          own.some(
            ({ rule, isBy, isAbout }) => rule.statuses.includes(status) && isBy(issuer) && isAbout(verdict),
          ),
      };
    },
  };
}

/** All signers that the rules name. Rules with a trusted root, logs or timestamps have them in common: the policy's reader checks it. */
function signersIn(vex: readonly VexRule[], file: string, files: PolicyFiles): { signers?: RequiredSigners } {
  const signed = vex.map((rule) => ({ ...rule, by: rule.by.filter(isSigner), images: [] }));
  const all = signed.filter(({ by }) => by.length > 0).map((rule) => signersOf(rule, file, files, 'vex'));
  if (all.length === 0) return {};
  const most = (name: 'logEntries' | 'timestamps') => {
    const counts = all.flatMap(({ thresholds }) => thresholds[name] ?? []);
    return counts.length > 0 ? { [name]: Math.max(...counts) } : {};
  };
  const trust = all.find((each) => each.trust)?.trust;
  const [first] = all as [RequiredSigners];
  return {
    signers: {
      ...first,
      keys: all.flatMap(({ keys }) => keys),
      identities: all.flatMap(({ identities }) => identities),
      thresholds: { ...most('logEntries'), ...most('timestamps') },
      ...(trust && { trust }),
    },
  };
}

function isSigner({ key, identity }: VexParty): boolean {
  return key !== undefined || identity !== undefined;
}

function issuerTest(
  parties: readonly VexParty[],
  file: string,
  files: PolicyFiles,
): (issuer: VexIssuer) => boolean {
  const tests = parties.map((party) => partyTest(party, file, files));
  return (issuer) => tests.some((test) => test(issuer));
}

function partyTest(
  { key, identity, issuer: authority, file: pattern, repository }: VexParty,
  policy: string,
  files: PolicyFiles,
): (issuer: VexIssuer) => boolean {
  if (key !== undefined) {
    const path = key.startsWith('feed:') || isAbsolute(key) ? key : join(dirname(policy), key);
    const { digest } = readTrustedKey(files.read(path).toString('utf8'), path);
    return (each) => each.kind === 'signer' && each.signer.kind === 'key' && each.signer.key === digest;
  }
  if (identity !== undefined) {
    return ({ kind, ...each }) =>
      kind === 'signer' &&
      'signer' in each &&
      each.signer.kind === 'certificate' &&
      each.signer.identity === identity &&
      each.signer.issuer === authority;
  }
  if (repository !== undefined) return (each) => each.kind === 'repository' && each.name === repository;
  if (pattern === undefined) return (each) => each.kind === 'attached';
  const isNamed = fileTest(pattern, policy);
  return (each) => each.kind === 'file' && each.path !== undefined && isNamed(each.path);
}

/** Whether a pattern, from the policy's folder, names a real path. A folder's own name is no pattern. */
function fileTest(pattern: string, policy: string): (path: string) => boolean {
  const [, up = '', rest = ''] = /^((?:\.\.\/)*)(.*)$/s.exec(posix.normalize(pattern)) ?? [];
  const folder = isAbsolute(rest) ? resolve('/') : join(realpathSync(dirname(policy)), up);
  const isNamed = pathMatcher([rest.replace(/^\/+/, '')]);
  return (path) => {
    const inside = relative(folder, path);
    const isOutside = isAbsolute(inside) || inside.split(sep)[0] === '..';
    return !isOutside && isNamed(inside.replaceAll(sep, '/'));
  };
}

/** From the narrowest; none for what cannot be named by a scope, such as an SBOM. */
function scopesOf(image: string): readonly string[] {
  try {
    return [...imageScopes(parseReference(image)).scopes, '*'];
  } catch (error) {
    if (!isScapfeedError(error) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    return ['*'];
  }
}

/** Whether patterns name the package of a verdict or its source. Packages are compared once. */
function purlTest(patterns: readonly string[], os: OsRelease | null): (verdict: ViewedVerdict) => boolean {
  const isNamed = pathMatcher(patterns.map((pattern) => pattern.replaceAll(/\*+/g, '**')));
  const known = new Map<string, boolean>();
  return ({ package: pkg }) => {
    const source = { ...pkg, name: pkg.source.name };
    const key = `${pkg.type} ${pkg.name} ${source.name}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const isAbout = [pkg, source].some((each) => isNamed(packageUrl(each, os).replace(/[@?#].*$/s, '')));
    known.set(key, isAbout);
    return isAbout;
  };
}
