import { ASN1Obj, type X509Certificate } from '@sigstore/core';
import { derElement } from './der.ts';
import type { DistinguishedName } from './rules.ts';

/** Attributes that have short names (RFC 4514, section 3, and what Go's crypto/x509 adds). */
const shortNames = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'SERIALNUMBER'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.17', 'POSTALCODE'],
]);

/** Attributes that the Notary Project asks every name for. */
const mandatory = ['C', 'ST', 'O'];

/**
 * `C=US, ST=WA, O=acme, CN=…` (RFC 4514, without several attributes in one part). What is wrong with it is the message of the
 * error.
 */
export function parseDistinguishedName(text: string): DistinguishedName {
  const name = new Map<string, string>();
  for (const part of text.match(/(?:\\.|[^,\\])+/gs) ?? []) {
    const [, type = '', value = ''] = /^\s*([A-Za-z][\w-]*|\d+(?:\.\d+)*)\s*=\s*(.*?)\s*$/s.exec(part) ?? [];
    if (type === '') throw new Error(`expected NAME=VALUE, found ${JSON.stringify(part.trim())}`);
    if (/(?<!\\)[+;"#<>]/.test(value)) {
      throw new Error(`expected one attribute in a part, found ${JSON.stringify(value)}`);
    }
    const key = type.toUpperCase() === 'S' ? 'ST' : type.toUpperCase();
    if (name.has(key)) throw new Error(`expected each attribute once, found ${key} twice`);
    name.set(key, unescaped(value));
  }
  const missing = mandatory.find((key) => !name.get(key));
  if (missing !== undefined) throw new Error(`expected C, ST and O, found no ${missing}`);
  return name;
}

/** The subject of a certificate; undefined: it has an attribute twice, or a part of several. */
export function subjectName(certificate: X509Certificate): DistinguishedName | undefined {
  const name = new Map<string, string>();
  for (const part of ASN1Obj.parseBuffer(derElement(0x30, certificate.subject)).subs) {
    const [attribute, ...more] = part.subs;
    const [type, value] = attribute?.subs ?? [];
    if (!type || !value || more.length > 0) return undefined;
    const oid = type.toOID();
    const key = shortNames.get(oid) ?? oid;
    if (name.has(key)) return undefined;
    name.set(key, value.value.toString('utf8'));
  }
  return name;
}

/** Every attribute that is asked for is there; others may be there too. */
export function isNamed(name: DistinguishedName, asked: DistinguishedName): boolean {
  return [...asked].every(([key, value]) => name.get(key) === value);
}

/** `\,` is a comma, `\2C` too. */
function unescaped(value: string): string {
  const bytes = [...value.matchAll(/\\([0-9A-Fa-f]{2})|\\(.)|([^\\])/gsu)].map(([, hex, escaped, plain]) =>
    hex === undefined ? Buffer.from(escaped ?? plain ?? '') : Buffer.from(hex, 'hex'),
  );
  return Buffer.concat(bytes).toString('utf8');
}
