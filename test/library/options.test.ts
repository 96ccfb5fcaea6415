import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { fleetCommands } from '../../src/cli/commands/fleet-commands.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { registryOptions } from '../../src/tasks/image/options.ts';
import { parameterChecks } from './support/parameter-checks.ts';

// Every option of every command is one of the library, or belongs to the command line.

/** The functions that do what a command does. */
const functionsOf: Readonly<Record<string, readonly string[]>> = {
  build: ['build'],
  bundle: ['bundleFeed'],
  check: ['check', 'checkSignatures', 'readAttachedVex'],
  compare: ['compareResults'],
  compile: ['compileContent'],
  comply: ['comply', 'checkSignatures'],
  diff: ['diff', 'openFeed'],
  eval: ['evalOval'],
  explain: ['openImage', 'explain'],
  export: ['exportFeed'],
  feeds: ['openFeed'],
  fix: ['fixScript'],
  'fleet add': ['openFleet', 'addToFleet'],
  'fleet evidence': ['openFleet', 'fleetEvidence'],
  'fleet export': ['openFleet', 'exportFleet'],
  'fleet import': ['openFleet', 'importToFleet'],
  'fleet list': ['openFleet', 'listFleet'],
  'fleet news': ['openFleet', 'fleetNews'],
  'fleet prune': ['openFleet', 'pruneFleet'],
  'fleet remove': ['openFleet', 'removeFromFleet'],
  'fleet run': ['openFleet', 'runFleet', 'pull'],
  'fleet serve': ['openFleet', 'serveFleet', 'pull'],
  'fleet status': ['openFleet', 'fleetStatus'],
  'fleet worker': ['openFleet', 'workForFleet'],
  'fleet token': ['openFleet', 'makeFleetToken', 'fleetTokens', 'removeFleetToken'],
  'fleet unwaive': ['openFleet', 'endFleetWaiver'],
  'fleet waive': ['openFleet', 'waiveInFleet'],
  'fleet waivers': ['openFleet', 'fleetWaivers'],
  guide: ['contentGuide'],
  info: ['describeFile'],
  inventory: ['openImage', 'readInventory'],
  keys: ['makeKeys', 'rotateKeys', 'revokeKey', 'signRoot', 'listKeys'],
  policy: ['checkPolicy'],
  profiles: ['listProfiles'],
  publish: ['publish'],
  pull: ['pull', 'exportFeed'],
  report: ['readResults'],
  scan: ['openImage', 'judge', 'checkSignatures', 'readAttestedSbom', 'readAttachedVex'],
  signed: ['checkSignatures'],
  snapshots: ['listSnapshots', 'pruneSnapshots'],
  tailor: ['tailor', 'listRules', 'tailoringPage'],
  validate: ['validateFile', 'checkFeed', 'rebuildFeed'],
  verify: ['verifyFiles', 'checkSignatures'],
};

/** Commands that the library does not have, and why. */
const withoutFunction: Readonly<Record<string, string>> = {
  completion: 'it is about the command line',
  config: 'it is about the command line',
  help: 'it is about the command line',
  fleet: 'its commands are told one by one',
  'fleet audit': 'it is for the operator of a shared fleet',
  'fleet owners': 'it is for the operator of a shared fleet',
  'fleet sla': 'it is for the operator of a shared fleet',
};

/** Options that have another name in the library, in every command that has them. */
const renamed: Readonly<Record<string, string>> = {
  'insecure-registry': 'insecureRegistries',
  'ca-file': 'ca',
  'no-cache': 'cacheFolder',
  policy: 'policyFile',
  'passphrase-file': 'passphrase',
  'local-files': 'content',
  datastream: 'content',
  checklist: 'content',
  cpe: 'content',
  'no-oval': 'oval',
  'no-languages': 'languages',
  'no-content': 'content',
  identity: 'identities',
  'identity-regexp': 'identities',
  issuer: 'identities',
};

const fleetReading: Readonly<Record<string, string>> = {
  'allow-link-local-registry': 'allowLinkLocalRegistries',
  ...{ 'signed-by': 'signers', identity: 'signers', 'identity-regexp': 'signers', issuer: 'signers' },
  ...{ 'trusted-root': 'signers', lookaside: 'signers', 'require-signed': 'signaturePolicy' },
};

const fleetRuns: Readonly<Record<string, string>> = {
  ...fleetReading,
  ...{ profile: 'profiles', webhook: 'receivers', slack: 'receivers', mail: 'receivers' },
  ...{ 'webhook-secret-file': 'webhookSecret', 'allow-private-webhook': 'allowPrivateReceivers' },
};

