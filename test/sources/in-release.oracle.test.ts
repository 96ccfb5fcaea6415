import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import debianKeys from '../../feeds/debian-keys.json' with { type: 'json' };
import ubuntuKeys from '../../feeds/ubuntu-keys.json' with { type: 'json' };
import { verifiedCleartext } from '../../src/sources/openpgp.ts';
import { miss } from '../support/missing.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const armored = { debian: debianKeys.armored.join('\n'), ubuntu: ubuntuKeys.armored.join('\n') };

/** GnuPG with a home of its own. */
function gpg(): (input: string, ...args: string[]) => string {
  const home = temporaryFolder();
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return (input, ...args) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...args], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
}

/** Fingerprints of the primary keys, as gpg reads a key ring. */
function fingerprintsOf(run: ReturnType<typeof gpg>, keys: string | { file: string }): string[] {
  const [input, ...file] = typeof keys === 'string' ? [keys] : ['', keys.file];
  const lines = run(input, '--with-colons', '--show-keys', ...file).split('\n');
  return lines.flatMap((line, at) => {
    const of = lines.slice(0, at).findLast((one) => /^(pub|sub):/.test(one));
    return line.startsWith('fpr:') && of?.startsWith('pub:') ? [line.split(':')[9]!] : [];
  });
}

const rings = (['debian', 'ubuntu'] as const).flatMap((vendor) => {
  const name = `${vendor}-archive-keyring`;
  const file = `/usr/share/keyrings/${name}.gpg`;
  if (existsSync(file)) return [[vendor, file] as const];
  miss({ kind: 'oracle', name: file, package: name });
  return [];
});

describe.skipIf(!hasOracle('gpg'))('InRelease files, judged beside GnuPG', () => {
  it.each(['rsa3072', 'ed25519'])(
    'signed by gpg with %s, lines that begin with a dash and all',
    async (algorithm) => {
      const run = gpg();
      run('', '--passphrase', '', '--quick-gen-key', 'archive@example.org', algorithm, 'sign', '1y');
      const text =
        'Codename: bookworm\n- dashed\n-----BEGIN PGP SIGNATURE-----\nblank at its end \nFrom here\n';
      const signed = run(text, '--clearsign');
      expect(signed).toContain('\n- -----BEGIN PGP SIGNATURE-----\n');
      const key = run('', '--armor', '--export');

      const read = await verifiedCleartext(signed, key, new Date(), 'InRelease');

      expect(read.replace(/ +$/gm, '')).toBe(text.replace(/ +$/gm, '').replace(/\n$/, ''));
      const altered = signed.replace('bookworm', 'bullseye');
      expect(() => run(altered, '--verify')).toThrow();
      await expect(verifiedCleartext(altered, key, new Date(), 'InRelease')).rejects.toMatchObject({
        code: 'SOURCE_SIGNATURE_WRONG',
      });
    },
  );

  it('of a key that gpg calls expired', async () => {
    const run = gpg();
    const past = ['--faked-system-time', '20200101T000000!'];
    run('', ...past, '--passphrase', '', '--quick-gen-key', 'old@example.org', 'ed25519', 'sign', '1d');
    const signed = run('Codename: bookworm\n', ...past, '--clearsign');
    const key = run('', '--armor', '--export');
    await expect(verifiedCleartext(signed, key, new Date(), 'InRelease')).rejects.toMatchObject({
      code: 'SOURCE_SIGNATURE_WRONG',
    });
  });

  it.each([
    ['debian', debianKeys],
    ['ubuntu', ubuntuKeys],
  ])('the keys of feeds/%s-keys.json are those that it names', (_, { armored: lines, fingerprints }) => {
    expect(fingerprintsOf(gpg(), lines.join('\n'))).toEqual(fingerprints);
  });

  it.each(rings)("and are in the distribution's own ring: %s", (vendor, file) => {
    const run = gpg();
    expect(fingerprintsOf(run, { file })).toEqual(
      expect.arrayContaining(fingerprintsOf(run, armored[vendor])),
    );
  });
});

const lists = '/var/lib/apt/lists';
const real = existsSync(lists) ? readdirSync(lists).filter((name) => name.endsWith('InRelease')) : [];
if (real.length === 0) miss({ kind: 'data', name: `${lists}/*InRelease (apt-get update)` });

describe.skipIf(real.length === 0)('what apt fetched for this machine', () => {
  it.each(real)("%s is signed by Debian's keys and no others", async (name) => {
    const text = readFileSync(join(lists, name), 'utf8');
    expect(await verifiedCleartext(text, armored.debian, new Date(), name)).toMatch(/^Codename: /m);
    const refused = { code: 'SOURCE_SIGNATURE_WRONG' };
    await expect(verifiedCleartext(text, armored.ubuntu, new Date(), name)).rejects.toMatchObject(refused);
    const altered = text.replace(/^Codename: /m, 'Codename: x');
    await expect(verifiedCleartext(altered, armored.debian, new Date(), name)).rejects.toMatchObject(refused);
  });
});
