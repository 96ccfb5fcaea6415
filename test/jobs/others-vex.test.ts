import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { bashFiles, feedWithFlaw } from '../signatures/support/flawed-bash.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import { ecKeys, publicPem, signByKey, statementOf } from '../signatures/support/sigstore-instance.ts';
import { vexOf } from '../support/attached-vex.ts';
import { debianRelease, project, stanza } from '../support/cli.ts';
import { isRoot } from '../support/oracles.ts';
import { tarOf } from '../support/tar.ts';
import { type Machine, newMachine } from './support/machine.ts';

const cve = 'CVE-2025-9086';

/** A policy that gives issuers the right to lift flaws of packages. */
const policyOf = (by: string, purls: string) =>
  `vex:\n  - by: [${by}]\n    purls: "${purls}"\n    statuses: not_affected\n`;

/** A hub's archive goes with the signed feed to a machine without a network, where a policy says what it may lift. */
describe.skipIf(!isRoot())('a VEX repository that a feed carries', () => {
  let inside: Machine;
  const scan = (...args: string[]) =>
    inside.run(`scapfeed scan dir:image --max-age 0 --fail-on any --show-ignored ${args.join(' ')}`);

  beforeAll(() => {
    const publisher = newMachine();
    inside = newMachine({ user: 4712, network: false });
    const mirror = join(publisher.home, 'mirror');
    cpSync(join(project, 'feeds/sample'), mirror, { recursive: true });
    const statement = {
      ...{ vulnerability: { name: cve }, products: ['pkg:deb/debian/curl@99-1'] },
      ...{ status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path' },
    };
    const document = {
      ...{
        '@context': 'https://openvex.dev/ns/v0.2.0',
        author: 'the hub',
        timestamp: '2026-01-01T00:00:00Z',
      },
      statements: [statement],
    };
    const index = { packages: [{ id: 'pkg:deb/debian/curl', location: 'pkg/curl.json' }] };
    mkdirSync(join(mirror, 'hub.example'));
    writeFileSync(
      join(mirror, 'hub.example/main.tar.gz'),
      gzipSync(tarOf({ 'index.json': JSON.stringify(index), 'pkg/curl.json': JSON.stringify(document) })),
    );
    const repositories = [{ name: 'hub', archive: 'https://hub.example/main.tar.gz', licence: 'Apache-2.0' }];
    writeFileSync(join(publisher.home, 'hubs.json'), JSON.stringify({ repositories }));
    publisher.does(
      'scapfeed build --source debian --platform debian-12 --no-ratings --no-oval --strict' +
        ' --mirror mirror --unsigned-mirror --vex-repositories hubs.json --out feed',
    );
    const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };
    publisher.does('chmod 755 . && scapfeed keys make', passphrase);
    publisher.does('scapfeed publish --feed feed --to public', passphrase);
    publisher.does('scapfeed bundle --from public --out feed.bundle');
    for (const file of ['feed.bundle', 'public/metadata/1.root.json'])
      publisher.does(`install -o 4712 -g 4712 ${file} ${inside.home}/`);
    inside.does('scapfeed pull --from feed.bundle --trust-root 1.root.json');
    const image = join(inside.home, 'image');
    for (const [name, content] of [
      ['etc/os-release', debianRelease('12', 'bookworm')],
      ['var/lib/dpkg/status', stanza('curl', '99-1')],
    ] as const) {
      mkdirSync(join(image, name, '..'), { recursive: true });
      writeFileSync(join(image, name), content);
    }
  });

  it('is named by `feeds`, and clears nothing unasked', () => {
    expect(inside.does('scapfeed feeds')).toContain('VEX repositories hub');
    expect(scan()).toMatchObject({ code: 1, out: expect.stringContaining(cve) });
  });

  it('clears what it is asked for, and names its document', () => {
    const { code, out } = scan('--vex feed:hub -o csv');

    expect(out).toContain('feed:hub/pkg/curl.json#/statements/0');
    expect(code).toBe(0);
  });

  it('clears what the policy gives it, and the rest is shown and fails the gate', () => {
    const by = '{ repository: hub }';
    writeFileSync(join(inside.home, 'curl.yaml'), policyOf(by, 'pkg:deb/debian/curl'));
    writeFileSync(join(inside.home, 'other.yaml'), policyOf(by, 'pkg:deb/debian/openssl'));

    expect(scan('--vex feed:hub --policy curl.yaml').code).toBe(0);
    const { code, out } = scan('--vex feed:hub --policy other.yaml');
    expect(out).toContain('gives the repository hub no right to lift it');
    expect(code).toBe(1);
  });
});

describe('a VEX attestation of an image', () => {
  const { publicKey, privateKey } = ecKeys();
  const machine = newMachine();

  beforeAll(() => {
    cpSync(feedWithFlaw(), join(machine.home, 'feed'), { recursive: true });
    writeFileSync(join(machine.home, 'team.pub'), publicPem(publicKey));
    for (const [name, key] of [
      ['ours', privateKey],
      ['theirs', ecKeys().privateKey],
    ] as const) {
      const image = new SignedImage(name, bashFiles);
      const { digest } = image.manifest;
      const statement = { ...statementOf(digest, 'https://openvex.dev/ns/v0.2.0'), predicate: vexOf(digest) };
      image.attachBundle(digest, signByKey(statement, key));
      cpSync(image.layout(), join(machine.home, name), { recursive: true });
    }
    writeFileSync(join(machine.home, 'team.yaml'), policyOf('{ key: team.pub }', 'pkg:deb/debian/bash'));
    writeFileSync(join(machine.home, 'other.yaml'), policyOf('{ key: team.pub }', 'pkg:deb/debian/curl'));
  });

  it.each([
    ['by the team', 'ours', 'team.yaml', 0, '1 statement, 1 used'],
    ['by the team, about a package that is not its own', 'ours', 'other.yaml', 1, 'no right to lift it'],
    ['by somebody else', 'theirs', 'team.yaml', 1, 'SIGNATURE_WRONG'],
  ])('%s', (_, image, policy, code, shown) => {
    const ran = machine.run(
      `scapfeed scan oci:${image}:1 --feed feed --max-age 0 --fail-on any --show-ignored --vex attested --policy ${policy}`,
    );

    expect(ran.out).toContain(shown);
    expect(ran.out).toContain('CVE-2022-3715');
    expect(ran.code).toBe(code);
  });
});
