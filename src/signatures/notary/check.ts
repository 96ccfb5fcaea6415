import { constants, type KeyObject, verify } from 'node:crypto';
import { isObject } from '../../image/manifest/bounded-json.ts';
import type { FoundSignature, ProvenTime, Refusal, VerifiedSignature } from '../../model/verdict/index.ts';
import type { RequiredSigners, TrustedCertificate } from '../asked.ts';
import { readObject, shown } from '../bounded-document.ts';
import { nameOf } from '../certificate-name.ts';
import type { JudgeContext } from '../judge-context.ts';
import { Refused } from '../refused.ts';
import { requireSigned } from '../require-signed.ts';
import type { SignableSubject } from '../subject.ts';
import { type ChainLink, isValid, readChain, requireValid } from './chain.ts';
import { isNamed, subjectName } from './distinguished-name.ts';
import { type Algorithm, attributeNames, type Envelope } from './envelope.ts';
import { readCose } from './read-cose.ts';
import { readJws } from './read-jws.ts';
import { type CheckActions, type CheckName, type NotaryRules, nameText, usualRules } from './rules.ts';
import { verifyTimestamp } from './timestamp.ts';

/** Where lists of revoked certificates are, and who answers whether one is revoked. */
const pointers = ['2.5.29.31', '1.3.6.1.5.5.7.1.1'];

/** True if a certificate below the root names a place where its revocation can be checked. */
function canBeRevoked(chain: readonly ChainLink[]): boolean {
  const below = chain.length > 1 ? chain.slice(0, -1) : chain;
  return below.some(({ extensions }) => pointers.some((oid) => extensions.extension(oid) !== undefined));
}

const payloadType = 'application/vnd.cncf.notary.payload.v1+json';

/** Ways of signing, and which of the user's certificates are trusted for each. */
const schemes = new Map<unknown, TrustedCertificate['use']>([
  ['notary.x509', 'signer'],
  ['notary.x509.signingAuthority', 'signing-authority'],
]);

/** Names that an envelope may call critical: what is checked here. Plug-ins are not run. */
const known: ReadonlySet<unknown> = new Set(Object.values(attributeNames));

/** Checks one Notary Project signature whose bytes are there. Throws Refused. */
export function checkNotary(
  { bytes, mediaType }: { bytes: Buffer; mediaType: string },
  at: SignableSubject,
  { image, asked, now }: JudgeContext,
): FoundSignature['outcome'] {
  if (asked.predicateTypes) return { state: 'not_asked', what: 'signature' };
  const envelope = readEnvelope(bytes, mediaType);
  requireTarget(envelope, at, image);
  try {
    return { state: 'verified', ...verifyNotary(envelope, asked, now) };
  } catch (error) {
    if (error instanceof Refused) throw error;
    // Certificates of strangers: what OpenSSL and the reader of ASN.1 trip over is malformed.
    throw new Refused('SIGNATURE_MALFORMED', `certificate: ${(error as Error).message}`, error);
  }
}

function readEnvelope(bytes: Buffer, mediaType: string): Envelope {
  if (mediaType === 'application/jose+json') return readJws(bytes);
  if (mediaType === 'application/cose') return readCose(bytes);
  throw new Refused('SIGNATURE_FORM_UNKNOWN', `expected an envelope JWS or COSE, found ${mediaType}`);
}

/** The payload must be the descriptor of what it was found at: digest, size and type. */
function requireTarget(
  { payload, attributes }: Envelope,
  at: SignableSubject,
  image: readonly SignableSubject[],
): void {
  if (attributes.contentType !== payloadType) {
    throw new Refused(
      'SIGNATURE_FORM_UNKNOWN',
      `expected ${payloadType}, found ${shown(attributes.contentType)}`,
    );
  }
  const { targetArtifact: target } = readObject(payload, 'payload');
  const { digest, size, mediaType } = isObject(target) ? target : {};
  requireSigned((wanted) => digest === wanted, at, image, shown(digest));
  if (size !== at.bytes.length) {
    throw new Refused(
      'SIGNS_OTHER',
      `expected a signature of ${at.bytes.length} bytes, found ${shown(size)}`,
    );
  }
  const own = readObject(at.bytes, at.kind)['mediaType'];
  if (own !== undefined && own !== mediaType) {
    throw new Refused('SIGNS_OTHER', `expected a signature of ${shown(own)}, found ${shown(mediaType)}`);
  }
}

/** The order of the specification: integrity, then who signed, when, and whether it still holds. */
function verifyNotary(
  envelope: Envelope,
  { certificates, notary = usualRules }: RequiredSigners,
  now: Date,
): VerifiedSignature {
  const use = useOf(envelope);
  const chain = readChain(envelope.certificates);
  const [leaf] = chain;
  const subject = nameOf(leaf.certificate);
  requireSignature(envelope, leaf);
  const checks = new Checks(notary.actions);
  const trusted = checks.run('authenticity', () => {
    const found = requireTrusted(chain, certificates, use);
    requireIdentity(leaf, notary);
    return found;
  });
  const times = checks.run('authenticTimestamp', () =>
    use === 'signing-authority'
      ? authorityTime(envelope, chain, now)
      : signerTime(envelope, chain, { certificates, notary, now }),
  );
  checks.run('expiry', () => requireUnexpired(envelope, now));
  const canBe = canBeRevoked(chain);
  checks.run('revocation', () => {
    if (!canBe) return;
    throw new Refused(
      'REVOCATION_UNCHECKED',
      `expected to know whether the certificates of ${subject} were revoked, which only a network can tell`,
    );
  });
  const isUnchecked = canBe || notary.actions.revocation === 'skip';
  return {
    signer: { kind: 'x509', subject, ...(trusted && { trusted: trusted.subject, file: trusted.file }) },
    times: times ?? [],
    ...(isUnchecked && { unchecked: ['revocation'] }),
    ...(checks.logged.length > 0 && { logged: checks.logged }),
  };
}

