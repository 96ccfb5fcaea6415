import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { readPolicyFile } from '../../src/policy/read-policy.ts';
import { vexRights } from '../../src/tasks/signed/vex-rights.ts';
import { readVexPlace } from '../../src/vex/index.ts';
import { bashFiles, feedWithFlaw } from '../signatures/support/flawed-bash.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import {
  ecKeys,
  type Json,
  publicPem,
  signByKey,
  statementOf,
} from '../signatures/support/sigstore-instance.ts';
import { vexOf } from '../support/attached-vex.ts';
import { scapfeed } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { deb } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const feed = feedWithFlaw();
const folder = temporaryFolder('attested-vex');
const { publicKey, privateKey } = ecKeys();
writeFileSync(join(folder, 'key.pub'), publicPem(publicKey));

/** An image that the key signed, and a VEX attestation of it by some key. */
function imageWith(
  key: typeof privateKey,
  change: (statement: Json) => Json = (statement) => statement,
): string {
  const image = new SignedImage('vex', bashFiles);
  const { digest } = image.manifest;
  image.attachBundle(digest, signByKey(statementOf(digest), privateKey));
  const statement = { ...statementOf(digest, 'https://openvex.dev/ns/v0.2.0'), predicate: vexOf(digest) };
  image.attachBundle(digest, signByKey(change(statement), key));
  return image.layout();
}

const scan = (layout: string, ...args: string[]) =>
  scapfeed(
    [
      'scan',
      `oci:${layout}:1`,
      '--feed',
      feed,
      '--max-age',
      '0',
      '--fail-on',
      'any',
      '--vex',
      'attested',
      ...args,
    ],
    {},
    folder,
  );

it('an attestation by whom is asked for clears what it says', () => {
  const { code, out } = scan(imageWith(privateKey), '--signed-by', 'key.pub');

  expect(out).toMatch(/^VEX oci:.*, attested sha256:[0-9a-f]{64} .*: 1 statement, 1 used$/m);
  expect(code).toBe(0);
});

it('one by somebody else clears nothing, and is noted', () => {
  const { code, out } = scan(imageWith(ecKeys().privateKey), '--signed-by', 'key.pub');

  expect(out).toContain('CVE-2022-3715');
  expect(out).toMatch(/vex not verified.*attested sha256:.*SIGNATURE_WRONG/);
  expect(code).toBe(1);
});

it('one about another image clears nothing', () => {
  const other = `sha256:${'0'.repeat(64)}`;
  const layout = imageWith(privateKey, (statement) => ({
    ...statement,
    subject: statementOf(other)['subject'],
  }));
  const { code, out } = scan(layout, '--signed-by', 'key.pub');

  expect(out).toMatch(/vex not verified.*SIGNS_OTHER/);
  expect(code).toBe(1);
});

it('without a signer it is wrong use', () => {
  const { code, err } = scan(imageWith(privateKey));

  expect(err).toContain('no required signer is given');
  expect(code).toBe(2);
});

/** A policy with a section vex of one rule. */
function policyWith(rule: object | readonly object[]): string {
  const file = join(temporaryFolder('vex-policy'), 'policy.yaml');
  writeFileSync(file, JSON.stringify({ vex: [rule].flat() }));
  return file;
}

const key = join(folder, 'key.pub');
const right = { by: [{ key }], purls: 'pkg:deb/debian/bash', statuses: 'not_affected' };

