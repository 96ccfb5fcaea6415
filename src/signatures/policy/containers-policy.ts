import type { JsonObject } from '../../image/manifest/bounded-json.ts';
import { readNamed } from '../../io/read-at-most.ts';
import type { Demand, RequiredSigners, Requirement, TrustedKey } from '../asked.ts';
import { policyTrust } from '../sigstore/policy-trust.ts';
import { readTrustedKey } from '../trusted-key.ts';
import { type ImageScopes, imageScopes } from './image-scope.ts';
import type { SigningPolicy } from './policy.ts';
import { readSignedIdentity } from './signed-identity.ts';
import { arrayAt, Members, policyInvalid } from './strict-json.ts';

/**
 * containers-policy.json(5). As in containers/image the narrowest scope counts alone, all of its requirements must hold, and
 * what is not known refuses the file. Keys are read for the scope that is used. Errors: TRUST_POLICY_INVALID, TRUST_ROOT_*.
 */
export function readContainersPolicy(document: JsonObject, file: string): SigningPolicy {
  const members = new Members(document, `${file}#`);
  const fallback = requirementsAt(members.value('default'), members.at('default'));
  const transports = new Map<string, Map<string, readonly Written[]>>();
  const all = members.value('transports');
  if (all !== undefined) {
    const named = new Members(all, members.at('transports'));
    for (const transport of named.names) {
      const scopes = new Members(named.value(transport), named.at(transport));
      const read = scopes.names.map((scope): [string, readonly Written[]] => [
        scope,
        requirementsAt(scopes.value(scope), scopes.at(scope)),
      ]);
      transports.set(transport, new Map(read));
    }
  }
  members.end();
  return {
    demandFor(reference): Demand {
      const image = imageScopes(reference);
      const [scope, written] = choose(image, transports.get(image.transport)) ?? ['default', fallback];
      return { policy: { file, scope }, requirements: written.map((one) => one()) };
    },
  };
}

/** A requirement whose form was checked; called, it reads the files that it names. */
type Written = () => Requirement;

function choose(
  { transport, scopes }: ImageScopes,
  written: ReadonlyMap<string, readonly Written[]> | undefined,
): [string, readonly Written[]] | undefined {
  for (const scope of [...scopes, '']) {
    const found = written?.get(scope);
    if (found) return [`${transport}:${scope}`, found];
  }
  return undefined;
}

function requirementsAt(value: unknown, where: string): readonly Written[] {
  const list = arrayAt(value ?? [], where);
  if (list.length === 0) throw policyInvalid('expected at least one requirement, found none', where);
  return list.map((one, at) => {
    const members = new Members(one, `${where}/${at}`);
    const requirement = requirementOf(members);
    members.end();
    return requirement;
  });
}

function requirementOf(members: Members): Written {
  const type = members.requiredText('type');
  switch (type) {
    case 'insecureAcceptAnything':
      return () => ({ kind: 'anything' });
    case 'reject':
      return () => ({ kind: 'nothing' });
    case 'signedBy':
      return signedBy(members);
    case 'sigstoreSigned':
      return sigstoreSigned(members);
    default:
      throw policyInvalid(`expected a type of requirement, found ${JSON.stringify(type)}`, members.where);
  }
}

const nobody: Omit<RequiredSigners, 'name'> = {
  keys: [],
  identities: [],
  certificates: [],
  openpgp: [],
  thresholds: {},
};

/** The first is read; the others have a name and no meaning yet, so that nothing can satisfy them. */
const keyTypes = ['GPGKeys', 'signedByGPGKeys', 'X509Certificates', 'signedByX509CAs'];

function signedBy(members: Members): Written {
  const keyType = members.requiredText('keyType');
  if (!keyTypes.includes(keyType)) {
    throw policyInvalid(`expected the keyType GPGKeys, found ${JSON.stringify(keyType)}`, members.where);
  }
  const keys = oneOf(members, ['keyPath', 'keyPaths', 'keyData']);
  const name = readSignedIdentity(members.value('signedIdentity'), members.at('signedIdentity'));
  if (keyType !== 'GPGKeys') return () => ({ kind: 'nothing', keyType });
  return () => ({ kind: 'signature', asked: { ...nobody, name, openpgp: keys() } });
}

function sigstoreSigned(members: Members): Written {
  const name = readSignedIdentity(members.value('signedIdentity'), members.at('signedIdentity'));
  const fulcio = members.value('fulcio');
  const logs = atMostOne(members, [
    'rekorPublicKeyPath',
    'rekorPublicKeyPaths',
    'rekorPublicKeyData',
    'rekorPublicKeyDatas',
  ]);
  const logKeys = () => (logs ? logs().map(toKey) : []);
  if (fulcio === undefined) {
    const keys = oneOf(members, ['keyPath', 'keyPaths', 'keyData', 'keyDatas']);
    return () => {
      const trust = logs ? { trust: policyTrust([], logKeys()) } : {};
      return { kind: 'signature', asked: { ...nobody, name, keys: keys().map(toKey), ...trust } };
    };
  }
  if (!logs) throw policyInvalid('expected a key of the log beside fulcio, found none', members.where);
  if (atMostOne(members, ['keyPath', 'keyPaths', 'keyData', 'keyDatas'])) {
    throw policyInvalid('expected keys or fulcio, found both', members.where);
  }
  const authority = new Members(fulcio, members.at('fulcio'));
  const chain = oneOf(authority, ['caPath', 'caData']);
  const identity = {
    issuer: authority.requiredText('oidcIssuer'),
    name: authority.requiredText('subjectEmail'),
  };
  authority.end();
  return () => ({
    kind: 'signature',
    asked: {
      ...nobody,
      name,
      identities: [identity],
      trust: policyTrust(chain(), logKeys()),
      takesIntermediates: true,
      // The policy names no logs of certificates.
      thresholds: { certificateLogs: 0 },
    },
  });
}

interface KeyFile {
  file: string;
  bytes: Buffer;
}

function oneOf(members: Members, names: readonly string[]): () => KeyFile[] {
  const found = atMostOne(members, names);
  if (found) return found;
  throw policyInvalid(`expected one of ${names.join(', ')}, found none`, members.where);
}

/** `…Path` is a file, `…Data` base64; an `s` makes a list of it. */
function atMostOne(members: Members, names: readonly string[]): (() => KeyFile[]) | undefined {
  const given = names.flatMap((name) => {
    const values = name.endsWith('s') ? members.texts(name) : members.text(name);
    return values === undefined ? [] : [{ name, values: [values].flat() }];
  });
  const [one, other] = given;
  if (one && other) {
    throw policyInvalid(`expected one of ${names.join(', ')}, found two`, members.where);
  }
  if (!one) return undefined;
  const where = members.at(one.name);
  if (/Datas?$/.test(one.name)) {
    const read = one.values.map((value) => ({ file: where, bytes: fromBase64(value, where) }));
    return () => read;
  }
  return () => one.values.map((file) => ({ file, bytes: readIn(file, where) }));
}

function fromBase64(text: string, where: string): Buffer {
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0) return Buffer.from(text, 'base64');
  throw policyInvalid('expected base64, found other text', where);
}

function readIn(file: string, where: string): Buffer {
  try {
    return readNamed(file);
  } catch (cause) {
    throw policyInvalid(`expected a file that can be read: ${(cause as Error).message}`, where, cause);
  }
}

function toKey({ file, bytes }: KeyFile): TrustedKey {
  return readTrustedKey(bytes.toString('utf8'), file);
}