/** Runs the checks that are not skipped; what is wrong refuses, or is logged only. */
class Checks {
  readonly logged: Refusal[] = [];
  #actions: CheckActions;

  constructor(actions: CheckActions) {
    this.#actions = actions;
  }

  run<Found>(name: CheckName, check: () => Found): Found | undefined {
    const action = this.#actions[name];
    if (action === 'skip') return undefined;
    try {
      return check();
    } catch (error) {
      if (!(error instanceof Refused) || action === 'enforce') throw error;
      this.logged.push(error.refusal);
      return undefined;
    }
  }
}

function useOf({ attributes }: Envelope): TrustedCertificate['use'] {
  const use = schemes.get(attributes.scheme);
  const unknown = attributes.critical.find((name) => !known.has(name));
  if (use && unknown === undefined && attributes.critical.includes(attributeNames.scheme)) return use;
  const found = unknown ?? attributes.scheme;
  throw new Refused(
    'SIGNATURE_FORM_UNKNOWN',
    `expected a known scheme and attributes, found ${shown(found)}`,
  );
}

function requireSignature({ algorithm, signed, signature }: Envelope, leaf: ChainLink): void {
  if (isSignedBy(leaf, algorithm, signed, signature)) return;
  throw new Refused('SIGNATURE_WRONG', `expected a signature by ${nameOf(leaf.certificate)}, found another`);
}

function requireTrusted(
  chain: readonly [ChainLink, ...ChainLink[]],
  certificates: readonly TrustedCertificate[],
  use: TrustedCertificate['use'],
): TrustedCertificate {
  const usable = certificates.filter((one) => one.use === use);
  if (usable.length === 0) {
    throw new Refused('SIGNER_OTHER_KIND', `expected another kind of signer, found one of the kind ${use}`);
  }
  const trusted = usable.find(({ raw }) => chain.some(({ certificate }) => certificate.raw.equals(raw)));
  if (trusted) return trusted;
  throw new Refused(
    'CERTIFICATE_UNTRUSTED',
    `expected a trusted certificate, found ${nameOf(chain[0].certificate)}`,
  );
}

function requireIdentity({ extensions, certificate }: ChainLink, { identities }: NotaryRules): void {
  if (!identities) return;
  const name = subjectName(extensions);
  if (name && identities.some((asked) => isNamed(name, asked))) return;
  throw new Refused(
    'IDENTITY_OTHER',
    `expected ${identities.map(nameText).join(' or ')}, found ${nameOf(certificate)}`,
  );
}

/** Only an authority's word for the time counts; without one all certificates must be valid now. */
function signerTime(
  { timestamp, signature }: Envelope,
  chain: readonly ChainLink[],
  {
    certificates,
    notary,
    now,
  }: { certificates: RequiredSigners['certificates']; notary: NotaryRules; now: Date },
): ProvenTime[] {
  const authorities = certificates.filter(({ use }) => use === 'timestamp-authority');
  const isAsked = authorities.length > 0 && !(notary.timestampAfterExpiry && isValid(chain, now));
  if (!isAsked) {
    requireValid(chain, now);
    return [];
  }
  if (!timestamp) throw new Refused('TIME_MISSING', 'expected a timestamp of an authority, found none');
  const { at, earliest, latest } = verifyTimestamp(timestamp, signature, authorities);
  if (earliest > now) throw inFuture(at);
  requireValid(chain, earliest);
  requireValid(chain, latest);
  return [{ at: at.toISOString(), by: 'timestamp-authority' }];
}

function authorityTime(envelope: Envelope, chain: readonly ChainLink[], now: Date): ProvenTime[] {
  const time = signingTime(envelope, now);
  requireValid(chain, time);
  return [{ at: time.toISOString(), by: 'signing-authority' }];
}

function requireUnexpired({ attributes: { expiry } }: Envelope, now: Date): void {
  if (expiry === undefined || expiry > now.getTime()) return;
  throw new Refused(
    'SIGNATURE_EXPIRED',
    `expected a signature valid now, found one that expired at ${new Date(expiry).toISOString()}`,
  );
}

function signingTime({ attributes: { authenticSigningTime: time, critical } }: Envelope, now: Date): Date {
  if (time === undefined || !critical.includes(attributeNames.authenticSigningTime)) {
    throw new Refused('TIME_MISSING', "expected the authority's time of signing, found none");
  }
  if (time <= now.getTime()) return new Date(time);
  throw inFuture(new Date(time));
}

function inFuture(time: Date): Refused {
  return new Refused('TIME_IN_FUTURE', `expected a time before now, found ${time.toISOString()}`);
}

/** The key decides the algorithm; an envelope that names another is wrong. */
function isSignedBy(
  { certificate }: ChainLink,
  algorithm: Algorithm,
  signed: Buffer,
  signature: Buffer,
): boolean {
  const key = certificate.publicKey;
  if (algorithmOf(key) !== algorithm) return false;
  const hash = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('ES')) return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify(hash, signed, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature);
}

function algorithmOf({ asymmetricKeyDetails: details }: KeyObject): Algorithm | undefined {
  const sizes = new Map<unknown, Algorithm>([
    [2048, 'PS256'],
    [3072, 'PS384'],
    [4096, 'PS512'],
    ['prime256v1', 'ES256'],
    ['secp384r1', 'ES384'],
    ['secp521r1', 'ES512'],
  ]);
  return sizes.get(details?.modulusLength ?? details?.namedCurve);
}
