import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../../src/cli/command.ts';
import { fleetServe } from '../../../../src/cli/commands/fleet/serve.ts';
import { signInChoice } from '../../../../src/cli/options/fleet-sign-in.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const read = (args: readonly string[], env: Record<string, string> = {}) =>
  signInChoice('fleet serve', parseCommand(fleetServe, [...args])!.options, env);

const whole = [
  ...['--oidc-issuer', 'https://idp.example/realms/a', '--oidc-client', 'fleet'],
  ...['--oidc-address', 'https://fleet.example/', '--oidc-role', 'payments=team:pay'],
];

describe('the options of sign-in', () => {
  it('are the rules, with the secret from a file or a variable', () => {
    const rules = {
      ...{ issuer: 'https://idp.example/realms/a', clientId: 'fleet', address: 'https://fleet.example' },
      roles: [{ group: 'payments', role: 'team', owner: 'pay' }],
    };
    expect(read([])).toBeUndefined();
    expect(read(whole)).toEqual(rules);
    expect(read(whole, { SCAPFEED_OIDC_SECRET: 's' })).toEqual({ ...rules, clientSecret: 's' });
    const file = join(temporaryFolder(), 'secret');
    writeFileSync(file, ' of a file\n');
    expect(read([...whole, '--oidc-secret-file', file], { SCAPFEED_OIDC_SECRET: 's' })).toEqual({
      ...{ ...rules, clientSecret: 'of a file' },
    });
    const more = ['--oidc-role', 'a=b c=admin', '--sign-in-for', '8h', '--sign-in-idle', '2h'];
    expect(read([...whole, ...more, '--oidc-scopes', 'openid g'])).toEqual({
      ...{ ...rules, roles: [...rules.roles, { group: 'a=b c', role: 'admin' }] },
      ...{ scopes: 'openid g', lasts: 8 * 3_600_000, idle: 2 * 3_600_000 },
    });
  });

  it.each([
    [['--oidc-client', 'fleet'], /--oidc-client is for --oidc-issuer/],
    [['--sign-in-for', '8h'], /--sign-in-for is for --oidc-issuer/],
    [whole.slice(0, 6), /needs --oidc-role/],
    [[...whole.slice(0, 2), ...whole.slice(4)], /needs --oidc-client/],
    [[...whole, '--oidc-scopes', 'email'], /have no `openid`/],
    [[...whole, '--oidc-role', 'x=owner'], /GROUP=ROLE/],
    [[...whole, '--oidc-role', 'x=team'], /GROUP=ROLE/],
    [[...whole, '--oidc-role', 'x=read:pay'], /GROUP=ROLE/],
    [[...whole, '--oidc-role', '=read'], /GROUP=ROLE/],
    [['--oidc-issuer', 'http://idp.example'], /--oidc-issuer/],
    [['--oidc-issuer', 'https://user:word@idp.example'], /--oidc-issuer/],
    [[...whole, '--oidc-address', 'http://fleet.example'], /--oidc-address/],
    [[...whole, '--oidc-address', 'https://fleet.example/below'], /--oidc-address/],
  ])('%j is refused', (args, message) => {
    expect(() => read(args)).toThrow(message);
  });
});