/** The same for single commands. */
const renamedIn: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  build: { source: 'sources', platform: 'platforms', 'no-ratings': 'ratings' },
  bundle: { platform: 'platforms' },
  check: { 'signed-by': 'keys' },
  compile: { profile: 'profiles' },
  comply: { feed: 'content', 'signed-by': 'keys' },
  diff: {
    ...{ product: 'comply', profile: 'comply', tailoring: 'comply', content: 'comply' },
    ...{ 'local-files': 'comply', datastream: 'comply', checklist: 'comply', cpe: 'comply' },
  },
  eval: { definition: 'definitions', class: 'classes' },
  export: {
    to: 'targets',
    'openpgp-key': 'openPgpKey',
    'passphrase-file': 'openPgpKey',
    'accept-terms': 'acceptedTerms',
  },
  feeds: { feed: 'directory' },
  fix: {},
  'fleet add': { registry: 'registries' },
  'fleet list': { label: 'labels' },
  'fleet run': fleetRuns,
  'fleet serve': {
    ...fleetRuns,
    ...{ listen: 'host', 'tls-cert': 'tls', 'tls-key': 'tls', 'rate-limit': 'perMinute' },
    ...{ 'trusted-proxy': 'proxy', 'proxy-user-header': 'proxy', 'proxy-groups-header': 'proxy' },
    ...{ 'oidc-issuer': 'signIn', 'oidc-client': 'signIn', 'oidc-secret-file': 'signIn' },
    ...{ 'oidc-address': 'signIn', 'oidc-role': 'signIn', 'oidc-scopes': 'signIn' },
    ...{ 'oidc-groups-claim': 'signIn', 'sign-in-for': 'signIn', 'sign-in-idle': 'signIn' },
  },
  'fleet waive': { rule: 'rules' },
  'fleet waivers': { all: 'ended' },
  'fleet worker': fleetReading,
  snapshots: { snapshots: 'directory', prune: 'directory' },
  keys: { role: 'roles', threshold: 'thresholds', public: 'external' },
  profiles: {
    ...{ feed: 'from', content: 'from', 'local-files': 'from', datastream: 'from' },
    ...{ checklist: 'from', cpe: 'from' },
  },
  publish: {
    ...{ feed: 'feeds', encode: 'encodings', limit: 'limits', accept: 'accepted', reason: 'accepted' },
    ...{ 'accept-terms': 'acceptedTerms', 'no-trust': 'trust' },
    ...{ 'no-blocks': 'blocks', 'no-site': 'site' },
  },
  pull: { platform: 'platforms', export: 'targets', into: 'out' },
  scan: { base: 'bases', 'signed-by': 'keys', 'from-attestation': 'type' },
  signed: {
    ...{ policy: 'policy', key: 'keys', 'gpg-key': 'openPgpKeys', 'notation-cert': 'certificates' },
    ...{ 'notation-authority': 'signingAuthorities', 'notation-tsa': 'timestampAuthorities' },
    ...{ 'log-entries': 'thresholds', timestamps: 'thresholds', 'certificate-logs': 'thresholds' },
  },
  tailor: { page: 'content' },
  validate: { rebuild: 'snapshots', mirror: 'snapshots' },
  verify: { 'signed-by': 'keys' },
};

/** Options that only a command line needs. */
const ofCommandLine: Readonly<Record<string, string>> = {
  output: 'writeReport writes a result, and the caller chooses where it goes',
  'no-policy': 'no file in the working directory is read',
  targets: 'the caller has a loop',
  all: 'of verify and comply: what the table shows; the result has everything',
  by: 'how the table groups; the result has everything',
  list: 'listRules is a function of its own; describeFile lists the profiles of content',
  'max-age': 'of pull: milliseconds, under the same name',
  export: 'of build: exportFeed does it afterwards',
  exports: 'of build: the folder of exportFeed',
  mirror: 'the folder of snapshots is named',
  'require-signed': 'checkSignatures with the policy is called first',
  file: 'the caller reads the list',
  kubernetes: 'the caller reads the list',
  pull: 'pull is a function of its own',
  harbor: 'a service that is set up once, with a container of its own, and not a part of a program',
  'harbor-registry': 'of --harbor',
  'trust-root': 'of a feed at an address: the library opens one in a folder, which pull fetches',
  'partial-layers': 'an open image gives its files to functions that read others than those of packages',
};

/** Commands that read no registry but that of a feed: the library opens a feed in a folder. */
const ofFolders = { feeds: true, profiles: true };

const entries = [...commands, ...fleetCommands];

function optionsOf(functions: readonly string[]): Set<string> {
  const own = parameterChecks.filter(({ name }) => functions.includes(name));
  return new Set(own.flatMap((check) => [...check.optionNames()]));
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

it('every command has its functions, or a reason why it has none', () => {
  const names = entries.map(({ name }) => name).sort();
  expect([...Object.keys(functionsOf), ...Object.keys(withoutFunction)].sort()).toEqual(names);
});

describe.each(Object.entries(functionsOf))('%s', (name, functions) => {
  it('has only options that the library has too, or whose place is told', async () => {
    const command: Command = await entries.find((entry) => entry.name === name)!.load();
    const known = optionsOf(functions);
    const forgotten = Object.keys(command.options).filter((option) => {
      const own = renamedIn[name]?.[option] ?? renamed[option] ?? camelCase(option);
      return (
        !known.has(own) && !(option in ofCommandLine) && !(name in ofFolders && option in registryOptions)
      );
    });
    expect(forgotten).toEqual([]);
    const gone = Object.keys({ ...renamedIn[name] }).filter((option) => !(option in command.options));
    expect(gone, 'told of an option that the command does not have').toEqual([]);
  });
});
