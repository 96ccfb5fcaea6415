import { describe, expect, it } from 'vitest';
import type { SignatureForm } from '../../src/model/verdict/index.ts';
import type { RequiredSigners } from '../../src/signatures/asked.ts';
import { judge } from '../../src/signatures/judge.ts';
import { readTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts';
import type { SignableSubject } from '../../src/signatures/subject.ts';
import { mutateJson, seededRandom } from '../support/mutate-json.ts';
import { newSigner } from './support/notary-signer.ts';
import { legacyPayload, SignedImage } from './support/signed-image.ts';
import {
  type Json,
  newInstance,
  statementOf,
  usualIdentity,
  usualIssuer,
} from './support/sigstore-instance.ts';

const rounds = 150;

/** Signatures with anything in the place of anything: each is judged, and none ends the check of the others. */
describe('a signature with anything in it', () => {
  it('is verified or refused, in each of its forms', async () => {
    const instance = await newInstance();
    const signer = await newSigner();
    const image = new SignedImage();
    const { digest, bytes } = image.manifest;
    const at: SignableSubject = { kind: 'manifest', digest, bytes };
    const asked: RequiredSigners = {
      keys: [],
      identities: [{ name: usualIdentity, issuer: usualIssuer }],
      certificates: signer.trusted(),
      openpgp: [],
      thresholds: {},
      trust: readTrustedRoot(instance.trustedRoot, 'root'),
    };
    const context = { image: [at], named: undefined, asked, now: new Date() };
    const statement = statementOf(digest);
    const payload = legacyPayload(digest);
    const annotations = await instance.legacyAnnotations(payload);
    const forms: [SignatureForm, string, Json, Json][] = [
      ['sigstore-bundle', '', await instance.signStatement(statement, { stamped: true }), {}],
      ['sigstore-bundle', '', await instance.signBytes(bytes), {}],
      ['cosign-signature', '', JSON.parse(payload.toString('utf8')) as Json, inner(annotations)],
      ['notation', 'application/jose+json', parsed(await signer.sign(at)), {}],
    ];

    const seen = new Set<string>();
    for (const [form, mediaType, document, extra] of forms) {
      const random = seededRandom(7);
      for (let round = 0; round < rounds; round++) {
        const body = random(4) === 0 ? document : mutateJson(document, random, 3);
        const more = mutateJson(extra, random, 3);
        const content = {
          bytes: Buffer.from(JSON.stringify(body ?? null)),
          annotations: outer(more),
          mediaType,
        };
        const { outcome } = await judge({ form, place: 'referrer', digest, at, content }, context);
        seen.add(outcome.state === 'refused' ? outcome.refusal.code : outcome.state);
      }
    }

    expect([...seen]).toContain('SIGNATURE_MALFORMED');
    expect(seen.size).toBeGreaterThan(5);
  });

  it('is verified or refused with a statement of anything', async () => {
    const instance = await newInstance();
    const image = new SignedImage();
    const { digest, bytes } = image.manifest;
    const at: SignableSubject = { kind: 'manifest', digest, bytes };
    const random = seededRandom(11);
    const asked: RequiredSigners = {
      keys: [],
      identities: [{ name: usualIdentity, issuer: usualIssuer }],
      certificates: [],
      openpgp: [],
      thresholds: {},
      trust: readTrustedRoot(instance.trustedRoot, 'root'),
      predicateTypes: ['https://slsa.dev/provenance'],
    };
    const context = { image: [at], named: undefined, asked, now: new Date() };
    const provenance = {
      ...statementOf(digest, 'https://slsa.dev/provenance/v1'),
      predicate: {
        buildDefinition: {
          externalParameters: { workflow: { repository: 'r' } },
          resolvedDependencies: [{ uri: 'u', digest: { gitCommit: 'c' } }],
        },
        runDetails: { builder: { id: 'b' } },
      },
    };
    const states: string[] = [];
    for (let round = 0; round < 30; round++) {
      const bundle = await instance.signStatement(mutateJson(provenance, random, 2) as Json);
      const content = { bytes: Buffer.from(JSON.stringify(bundle)), annotations: {}, mediaType: '' };
      const found = await judge({ form: 'sigstore-bundle', place: 'referrer', digest, at, content }, context);
      states.push(found.outcome.state);
      expect(() => JSON.stringify(found)).not.toThrow();
    }

    expect(states).toContain('verified');
    expect(states).toContain('refused');
  });
});

function parsed(bytes: Buffer): Json {
  return JSON.parse(bytes.toString('utf8')) as Json;
}

/** JSON in annotations, to be mutated as such. */
function inner(annotations: Readonly<Record<string, string>>): Json {
  const entries = Object.entries(annotations).map(([name, text]) => [
    name,
    text.startsWith('{') ? (JSON.parse(text) as Json) : text,
  ]);
  return Object.fromEntries(entries) as Json;
}

function outer(annotations: unknown): Record<string, string> {
  const entries = Object.entries((annotations ?? {}) as Json).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
