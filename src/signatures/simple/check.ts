import type { Key } from 'openpgp';
import { isObject } from '../../image/manifest/bounded-json.ts';
import type { FoundSignature, Signer } from '../../model/verdict/index.ts';
import type { RequiredSigners } from '../asked.ts';
import { readObject } from '../bounded-document.ts';
import type { JudgeContext } from '../judge-context.ts';
import { signatureLimits } from '../limits.ts';
import { repoDigestOrExact, requireName } from '../name-rule.ts';
import { Refused } from '../refused.ts';
import { requireSigned } from '../require-signed.ts';
import type { SignableSubject } from '../subject.ts';
import { readKeys } from './read-keys.ts';

const signatureType = 'atomic container signature';

/** Checks one OpenPGP message about an image (containers-signature(5)). Throws Refused. */
export async function checkSimple(
  { bytes }: { bytes: Buffer },
  at: SignableSubject,
  { image, named: reference, asked, now }: JudgeContext,
): Promise<FoundSignature['outcome']> {
  if (asked.predicateTypes) return { state: 'not_asked', what: 'signature' };
  if (asked.openpgp.length === 0) {
    throw new Refused('SIGNER_OTHER_KIND', 'expected another kind of signer, found an OpenPGP key');
  }
  const { payload, signer } = await verifiedPayload(bytes, asked, now);
  const { critical } = readObject(payload, 'payload');
  const { type, image: signed, identity } = isObject(critical) ? critical : {};
  if (type !== signatureType) {
    throw new Refused('SIGNATURE_FORM_UNKNOWN', `expected "${signatureType}", found ${String(type)}`);
  }
  const digest = isObject(signed) ? signed['docker-manifest-digest'] : undefined;
  requireSigned((wanted) => digest === wanted, at, image, String(digest));
  const name = isObject(identity) ? identity['docker-reference'] : undefined;
  if (typeof name !== 'string') {
    throw new Refused('SIGNATURE_MALFORMED', 'payload: expected the name of the image, found none');
  }
  if (asked.name) requireName(asked.name, name, reference);
  else if (reference) requireName(repoDigestOrExact, name, reference);
  return { state: 'verified', signer, times: [], name };
}

/** The text of a message, once a key of the user's has signed it: nothing of it is read before. */
async function verifiedPayload(
  bytes: Buffer,
  { openpgp: trusted }: RequiredSigners,
  now: Date,
): Promise<{ payload: Buffer; signer: Signer }> {
  const openpgp = await import('openpgp');
  const keys = await readKeys(trusted);
  const config = { maxDecompressedMessageSize: signatureLimits.openpgpBytes };
  let checked: Awaited<ReturnType<typeof verify>>;
  async function verify() {
    const message = await openpgp.readMessage({ binaryMessage: new Uint8Array(bytes), config });
    const verificationKeys = keys.map(({ key }) => key);
    return openpgp.verify({ message, verificationKeys, format: 'binary', date: now, config });
  }
  try {
    checked = await verify();
  } catch (error) {
    throw new Refused('SIGNATURE_MALFORMED', `message: ${(error as Error).message}`, error);
  }
  const [signature, ...more] = checked.signatures;
  if (!signature || more.length > 0) {
    throw new Refused('SIGNATURE_MALFORMED', `expected one signature, found ${checked.signatures.length}`);
  }
  try {
    await signature.verified;
  } catch (error) {
    throw new Refused('SIGNATURE_WRONG', `message: ${(error as Error).message}`, error);
  }
  const owner = keys.find(({ key }) => key.getKeys(signature.keyID).length > 0);
  if (!owner) throw new Refused('SIGNATURE_WRONG', 'expected a signature by a trusted key, found another');
  await requireCurrent(owner.key, signature.keyID, now);
  const { users } = owner.key;
  const user = users[0]?.userID?.userID;
  return {
    payload: Buffer.from(checked.data),
    signer: {
      kind: 'openpgp',
      fingerprint: owner.key.getFingerprint().toUpperCase(),
      ...(user !== undefined && { user }),
      file: owner.file,
    },
  };
}

/** The holder of an expired or revoked key can backdate a signature. */
async function requireCurrent(key: Key, keyId: Parameters<Key['getKeys']>[0], now: Date): Promise<void> {
  try {
    await key.getSigningKey(keyId, now);
  } catch (error) {
    throw new Refused('KEY_EXPIRED', `key: ${(error as Error).message}`, error);
  }
}
