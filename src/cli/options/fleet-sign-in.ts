import type { SignInRules } from '../../fleet/serve/access/sign-in-rules.ts';
import type { Environment } from '../../model/environment.ts';
import { readGiven } from '../../tasks/fleet/read-given.ts';
import type { signInOptions } from '../../tasks/fleet/server-options.ts';
import { requireOpenId } from '../../tasks/fleet/sign-in.ts';
import { usage } from '../../tasks/given-words.ts';
import type { OptionValues } from '../../tasks/option.ts';

/** Rules of sign-in at a provider; undefined: there is none. @throws {ScapfeedError} USAGE: an option that needs another one */
export function signInChoice(
  command: string,
  given: OptionValues<typeof signInOptions>,
  env: Environment,
): SignInRules | undefined {
  const {
    'oidc-issuer': issuer,
    'oidc-client': clientId,
    'oidc-address': address,
    'oidc-role': roles,
  } = given;
  if (issuer === undefined) {
    for (const name of Object.keys(given).filter((name) => /^(?:oidc|sign-in)-/.test(name)))
      if (given[name as keyof typeof given] !== undefined)
        throw usage(command, `--${name} is for --oidc-issuer`, 'add --oidc-issuer, or leave it out');
    return undefined;
  }
  for (const [name, value] of Object.entries({
    'oidc-client': clientId,
    'oidc-address': address,
    'oidc-role': roles,
  }))
    if (value === undefined)
      throw usage(command, `--oidc-issuer needs --${name}, which is missing`, `add --${name}`);
  const file = given['oidc-secret-file'];
  const clientSecret = file === undefined ? env['SCAPFEED_OIDC_SECRET'] : readGiven(file).trim();
  const { 'oidc-scopes': scopes, 'oidc-groups-claim': groupsClaim } = given;
  const { 'sign-in-for': lasts, 'sign-in-idle': idle } = given;
  requireOpenId(scopes, '--oidc-scopes');
  return {
    ...{ issuer, clientId: clientId!, address: address!, roles: roles! },
    ...(clientSecret && { clientSecret }),
    ...(scopes !== undefined && { scopes }),
    ...(groupsClaim !== undefined && { groupsClaim }),
    ...(lasts !== undefined && { lasts }),
    ...(idle !== undefined && { idle }),
  };
}
