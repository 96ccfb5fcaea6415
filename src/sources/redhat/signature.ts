import { ScapfeedError } from '../../model/index.ts';

/**
 * Checks a detached OpenPGP signature over raw bytes, before anything parses them. SOURCE_SIGNATURE_WRONG when it is not
 * a good one by the key; `where` names the document.
 */
export async function verifySignature(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  armoredSignature: string,
  armoredKey: string,
  where: string,
): Promise<void> {
  // Loaded when needed: a scan never verifies anything.
  const openpgp = await import('openpgp');
  try {
    const verificationKeys = await openpgp.readKey({ armoredKey });
    const signature = await openpgp.readSignature({ armoredSignature });
    if (body instanceof Uint8Array) {
      const message = await openpgp.createMessage({ binary: body });
      const { signatures } = await openpgp.verify({ message, signature, verificationKeys, format: 'binary' });
      await goodSignature(signatures);
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
    await goodSignature(signatures);
  } catch (cause) {
    throw wrong(where, cause);
  }
}

/** One good signature is enough: a document may be signed by an older key as well. */
async function goodSignature(signatures: readonly { verified: Promise<true> }[]): Promise<void> {
  if (signatures.length === 0) throw new Error('no signature');
  await Promise.any(signatures.map(({ verified }) => verified));
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
  const found = cause instanceof AggregateError ? cause.errors[0] : cause;
  return new ScapfeedError({
    code: 'SOURCE_SIGNATURE_WRONG',
    message: `expected a good OpenPGP signature of Red Hat's, found: ${found instanceof Error ? found.message : String(found)}`,
    where,
    remedy:
      'fetch again; if it repeats, compare the key in feeds/redhat.json with the one that Red Hat publishes',
    cause,
  });
}
