import type { SignedEntity, Signer as VerifiedSigner } from '@sigstore/verify';
import type { Signer } from '../../model/verdict/index.ts';
import type { TrustedIdentity } from '../asked.ts';
import { signatureLimits } from '../limits.ts';
import { Refused } from '../refused.ts';

/** https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const extensions = {
  repository: '1.3.6.1.4.1.57264.1.12',
  commit: '1.3.6.1.4.1.57264.1.13',
  reference: '1.3.6.1.4.1.57264.1.14',
  run: '1.3.6.1.4.1.57264.1.21',
} as const;

type Certificate = Extract<SignedEntity['key'], { $case: 'certificate' }>['certificate'];

/** The signer that a verified certificate names, and the build that it was issued to. */
export function certificateSigner(
  { identity }: VerifiedSigner,
  certificate: Certificate,
): Extract<Signer, { kind: 'certificate' }> {
  const name = identity?.subjectAlternativeName;
  const issuer = identity?.extensions?.issuer;
  if (name === undefined || issuer === undefined) {
    throw new Refused(
      'IDENTITY_OTHER',
      'expected a certificate with a name and an issuer, found one without',
    );
  }
  const repository = textOf(certificate, extensions.repository);
  const commit = textOf(certificate, extensions.commit);
  const reference = textOf(certificate, extensions.reference);
  const run = textOf(certificate, extensions.run);
  const source = {
    ...(repository !== undefined && { repository }),
    ...(commit !== undefined && { commit }),
    ...(reference !== undefined && { reference }),
  };
  return {
    kind: 'certificate',
    identity: name,
    issuer,
    ...(Object.keys(source).length > 0 && { source }),
    ...(run !== undefined && { run }),
  };
}

/** Refused: IDENTITY_OTHER, ISSUER_OTHER. */
export function requireIdentity(
  { identity, issuer }: Extract<Signer, { kind: 'certificate' }>,
  asked: readonly TrustedIdentity[],
): void {
  if (identity.length > signatureLimits.identity) {
    throw new Refused('IDENTITY_OTHER', `expected a name, found one of ${identity.length} characters`);
  }
  const named = asked.filter(({ name }) =>
    typeof name === 'string' ? name === identity : name.test(identity),
  );
  if (named.some((one) => one.issuer === issuer)) return;
  const [one] = named;
  if (one) throw new Refused('ISSUER_OTHER', `expected the issuer ${one.issuer}, found ${issuer}`);
  const wanted = asked.map(({ name }) => (typeof name === 'string' ? name : name.source)).join(' or ');
  throw new Refused('IDENTITY_OTHER', `expected ${wanted}, found ${identity}`);
}

/** A UTF8String in DER: tag, length, text. */
function textOf(certificate: Certificate, oid: string): string | undefined {
  const value = certificate.extension(oid)?.valueObj.subs[0]?.value;
  return value?.toString('utf8');
}
