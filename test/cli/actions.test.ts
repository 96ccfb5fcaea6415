import { describe, expect, it } from 'vitest';
import { scapfeed } from '../support/cli.ts';

describe('an action takes only what it reads', () => {
  it.each([
    [['keys', 'list', '--role', 'root'], 'keys list has no --role'],
    [['keys', 'list', '--passphrase-file', 'file'], 'keys list has no --passphrase-file'],
    [['keys', 'sign', '--expires', '1d'], 'keys sign has no --expires'],
    [['keys', 'revoke', 'abc', '--type', 'ecdsa'], 'keys revoke has no --type'],
    [['keys', 'make', 'root'], 'keys make: expected no argument, found root'],
    [['keys', 'revoke'], 'keys revoke: expected KEYID, found nothing'],
    [['fleet', 'token', 'list', '--role', 'admin'], 'fleet token list has no --role'],
    [['fleet', 'token', 'remove', 'web1', '-o', 'json'], 'fleet token remove has no --output'],
    [['fleet', 'token', 'add', 'web1', '--no-pager'], 'fleet token add has no --no-pager'],
    [['fleet', 'token', 'add'], 'fleet token add: expected NAME, found nothing'],
    [['fleet', 'token', 'list', 'web1'], 'fleet token list: expected no argument, found web1'],
  ])('%j', (args, message) => {
    const { code, err } = scapfeed(args);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  it('but for options of every command, also taken back', () => {
    expect(scapfeed(['keys', 'list', '--keys', 'nowhere', '--no-quiet']).err).toContain('KEY_MISSING');
  });

  it('a variable of another action is not refused', () => {
    const env = { SCAPFEED_KEYS_ROLE: 'root' };
    expect(scapfeed(['keys', 'list', '--keys', 'nowhere'], env).err).toContain('KEY_MISSING');
  });

  it('help names the actions that read an option', () => {
    const help = scapfeed(['keys', '--help']).out;
    expect(help).toContain('with make, rotate: ed25519, ecdsa');
    expect(help).toMatch(/--keys DIR +keys and roots/);
  });
});
