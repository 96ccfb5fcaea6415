import { X509Certificate } from 'node:crypto';
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../image/manifest/bounded-json.ts';
import type { ImageReference } from '../../image/reference.ts';
import { readNamed } from '../../io/read-at-most.ts';
import type { Demand, TrustedCertificate } from '../asked.ts';
import { isNamed, parseDistinguishedName } from '../notary/distinguished-name.ts';
import {
  type CheckActions,
  checkActions,
  checkNames,
  type DistinguishedName,
  type NotaryRules,
  nameText,
} from '../notary/rules.ts';
import { readTrustedCertificates } from '../trusted-certificates.ts';
import type { SigningPolicy } from './policy.ts';
import { arrayAt, Members, policyInvalid } from './strict-json.ts';

/** One statement; undefined rules: it skips verification. */
interface Statement {
  name: string;
  scopes: readonly string[];
  rules?: NotaryRules;
  stores: readonly Store[];
}

interface Store {
  type: keyof typeof uses;
  name: string;
}

const uses = {
  ca: 'signer',
  signingAuthority: 'signing-authority',
  tsa: 'timestamp-authority',
} as const satisfies Record<string, TrustedCertificate['use']>;

/** The action of each level for authenticity, timestamp, expiry and revocation. */
const levels: Readonly<Record<string, CheckActions>> = {
  strict: {
    authenticity: 'enforce',
    authenticTimestamp: 'enforce',
    expiry: 'enforce',
    revocation: 'enforce',
  },
  permissive: {
    authenticity: 'enforce',
    authenticTimestamp: 'log',
    expiry: 'log',
    revocation: 'log',
  },
  audit: { authenticity: 'log', authenticTimestamp: 'log', expiry: 'log', revocation: 'log' },
};

const anywhere = '*';

/**
 * A trust policy of the Notary Project (trustpolicy.json, trustpolicy.oci.json), version 1.0. Its trust stores are in the folder
 * `truststore` beside it, as notation has them, and read for the statement that is used. Errors: TRUST_POLICY_INVALID.
 */
export function readNotaryPolicy(document: JsonObject, file: string): SigningPolicy {
  const members = new Members(document, `${file}#`);
  const version = members.requiredText('version');
  if (version !== '1.0') {
    throw policyInvalid(`expected the version 1.0, found ${JSON.stringify(version)}`, members.at('version'));
  }
  const where = members.at('trustPolicies');
  const list = arrayAt(members.value('trustPolicies'), where);
  members.end();
  if (list.length === 0) throw policyInvalid('expected at least one policy, found none', where);
  const statements = list.map((one, at) => readStatement(one, `${where}/${at}`));
  requireOnce(
    'name',
    statements.map(({ name }) => name),
    where,
  );
  requireOnce(
    'scope',
    statements.flatMap(({ scopes }) => scopes),
    where,
  );
  return { demandFor: (reference) => demandOf(statements, reference, file) };
}

/** A scope is a whole repository: there are no prefixes. */
function demandOf(statements: readonly Statement[], reference: ImageReference, file: string): Demand {
  const repository = reference.kind === 'registry' ? `${reference.host}/${reference.name}` : '';
  const statement =
    statements.find(({ scopes }) => scopes.includes(repository)) ??
    statements.find(({ scopes }) => scopes.includes(anywhere));
  if (!statement) return { policy: { file, scope: 'no policy' }, requirements: [{ kind: 'nothing' }] };
  const policy = { file, scope: statement.name };
  if (!statement.rules) return { policy, requirements: [{ kind: 'anything' }] };
  const certificates = statement.stores.flatMap((store) => readStore(store, dirname(file)));
  const nobody = { keys: [], identities: [], openpgp: [], thresholds: {} };
  const asked = { ...nobody, certificates, notary: statement.rules };
  return { policy, requirements: [{ kind: 'signature', asked }] };
}

function readStatement(value: unknown, where: string): Statement {
  const members = new Members(value, where);
  const name = members.requiredText('name');
  const scopes = members.texts('registryScopes') ?? [];
  const verification = new Members(
    members.value('signatureVerification'),
    members.at('signatureVerification'),
  );
  const stores = arrayAt(members.value('trustStores') ?? [], members.at('trustStores'));
  const identities = arrayAt(members.value('trustedIdentities') ?? [], members.at('trustedIdentities'));
  members.end();
  requireScopes(scopes, members.at('registryScopes'));
  const level = verification.requiredText('level');
  if (level === 'skip') {
    verification.end();
    if (stores.length + identities.length === 0) return { name, scopes, stores: [] };
    throw policyInvalid('expected neither trust stores nor identities beside skip, found some', where);
  }
  if (stores.length === 0 || identities.length === 0) {
    throw policyInvalid('expected trust stores and trusted identities, found none', where);
  }
  return {
    name,
    scopes,
    rules: {
      ...readRules(level, verification),
      ...readIdentities(identities, members.at('trustedIdentities')),
    },
    stores: stores.map((one) => readStoreName(one, members.at('trustStores'))),
  };
}

