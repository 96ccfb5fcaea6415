import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/cli/command.ts';
import { keys } from '../../src/cli/commands/keys.ts';
import { makeKeyFile, openSecret } from '../../src/publish/keys/key-file.ts';
import { openKeyStore } from '../../src/publish/keys/key-store.ts';
import { openSigner } from '../../src/publish/keys/signer.ts';
import { missingSignatures, parseDocument, type RootPart } from '../../src/publish/tuf/metadata.ts';
import { silentTerminal } from '../support/silent-terminal.ts';
import { nowhere, temporaryFolder } from '../support/temporary.ts';

const env = { SCAPFEED_PASSPHRASE: 'correct horse', SOURCE_DATE_EPOCH: '1763942400' };

async function run(...argv: string[]): Promise<string> {
  let out = '';
  const terminal = silentTerminal(env, {
    out: (text) => {
      out += text;
    },
  });
  await keys.run(parseCommand(keys, argv)!, terminal);
  return out;
}

function roots(folder: string): RootPart[] {
  return openKeyStore(folder)
    .rootChain()
    .map((text) => parseDocument<RootPart>(text, folder).signed);
}

describe('keys at rest', () => {
  it.each(['ed25519', 'ecdsa'] as const)('%s: opened by the passphrase only', (type) => {
    const file = makeKeyFile(type, ['root'], 'one');
    expect(openSecret(file, 'one').type).toBe('private');
    expect(() => openSecret(file, 'two')).toThrow(expect.objectContaining({ code: 'KEY_PASSPHRASE_WRONG' }));
    expect(JSON.stringify(file)).not.toContain('PRIVATE');
  });

  it('a sealed half is bound to its public half', () => {
    const file = makeKeyFile('ed25519', ['root'], 'one');
    const other = { ...makeKeyFile('ed25519', ['root'], 'one'), secret: file.secret! };
    expect(() => openSecret(other, 'one')).toThrow(expect.objectContaining({ code: 'KEY_PASSPHRASE_WRONG' }));
  });

  it('asks no machine for more memory than the bound', () => {
    const file = makeKeyFile('ed25519', ['root'], 'one');
    file.secret!.kdf.N = 2 ** 24;
    expect(() => openSecret(file, 'one')).toThrow(expect.objectContaining({ code: 'KEY_MALFORMED' }));
  });

  it('is not written without a passphrase', () => {
    expect(() => makeKeyFile('ed25519', ['root'], '')).toThrow(
      expect.objectContaining({ code: 'KEY_PASSPHRASE_WRONG' }),
    );
  });
});

