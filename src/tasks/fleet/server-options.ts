import { isIPv6 } from 'node:net';
import { addressMatcher } from '../../io/http/addresses.ts';
import { duration, flag, form, group, number, path, repeatable, text } from '../option.ts';
import { policyOptions } from '../scan/options.ts';
import { fleetOptions, readingOptions, runOptions, runPullOptions } from './command-options.ts';
import { isSafeAddress, readGroupRole, safeOrigin } from './sign-in.ts';

const header = (help: string) =>
  form('NAME', help, (text) => (/^[a-z0-9-]+$/i.test(text) ? text.toLowerCase() : undefined));

/** Where the server of a fleet listens, and who may ask. */
export const serverOptions = group('Server', {
  listen: form(
    'HOST:PORT',
    'address to listen on (default: 127.0.0.1:8710); addresses other than loopback need a token',
    listenAddress,
    'write it as 127.0.0.1:8710, [::1]:8710 or 0.0.0.0:8710',
  ),
  'tls-cert': path('FILE', 'serve HTTPS with this certificate and its chain, in PEM'),
  'tls-key': path('FILE', 'its key, in PEM'),
  'rate-limit': number(
    'requests per address and minute (default: 1200); those from this machine are not limited',
  ),
  'trusted-proxy': repeatable(
    form(
      'ADDRESS',
      'address of a reverse proxy whose client information is trusted, such as 10.0.0.5 or 10.0.0.0/24',
      (text) => (isAddress(text) ? text : undefined),
      'write it as 10.0.0.5, 10.0.0.0/24 or fd00::/8',
    ),
  ),
  'proxy-user-header': header(
    "the proxy's header with the authenticated user, such as x-forwarded-user; the proxy must remove it " +
      'from client requests',
  ),
  'proxy-groups-header': header(
    "the proxy's header with the user's groups: scapfeed-read, scapfeed-write, scapfeed-admin (default: " +
      'every user can read)',
  ),
});

const withTls = 'write it as https://idp.example, or http://127.0.0.1:8080 on this machine';

/** Where people sign in with a browser. */
export const signInOptions = group('Sign-in', {
  'oidc-issuer': form(
    'URL',
    'let people sign in at this OpenID Provider, which is its issuer as it writes it; needs --oidc-client, --oidc-address and --oidc-role',
    (text) => (isSafeAddress(text) ? text : undefined),
    withTls,
  ),
  'oidc-client': text('ID', 'the id of the client that this server is at the provider'),
  'oidc-secret-file': path(
    'FILE',
    'its secret; or set SCAPFEED_OIDC_SECRET (default: none, for a public client)',
  ),
  'oidc-address': form(
    'URL',
    "this server's address as browsers open it, such as https://fleet.example: the provider sends them back to URL/sign-in/return",
    safeOrigin,
    'write it as https://fleet.example, without a path, or http://127.0.0.1:8710 on this machine',
  ),
  'oidc-role': repeatable(
    form(
      'GROUP=ROLE',
      'people of this group are read, write, admin or team:OWNER; the first rule that fits a person decides, with the other teams of the person if it is a team, and who fits none may do nothing',
      readGroupRole,
      'write it as fleet-admins=admin or payments=team:payments',
    ),
  ),
  'oidc-scopes': text('SCOPES', 'scopes to ask for, with spaces (default: openid email profile)'),
  'oidc-groups-claim': text(
    'CLAIM',
    "the claim with a person's groups; a name with dots may lead to a nested one, as realm_access.roles (default: groups)",
  ),
  'sign-in-for': duration('end the sign-in of a person after this time (default: 12h)'),
  'sign-in-idle': duration('end it after this time without a request (default: 1h)'),
});

/** When a server runs by itself. */
const scheduleOptions = group('Runs', {
  every: duration('run this often, such as 24h, counted from the last run (default: only on request)'),
  at: form(
    'HH:MM',
    "run each day at this time by this machine's clock and time zone",
    (text) => {
      const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
      return hour === undefined ? undefined : { hour: Number(hour), minute: Number(minute) };
    },
    'write it as 02:00',
  ),
});

/** Of a server that scans for Harbor too. */
export const harborOptions = group('Harbor', {
  harbor: flag(
    "also answer Harbor's API for scanners (1.0 to 1.2): register this server's address in Harbor",
  ),
  'harbor-registry': repeatable(
    text(
      'HOST',
      'scan for Harbor images of this registry only, which may be on this machine (default: any other)',
    ),
  ),
  'allow-uncovered': {
    ...policyOptions['allow-uncovered'],
    help: 'with --harbor: also report images with packages that have no data in the feed',
  },
});

/** The options of `fleet serve`. */
export const fleetServeOptions = {
  ...fleetOptions,
  ...serverOptions,
  ...signInOptions,
  ...scheduleOptions,
  ...harborOptions,
  ...readingOptions,
  ...runOptions,
  ...runPullOptions,
};

function listenAddress(text: string): { host: string; port: number } | undefined {
  const [, inBrackets, plain = '', digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535 || (inBrackets !== undefined && !isIPv6(inBrackets)))
    return undefined;
  return { host: inBrackets ?? plain, port };
}

function isAddress(text: string): boolean {
  try {
    addressMatcher([text]);
    return true;
  } catch {
    return false;
  }
}
