import { dirname, isAbsolute, join } from 'node:path';
import type { SignedBy, SignedRule } from '../../model/verdict/index.ts';
import type { Demand, RequiredSigners, Requirement } from '../asked.ts';
import { readTrustedRoot } from '../sigstore/trusted-root.ts';
import { readTrustedCertificates } from '../trusted-certificates.ts';
import { readTrustedKey } from '../trusted-key.ts';
import { imageScopes } from './image-scope.ts';
import type { SigningPolicy } from './policy.ts';
import { policyInvalid } from './strict-json.ts';

/** Readers of the files that a policy names: paths, and `feed:NAME`. */
export interface PolicyFiles {
  read(file: string): Buffer;
  /** The file that is meant where none is named. */
  fromFeed(name: string): string | undefined;
}

const anything = '*';

/**
 * The section `signed` of scapfeed.yaml, whose form its schema has checked. An image that no entry names is rejected. Files
 * are read for the entry that is used. Errors: TRUST_POLICY_INVALID, TRUST_ROOT_*.
 */
export function readOwnPolicy(rules: readonly SignedRule[], file: string, files: PolicyFiles): SigningPolicy {
  const named = rules.flatMap(({ images }) => images);
  const twice = named.find((one, at) => named.indexOf(one) !== at);
  if (twice !== undefined) {
    throw policyInvalid(`expected each scope once, found ${JSON.stringify(twice)} twice`, `${file}#/signed`);
  }
  return {
    demandFor(reference): Demand {
      const { scopes } = imageScopes(reference);
      const scope = [...scopes, anything].find((one) => named.includes(one));
      const rule = rules.find(({ images }) => scope !== undefined && images.includes(scope));
      if (!rule || scope === undefined) {
        return { policy: { file, scope: 'no entry' }, requirements: [{ kind: 'nothing' }] };
      }
      return { policy: { file, scope }, requirements: [requirementOf(rule, file, files)] };
    },
  };
}

function requirementOf(rule: SignedRule, file: string, files: PolicyFiles): Requirement {
  if (rule.admit === 'any') return { kind: 'anything' };
  if (rule.admit === 'none') return { kind: 'nothing' };
  return { kind: 'signature', asked: signersOf(rule, file, files, 'signed') };
}

/** The signers of a rule in a section of a policy. Errors: TRUST_POLICY_INVALID, TRUST_ROOT_*. */
export function signersOf(
  rule: SignedRule,
  file: string,
  files: PolicyFiles,
  section: 'signed' | 'vex',
): RequiredSigners {
  const { by = [], 'log-entries': logEntries, timestamps } = rule;
  const place = (name: string) =>
    name.startsWith('feed:') || isAbsolute(name) ? name : join(dirname(file), name);
  const filesOf = (member: 'key' | 'certificate' | 'openpgp') =>
    by.flatMap(({ [member]: name }) => {
      if (name === undefined) return [];
      const path = place(name);
      return [{ file: path, bytes: files.read(path) }];
    });
  const identities = by.flatMap(({ identity: name, issuer }: SignedBy) =>
    name === undefined || issuer === undefined ? [] : [{ name, issuer }],
  );
  const root =
    rule['trusted-root'] ?? (identities.length > 0 ? files.fromFeed('trusted_root.json') : undefined);
  if (root === undefined && identities.length > 0) {
    throw policyInvalid('expected trusted-root beside an identity, found none', `${file}#/${section}`);
  }
  return {
    keys: filesOf('key').map(({ file: path, bytes }) => readTrustedKey(bytes.toString('utf8'), path)),
    certificates: filesOf('certificate').flatMap(({ file: path, bytes }) =>
      readTrustedCertificates(bytes, path, 'signer'),
    ),
    openpgp: filesOf('openpgp'),
    identities,
    thresholds: {
      ...(logEntries !== undefined && { logEntries }),
      ...(timestamps !== undefined && { timestamps }),
    },
    ...(root !== undefined && {
      trust: readTrustedRoot(files.read(place(root)).toString('utf8'), place(root)),
    }),
  };
}