describe('scapfeed keys', () => {
  it('makes a key a role and a root that they sign', async () => {
    const folder = temporaryFolder();
    const out = await run('make', '--keys', folder, '--expires', '30d');
    expect(out).toMatch(/root 1 is signed/);
    const [root] = roots(folder);
    expect(root).toMatchObject({ version: 1, consistent_snapshot: true, expires: '2025-12-24T00:00:00Z' });
    expect(Object.keys(root!.keys)).toHaveLength(4);
    expect(await run('list', '--keys', folder)).toMatch(/timestamp .*in root 1/);
  });

  it('rotates and revokes: each next root is signed by the one before and by itself', async () => {
    const folder = temporaryFolder();
    await run('make', '--keys', folder);
    await run('rotate', '--keys', folder, '--role', 'root', '--type', 'ecdsa');
    await run('make', '--keys', folder, '--role', 'timestamp');
    const timestamp = roots(folder).at(-1)!.roles.timestamp.keyids[0]!;
    await run('revoke', timestamp, '--keys', folder);
    const documents = openKeyStore(folder)
      .rootChain()
      .map((text) => parseDocument<RootPart>(text, ''));
    expect(documents).toHaveLength(4);
    for (const [at, document] of documents.entries()) {
      expect(missingSignatures(document, document)).toBe(0);
      if (at > 0) expect(missingSignatures(documents[at - 1]!, document)).toBe(0);
    }
    expect(documents[1]!.signed.keys[documents[1]!.signed.roles.root.keyids[0]!]!.keytype).toBe('ecdsa');
    expect(documents[3]!.signed.roles.timestamp.keyids).not.toContain(timestamp);
    expect(await run('list', '--keys', folder)).toMatch(/retired/);
  });

  it('refuses to revoke the last key of a role', async () => {
    const folder = temporaryFolder();
    await run('make', '--keys', folder);
    const only = roots(folder)[0]!.roles.snapshot.keyids[0]!;
    await expect(run('revoke', only, '--keys', folder)).rejects.toMatchObject({ code: 'KEY_MISSING' });
    expect(roots(folder)).toHaveLength(1);
  });

  it('two holders: a root waits until both have signed', async () => {
    const [online, alice, bob] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    await run('make', '--keys', online, '--root-keys', alice);
    await run('make', '--keys', online, '--root-keys', bob, '--role', 'root').catch(() => undefined);
    // Bob's machine does not hold Alice's key: the root that names both waits for her.
    expect(openKeyStore(online).pendingRoot()).toBeDefined();
    await run('sign', '--keys', online, '--root-keys', alice);
    expect(openKeyStore(online).pendingRoot()).toBeUndefined();
    expect(roots(online)).toHaveLength(2);
  });

  it('list of folders that are not there: no keys found, exit 2', async () => {
    const [online, offline] = [join(temporaryFolder(), 'none'), join(temporaryFolder(), 'none')];
    for (const [args, where] of [
      [['--keys', online], online],
      [['--keys', online, '--root-keys', offline], `${online}, ${offline}`],
    ] as const) {
      const failing = run('list', ...args);
      await expect(failing).rejects.toMatchObject({ code: 'KEY_MISSING', exitCode: 2, where });
      await expect(failing).rejects.toThrow(/^no keys found$/);
    }
  });

  it('list while the medium of the root keys is away: they are named as not here', async () => {
    const [online, offline] = [temporaryFolder(), temporaryFolder()];
    await run('make', '--keys', online, '--root-keys', offline);
    expect(await run('list', '--keys', online, '--root-keys', offline)).not.toContain('not here');
    const [keyid] = roots(online)[0]!.roles.root.keyids;
    const away = new RegExp(`^${keyid!.slice(0, 16)} +ed25519 +root +not here +in root 1$`, 'm');
    const listed = await run('list', '--keys', online);
    expect(listed).toMatch(away);
    expect(listed.match(/not here/g)).toHaveLength(1);
    const gone = join(offline, 'unplugged');
    await expect(run('list', '--keys', online, '--root-keys', gone)).rejects.toMatchObject({
      code: 'KEY_MISSING',
      where: gone,
    });
  });

  it.each([
    ['an unknown action, nearly right', ['rotat'], /did you mean rotate/],
    ['an unknown role', ['make', '--role', 'timestmp'], /did you mean timestamp/],
    ['an unknown type', ['make', '--type', 'rsa'], /ed25519, ecdsa/],
    ['rotate without a role', ['rotate'], /--role/],
  ])('%s', async (_, argv, remedy) => {
    await expect(run(...argv, '--keys', temporaryFolder())).rejects.toMatchObject({
      code: 'USAGE',
      remedy: expect.stringMatching(remedy),
    });
  });
});

describe('an external signer', () => {
  const folder = temporaryFolder();
  const privatePem = join(folder, 'hsm.pem');
  const publicPem = join(folder, 'hsm.pub');
  const script = join(folder, 'signer.mjs');
  execFileSync(process.execPath, [
    '-e',
    `const {generateKeyPairSync}=require('node:crypto');const {writeFileSync}=require('node:fs');
     const {privateKey,publicKey}=generateKeyPairSync('ec',{namedCurve:'prime256v1'});
     writeFileSync(${JSON.stringify(privatePem)},privateKey.export({format:'pem',type:'pkcs8'}));
     writeFileSync(${JSON.stringify(publicPem)},publicKey.export({format:'pem',type:'spki'}));`,
  ]);
  writeFileSync(
    script,
    `#!${process.execPath}
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
process.stdout.write(sign('sha256', readFileSync(0), readFileSync(process.argv[2])).toString('base64'));
`,
  );
  chmodSync(script, 0o755);

  it('signs the root, and its private half never comes here', async () => {
    const store = temporaryFolder();
    const command = `${script} ${privatePem}`;
    await run('make', '--keys', store, '--external', command, '--public', publicPem);
    const [root] = openKeyStore(store)
      .rootChain()
      .map((text) => parseDocument<RootPart>(text, ''));
    expect(missingSignatures(root!, root!)).toBe(0);
    const [key] = openKeyStore(store).keys();
    expect(key).toMatchObject({ external: [script, privatePem] });
    expect(readFileSync(join(store, `${key!.keyid}.json`), 'utf8')).not.toContain('secret');
  });

  it.each([
    ['that fails', ['false'], /exit 1/],
    ['that is not there', [nowhere()], /ENOENT/],
    ['that answers something else', ['echo', '00'], /no signature by this key/],
  ])('%s is told with its command', (_, external, message) => {
    const file = { ...makeKeyFile('ed25519', ['root'], 'x'), external };
    expect(() => openSigner(file, () => 'x').sign(Buffer.from('x'))).toThrow(
      expect.objectContaining({ code: 'SIGNER_FAILED', message: expect.stringMatching(message) }),
    );
  });
});
