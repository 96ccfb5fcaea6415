import { Refused } from '../refused.ts';
import { type CborMap, CborTagged, type CborValue, readCbor, signature1 } from './cbor.ts';
import { type Algorithm, attributeNames, type Envelope, timestampName } from './envelope.ts';

/** Labels of COSE headers (RFC 9052, RFC 9360) and the tag of a COSE_Sign1. */
const labels = { algorithm: 1, critical: 2, contentType: 3, chain: 33 } as const;
const sign1Tag = 18;
/** Tag of a time in seconds since 1970. */
const epochTag = 1;

const algorithmNames: ReadonlyMap<CborValue, Algorithm> = new Map([
  [-37, 'PS256'],
  [-38, 'PS384'],
  [-39, 'PS512'],
  [-7, 'ES256'],
  [-35, 'ES384'],
  [-36, 'ES512'],
]);

/** https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-cose.md */
export function readCose(bytes: Buffer): Envelope {
  const document = readCbor(bytes);
  const parts = document instanceof CborTagged && document.tag === sign1Tag ? document.value : undefined;
  if (!Array.isArray(parts) || parts.length !== 4) throw malformed('expected a COSE_Sign1, found another');
  const [encoded, unprotected, payload, signature] = parts as readonly CborValue[];
  if (!Buffer.isBuffer(encoded) || !Buffer.isBuffer(payload) || !Buffer.isBuffer(signature)) {
    throw malformed('expected a protected header, a payload and a signature, found other values');
  }
  const attributes = mapOf(readCbor(encoded));
  const algorithm = algorithmNames.get(attributes.get(labels.algorithm) ?? null);
  if (!algorithm) throw malformed('expected an algorithm of the specification, found another');
  const critical = attributes.get(labels.critical);
  return {
    algorithm,
    payload,
    signed: signature1(encoded, payload),
    signature,
    certificates: chainOf(mapOf(unprotected).get(labels.chain)),
    timestamp: timestampOf(mapOf(unprotected).get(timestampName)),
    attributes: {
      contentType: attributes.get(labels.contentType),
      critical: Array.isArray(critical) ? critical : [],
      scheme: attributes.get(attributeNames.scheme),
      authenticSigningTime: timeOf(attributes, attributeNames.authenticSigningTime),
      expiry: timeOf(attributes, attributeNames.expiry),
    },
  };
}

function mapOf(value: CborValue | undefined): CborMap {
  if (value instanceof Map) return value;
  throw malformed('expected a header, found another value');
}

/** One certificate stands alone, several in an array. */
function chainOf(value: CborValue | undefined): Buffer[] {
  const chain = Buffer.isBuffer(value) ? [value] : value;
  if (Array.isArray(chain) && chain.every((one) => Buffer.isBuffer(one))) return chain;
  throw malformed('expected a chain of certificates, found none');
}

function timestampOf(value: CborValue | undefined): Buffer | undefined {
  if (value === undefined || Buffer.isBuffer(value)) return value;
  throw malformed('expected a timestamp, found another value');
}

function timeOf(attributes: CborMap, name: string): number | undefined {
  const value = attributes.get(name);
  if (value === undefined) return undefined;
  if (value instanceof CborTagged && value.tag === epochTag && typeof value.value === 'number') {
    return value.value * 1000;
  }
  throw malformed(`${name}: expected a time, found another value`);
}

function malformed(message: string): Refused {
  return new Refused('SIGNATURE_MALFORMED', `envelope: ${message}`);
}
