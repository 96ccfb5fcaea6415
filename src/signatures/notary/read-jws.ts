import type { JsonObject } from '../../image/manifest/bounded-json.ts';
import { isObject } from '../../image/manifest/bounded-json.ts';
import { base64Bytes, readObject, shown } from '../bounded-document.ts';
import { Refused } from '../refused.ts';
import { algorithms, attributeNames, type Envelope, timestampName } from './envelope.ts';

/** https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-jws.md */
export function readJws(bytes: Buffer): Envelope {
  const document = readObject(bytes, 'envelope');
  const { payload, protected: encoded, header, signature, ...others } = document;
  const [other] = Object.keys(others);
  if (other !== undefined) throw malformed(`expected four members, found ${other} too`);
  if (typeof encoded !== 'string' || typeof payload !== 'string') {
    throw malformed('expected a protected header and a payload, found none');
  }
  const attributes = readObject(base64Bytes(encoded, 'protected header'), 'protected header');
  const algorithm = algorithms.find((name) => name === attributes['alg']);
  if (!algorithm)
    throw malformed(`expected an algorithm of the specification, found ${shown(attributes['alg'])}`);
  return {
    algorithm,
    payload: base64Bytes(payload, 'payload'),
    signed: Buffer.from(`${encoded}.${payload}`),
    signature: base64Bytes(signature, 'signature'),
    certificates: certificatesOf(header),
    timestamp: timestampOf(header),
    attributes: {
      contentType: attributes['cty'],
      critical: Array.isArray(attributes['crit']) ? attributes['crit'] : [],
      scheme: attributes[attributeNames.scheme],
      authenticSigningTime: timeOf(attributes, attributeNames.authenticSigningTime),
      expiry: timeOf(attributes, attributeNames.expiry),
    },
  };
}

function certificatesOf(header: unknown): Buffer[] {
  const chain = isObject(header) ? header['x5c'] : undefined;
  if (!Array.isArray(chain)) throw malformed('expected a chain of certificates, found none');
  return chain.map((text) => base64Bytes(text, 'certificate'));
}

function timestampOf(header: unknown): Buffer | undefined {
  const text = isObject(header) ? header[timestampName] : undefined;
  return text === undefined ? undefined : base64Bytes(text, 'timestamp');
}

function timeOf(attributes: JsonObject, name: string): number | undefined {
  const text = attributes[name];
  if (text === undefined) return undefined;
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw malformed(`${name}: expected a time, found ${shown(text)}`);
  return time;
}

function malformed(message: string): Refused {
  return new Refused('SIGNATURE_MALFORMED', `envelope: ${message}`);
}
