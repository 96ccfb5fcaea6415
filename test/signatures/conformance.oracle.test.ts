import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/registry/digest.ts';
import type { Asked } from '../../src/signatures/asked.ts';
import { Refused } from '../../src/signatures/refused.ts';
import { readBundle, type SignedBytes } from '../../src/signatures/sigstore/read-bundle.ts';
import { readTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts';
import { verifySigstore } from '../../src/signatures/sigstore/verify.ts';
import { readTrustedKey } from '../../src/signatures/trusted-key.ts';
import { dataPath, hasData } from '../support/data.ts';

const suite = ['signatures', 'sigstore+sigstore-conformance', 'test', 'assets', 'bundle-verify'];
const publicRoot = dataPath('signatures', 'sigstore+root-signing', 'targets', 'trusted_root.json');

/** Who signed the cases that do not say it themselves (the suite's README). */
const usual = {
  identity:
    'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
};

/** The project's own cases: a name that ends in _fail must be refused, every other must verify. */
describe.skipIf(!hasData(...suite))('sigstore-conformance', () => {
  const folder = dataPath(...suite);
  const cases = hasData(...suite)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];

  it.each(cases.map(({ name }) => name))('%s', (name) => {
    expect(outcomeOf(join(folder, name)), name).toEqual(
      name.endsWith('_fail') ? expect.stringMatching(/^[A-Z_]+$/) : 'verified',
    );
  });
});

function outcomeOf(folder: string): string {
  try {
    const own = existsSync(join(folder, 'artifact'));
    const bytes = readFileSync(own ? join(folder, 'artifact') : join(folder, '..', 'a.txt'));
    const artifact: SignedBytes = { kind: 'manifest', digest: digestOf(bytes), bytes };
    const bundle = readBundle(readFileSync(join(folder, 'bundle.sigstore.json')), artifact, [artifact]);
    verifySigstore(bundle, askedOf(folder), new Date());
    return 'verified';
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code;
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

function askedOf(folder: string): Asked {
  const own = join(folder, 'trusted_root.json');
  const root = existsSync(own) ? own : publicRoot;
  const key = join(folder, 'key.pub');
  const thresholds = {};
  if (existsSync(key)) {
    const keys = [readTrustedKey(readFileSync(key, 'utf8'), key)];
    return {
      keys,
      identities: [],
      certificates: [],
      openpgp: [],
      thresholds,
      ...(existsSync(own) && { trust: readTrustedRoot(readFileSync(own, 'utf8'), own) }),
    };
  }
  return {
    keys: [],
    certificates: [],
    openpgp: [],
    identities: [{ name: wordIn(folder, 'identity'), issuer: wordIn(folder, 'issuer') }],
    thresholds,
    trust: readTrustedRoot(readFileSync(root, 'utf8'), root),
  };
}

function wordIn(folder: string, name: 'identity' | 'issuer'): string {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : usual[name];
}