describe('a policy that says who may lift which flaw', () => {
  const layout = imageWith(privateKey);

  it('names the signers of attested VEX, and the image itself needs no signature', () => {
    const image = new SignedImage('vex', bashFiles);
    const { digest } = image.manifest;
    const statement = { ...statementOf(digest, 'https://openvex.dev/ns/v0.2.0'), predicate: vexOf(digest) };
    image.attachBundle(digest, signByKey(statement, privateKey));
    const { code, out } = scan(image.layout(), '--policy', policyWith(right));

    expect(out).toMatch(/^VEX oci:.*, attested sha256:[0-9a-f]{64} .*: 1 statement, 1 used$/m);
    expect(code).toBe(0);
  });

  it.each([
    ['another package', { ...right, purls: ['pkg:deb/debian/zlib*'] }],
    ['another status', { ...right, statuses: ['fixed'] }],
    ['another image', { ...right, images: ['registry.example/lab'] }],
    [
      'issuers of another kind',
      { ...right, by: [{ repository: 'rancher' }, { file: '**' }, { key: 'other.pub' }] },
    ],
  ])('shows a statement and does not apply it where the right is for %s', (_, rule) => {
    const policy = policyWith(rule);
    writeFileSync(join(policy, '..', 'other.pub'), publicPem(ecKeys().publicKey));
    const { code, out } = scan(layout, '--signed-by', 'key.pub', '--policy', policy);

    expect(out).toContain('CVE-2022-3715');
    expect(code).toBe(1);
  });

  it('counts it in every format', () => {
    const policy = policyWith({ ...right, statuses: 'fixed' });
    const formats = ['json', 'sarif', 'csv', 'html', 'junit', 'markdown', 'github', 'gitlab', 'cyclonedx'];
    const outputs = formats.flatMap((format) => ['-o', `${format}=${join(folder, `right.${format}`)}`]);
    const { code, out } = scan(layout, '--policy', policy, ...outputs, '-o', 'table');

    expect(out).toContain('1 flaw that VEX of issuers without the right would clear');
    expect(out).toMatch(
      /vex without right at oci:.*: 1 verdict that it would clear stays: .*policy\.yaml gives its issuer no right/,
    );
    expect(out).toMatch(
      /unused: CVE-2022-3715 not affected, .*policy\.yaml gives the key .*key\.pub no right to lift it/,
    );
    for (const format of ['sarif', 'csv', 'html', 'junit', 'github', 'gitlab', 'cyclonedx'])
      expect(readFileSync(join(folder, `right.${format}`), 'utf8'), format).toMatch(
        /inline mitigations already exist \(oci:.*, attested sha256:[0-9a-f]{64}#\/statements\/0\)/,
      );
    expect(readFileSync(join(folder, 'right.markdown'), 'utf8')).toContain(
      'VEX of issuers without the right would clear',
    );
    const { verdicts, exceptions } = JSON.parse(readFileSync(join(folder, 'right.json'), 'utf8'));
    expect(verdicts[0].notLifted).toMatchObject({ by: 'vex', status: 'not_affected' });
    expect(exceptions.vex[0]).toMatchObject({ used: 0, notLifted: 1 });
    expect(code).toBe(1);
  });

  it('does not need a right to say that nothing may be cleared', () => {
    const place = (name: string, status: string, timestamp: string) => {
      const file = join(folder, name);
      const statement = { vulnerability: 'CVE-2022-3715', products: ['pkg:deb/debian/bash'], status };
      writeFileSync(file, JSON.stringify({ ...vexOf('sha256:0'), timestamp, statements: [statement] }));
      return file;
    };
    const ours = place('ours.json', 'not_affected', '2026-01-01T00:00:00Z');
    const theirs = place('theirs.json', 'affected', '2026-01-02T00:00:00Z');
    const policy = policyWith({ ...right, by: [{ file: realpathSync(ours) }] });
    const asked = [
      'scan',
      `oci:${layout}:1`,
      '--feed',
      feed,
      '--max-age',
      '0',
      '--fail-on',
      'any',
      '--policy',
      policy,
    ];

    expect(scapfeed([...asked, '--vex', ours], {}, folder).code).toBe(0);
    expect(scapfeed([...asked, '--vex', ours, '--vex', theirs], {}, folder).code).toBe(1);
  });

  it('gives a file its right by its real path from the folder of the policy', async () => {
    const file = policyWith({});
    const at = (name: string) => join(dirname(file), name);
    for (const name of ['vex', 'other']) {
      mkdirSync(at(name));
      writeFileSync(at(`${name}/a.json`), JSON.stringify(vexOf('sha256:0')));
    }
    symlinkSync('../other/a.json', at('vex/link.json'));
    symlinkSync('vex', at('linked'));
    const read = { read: readFileSync, fromFeed: () => undefined };
    const hasRight = async (pattern: string, place: string) => {
      const vex = [{ by: [{ file: pattern }], images: [], purls: ['*'], statuses: ['fixed' as const] }];
      const { documents } = await readVexPlace(place);
      const flaw = { package: { ...deb('bash', '1', 'bash') } } as ViewedVerdict;
      return vexRights({ file, vex }, read)?.in('dir:x', null).mayLift(documents[0]!.issuer!, flaw, 'fixed');
    };
    const spellings = ['vex/a.json', './vex/a.json', 'vex//a.json', 'other/../vex/a.json', 'linked/a.json'];
    for (const place of spellings)
      expect(await hasRight('./vex/**', `${dirname(file)}/${place}`), place).toBe(true);
    for (const place of ['vex/../other/a.json', 'vex/link.json', 'other/a.json'])
      for (const pattern of ['vex/**', `${realpathSync(at('vex'))}/**`, '../vex/**', 'linked/**'])
        expect(await hasRight(pattern, `${dirname(file)}/${place}`), `${pattern} ${place}`).toBe(false);
    expect(await hasRight(`${realpathSync(at('vex'))}/*`, at('vex/a.json'))).toBe(true);
    const nested = relative(process.cwd(), at('vex/a.json'));
    expect(await hasRight('vex/*.json', nested)).toBe(true);
  });

  it.each([
    ['another trusted root', { 'trusted-root': 'b.json' }],
    ['the root of the feed', {}],
    ['fewer log entries', { 'trusted-root': 'a.json', 'log-entries': 0 }],
    ['other timestamps', { 'trusted-root': 'a.json', timestamps: 1 }],
  ])(
    'is refused where a rule has %s: an authority of one rule could name identities of another',
    (_, trust) => {
      const by = (identity: string) => [{ identity, issuer: 'https://accounts.example' }];
      const ours = { ...right, by: by('ours@example.org'), 'trusted-root': './a.json' };
      const theirs = { ...right, by: by('theirs@example.org'), ...trust };
      const read = (rules: readonly object[]) =>
        readPolicyFile(Buffer.from(JSON.stringify({ vex: rules })), 'policy.yaml');
      expect(() => read([right, ours, theirs])).toThrow(/vex\/2: expected the trusted-root.* of \/vex\/1/);
      expect(
        read([
          right,
          ours,
          { ...theirs, 'trusted-root': 'a.json', 'log-entries': undefined, timestamps: undefined },
        ]).vex,
      ).toHaveLength(3);
    },
  );

  it('is refused by policy check for two trusted roots', async () => {
    const by = [{ identity: 'ours@example.org', issuer: 'https://accounts.example' }];
    const rules = ['a.json', 'b.json'].map((root) => ({ ...right, by, 'trusted-root': root }));
    const { code, err } = await runHere(['policy', 'check', policyWith(rules)]);
    expect(err).toContain('POLICY_INVALID');
    expect(code).toBe(2);
  });

  it('is listed by policy check, and a rule without purls is refused', () => {
    const file = policyWith({ ...right, by: [{ repository: 'rancher' }, { attached: true }] });
    expect(scapfeed(['policy', 'check', file]).out).toContain(
      'VEX by repository rancher or attached may lift pkg:deb/debian/bash: not_affected',
    );
    const wrong = scapfeed(['policy', 'check', policyWith({ by: [{ attached: true }], statuses: 'fixed' })]);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('/vex/0 lacks its purls') });
  });
});
