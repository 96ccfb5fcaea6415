import { isScapfeedError, ScapfeedError } from '../model/error.ts';

/**
 * Checks a detached OpenPGP signature over raw bytes, before anything parses them.
 * @throws SOURCE_SIGNATURE_WRONG when no signature is good by one of the armored keys; `where` names the document
 */
export async function verifyDetached(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  armoredSignature: string,
  armoredKeys: string,
  now: Date,
  where: string,
): Promise<void> {
  // Loaded when needed: a scan never verifies anything.
  const openpgp = await import('openpgp');
  try {
    const verificationKeys = await openpgp.readKeys({ armoredKeys });
    const signature = await openpgp.readSignature({ armoredSignature });
    if (body instanceof Uint8Array) {
      const message = await openpgp.createMessage({ binary: body });
      const { signatures } = await openpgp.verify({ message, signature, verificationKeys, format: 'binary' });
      await requireGood(signatures, verificationKeys, now);
      return;
    }
    const message = await openpgp.createMessage({ binary: webStream(body) });
    const { data, signatures } = await openpgp.verify({
      message,
      signature,
      verificationKeys,
      format: 'binary',
    });
    // The digest is made while the bytes pass.
    const reader = (data as ReadableStream<Uint8Array>).getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read());
    await requireGood(signatures, verificationKeys, now);
  } catch (cause) {
    // Of the body, which may be read and decompressed while it is verified.
    throw isScapfeedError(cause) ? cause : wrong(where, cause);
  }
}

/**
 * The text that a cleartext signature (RFC 9580 section 7) covers; nothing outside of it is returned.
 * @throws SOURCE_SIGNATURE_WRONG as verifyDetached does
 */
export async function verifiedCleartext(
  cleartextMessage: string,
  armoredKeys: string,
  now: Date,
  where: string,
): Promise<string> {
  const openpgp = await import('openpgp');
  try {
    const verificationKeys = await openpgp.readKeys({ armoredKeys });
    const message = await openpgp.readCleartextMessage({ cleartextMessage });
    const { data, signatures } = await openpgp.verify({ message, verificationKeys });
    await requireGood(signatures, verificationKeys, now);
    return data;
  } catch (cause) {
    throw wrong(where, cause);
  }
}

/**
 * Returns the text that a cleartext signature covers. The signature must have been verified before, by verifiedCleartext.
 * @throws SOURCE_SIGNATURE_WRONG for text that is not signed
 */
export async function cleartextOf(cleartextMessage: string, where: string): Promise<string> {
  const openpgp = await import('openpgp');
  try {
    return (await openpgp.readCleartextMessage({ cleartextMessage })).getText();
  } catch (cause) {
    throw wrong(where, cause);
  }
}

interface CheckedSignature {
  keyID: unknown;
  verified: Promise<true>;
}

interface VerificationKey {
  getSigningKey(keyId: never, date: Date): Promise<unknown>;
}

/**
 * One good signature is enough: documents are signed by old and new keys at once. A key that has expired or was revoked does
 * not count, whenever it signed, as with apt, because the holder of an expired key can backdate a signature.
 */
async function requireGood(
  signatures: readonly CheckedSignature[],
  keys: readonly VerificationKey[],
  now: Date,
): Promise<void> {
  if (signatures.length === 0) throw new Error('no signature');
  await Promise.any(
    signatures.map(async ({ keyID, verified }) => {
      await verified;
      await Promise.any(keys.map((key) => key.getSigningKey(keyID as never, now)));
    }),
  );
}

/** The error of a document that the vendor signs and this copy has no signature of. */
export function unsigned(where: string, signature: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_UNSIGNED',
    message: `expected the vendor's signature ${signature}, found none`,
    where,
    remedy:
      'mirror the signatures too; --unsigned-mirror accepts the mirror without them and marks every platform built from it',
  });
}

function webStream(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

function wrong(where: string, cause: unknown): ScapfeedError {
  const found = firstOf(cause);
  return new ScapfeedError({
    code: 'SOURCE_SIGNATURE_WRONG',
    message: `expected a good OpenPGP signature of the vendor, found: ${found instanceof Error ? found.message : String(found)}`,
    where,
    remedy: 'fetch again; if it repeats, compare the keys in feeds/ with those that the vendor publishes',
    cause,
  });
}

function firstOf(cause: unknown): unknown {
  return cause instanceof AggregateError ? firstOf(cause.errors[0]) : cause;
}