function requireScopes(scopes: readonly string[], where: string): void {
  if (scopes.length === 0) throw policyInvalid('expected at least one scope, found none', where);
  if (scopes.includes(anywhere)) {
    if (scopes.length === 1) return;
    throw policyInvalid('expected * alone, found other scopes beside it', where);
  }
  const label = '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?';
  const part = '[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*';
  const repository = new RegExp(`^${label}(\\.${label})*(:\\d+)?(/${part})+$`);
  const wrong = scopes.find((scope) => !repository.test(scope));
  if (wrong === undefined) return;
  throw policyInvalid(`expected * or HOST/NAME without a tag, found ${JSON.stringify(wrong)}`, where);
}

function readRules(level: string, verification: Members): NotaryRules {
  const actions = Object.hasOwn(levels, level) ? levels[level] : undefined;
  if (!actions) {
    const known = [...Object.keys(levels), 'skip'].join(', ');
    throw policyInvalid(`expected one of ${known}, found ${JSON.stringify(level)}`, verification.at('level'));
  }
  const override = verification.value('override');
  const overridden =
    override === undefined ? {} : readOverride(new Members(override, verification.at('override')));
  const when = verification.text('verifyTimestamp') ?? 'always';
  if (when !== 'always' && when !== 'afterCertExpiry') {
    throw policyInvalid('expected always or afterCertExpiry', verification.at('verifyTimestamp'));
  }
  verification.end();
  return { actions: { ...actions, ...overridden }, timestampAfterExpiry: when === 'afterCertExpiry' };
}

function readOverride(members: Members): Partial<CheckActions> {
  const overridden = checkNames.flatMap((name) => {
    const given = members.text(name);
    if (given === undefined) return [];
    const action = checkActions.find((one) => one === given);
    if (action && (action !== 'skip' || name === 'revocation')) return [[name, action] as const];
    throw policyInvalid(`expected enforce or log, for revocation skip too, found ${given}`, members.at(name));
  });
  members.end();
  return Object.fromEntries(overridden);
}

function readIdentities(
  given: readonly unknown[],
  where: string,
): { identities?: readonly DistinguishedName[] } {
  if (given.includes(anywhere)) {
    if (given.length === 1) return {};
    throw policyInvalid('expected * alone, found other identities beside it', where);
  }
  const identities = given.map((one) => {
    const [, text] = /^x509\.subject:(.+)$/s.exec(typeof one === 'string' ? one : '') ?? [];
    if (text === undefined) {
      throw policyInvalid(`expected "x509.subject: C=…, ST=…, O=…", found ${JSON.stringify(one)}`, where);
    }
    try {
      return parseDistinguishedName(text);
    } catch (cause) {
      throw policyInvalid((cause as Error).message, where, cause);
    }
  });
  for (const [at, one] of identities.entries()) {
    const within = identities.find((other, place) => place !== at && isNamed(other, one));
    if (!within) continue;
    throw policyInvalid(`expected identities apart, found that ${nameText(within)} is in another`, where);
  }
  return { identities };
}

function readStoreName(given: unknown, where: string): Store {
  const [, type = '', name = ''] =
    /^(ca|signingAuthority|tsa):([A-Za-z0-9_.-]+)$/.exec(typeof given === 'string' ? given : '') ?? [];
  if (isStoreType(type) && !/^\.+$/.test(name)) return { type, name };
  const found = JSON.stringify(given);
  throw policyInvalid(`expected ca:NAME, signingAuthority:NAME or tsa:NAME, found ${found}`, where);
}

function isStoreType(type: string): type is Store['type'] {
  return Object.hasOwn(uses, type);
}

/** The certificates of a store: files of a folder, none of which may be a link. Folders in it are not looked at. */
function readStore({ type, name }: Store, config: string): TrustedCertificate[] {
  // The specification says trust-store, notation truststore.
  const [used, other] = ['truststore', 'trust-store'].map((base) => join(config, base, 'x509', type, name));
  const folder = existsSync(used!) ? used! : other!;
  if (!existsSync(folder)) throw policyInvalid('expected a folder with certificates, found none', used!);
  if (!lstatSync(folder).isDirectory()) throw policyInvalid('expected a folder, found another thing', folder);
  const certificates = readdirSync(folder)
    .sort()
    .flatMap((entry) => {
      const path = join(folder, entry);
      const found = lstatSync(path);
      if (found.isDirectory()) return [];
      if (!found.isFile()) throw policyInvalid('expected a file, found a link or another thing', path);
      return readTrustedCertificates(readNamed(path), path, uses[type]).map((one) => {
        requireAuthority(one, type);
        return one;
      });
    });
  if (certificates.length === 0) throw policyInvalid('expected certificates, found none', folder);
  return certificates;
}

/** An authority, or for signers a certificate that issued itself; for timestamps a root. */
function requireAuthority({ raw, file, subject }: TrustedCertificate, type: Store['type']): void {
  const certificate = new X509Certificate(raw);
  const isRoot = certificate.issuer === certificate.subject && certificate.verify(certificate.publicKey);
  if (type === 'tsa' ? certificate.ca && isRoot : certificate.ca || isRoot) return;
  throw policyInvalid(`expected an authority, found ${subject}, which is none`, file);
}

function requireOnce(what: string, given: readonly string[], where: string): void {
  const twice = given.find((one, at) => given.indexOf(one) !== at);
  if (twice === undefined) return;
  throw policyInvalid(`expected each ${what} once, found ${JSON.stringify(twice)} twice`, where);
}
