import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { currentTime } from '../../io/clock.ts';
import { ScapfeedError } from '../../model/index.ts';
import { type PullOutcome, pull as pullFeed } from '../../publish/pull/pull.ts';
import { plural, textTable } from '../../report/text-table.ts';
import { type Arguments, type Command, type OptionValues, usage } from '../command.ts';
import { pulledFeed } from '../options/feed-choice.ts';
import { registryAccess, registryHelp, registryOptions } from '../options/registry-access.ts';
import { duration } from '../options/signing-date.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { requireShape } from '../user-file.ts';

export const pull: Command = {
  name: 'pull',
  synopsis: '[--from URL|oci://HOST/NAME|DIR|BUNDLE] [OPTIONS]',
  summary: 'bring a published feed here, checked from its root to the last byte',
  help: `  --from PLACE       a published feed: URL, oci://HOST/NAME[:TAG|@DIGEST], folder, OCI layout or bundle; repeatable:
                     mirrors, tried in turn
  --trust-root FILE  the publisher's root, from them by another way than PLACE; needed once
  --platform ID      only this platform, or all that begin so: 'rhel-*'; repeatable (default: those at hand, at first
                     all). RHEL without its layered products is marked in every scan
  --oval             with OVAL and data streams (default: the index, which is all that a scan needs)
  --out DIR          where the feed goes (default: XDG_DATA_HOME/scapfeed/feed, which scan reads)
  --max-age AGE      of a folder or bundle: accept signatures that have expired (three days after publish, by default) if
                     they are not older than AGE: 30d
${registryHelp}  -o FORMAT[=FILE]   summary as table (default) or json; repeatable

What is not given is read from XDG_CONFIG_HOME/scapfeed/pull.json: {"from": [...], "trustRoot": FILE, "platforms": [...]}.
The root is kept and followed; older, expired, swapped or unsigned feeds are refused, and the feed in use stays.
Registries are asked with the logins of \`docker login\` and \`podman login\`.

Example:
  scapfeed pull --from https://feeds.example/public --trust-root root.json --platform debian-12
`,
  options: {
    from: { type: 'string', multiple: true },
    'trust-root': { type: 'string' },
    platform: { type: 'string', multiple: true },
    oval: { type: 'boolean' },
    out: { type: 'string' },
    'max-age': { type: 'string' },
    ...registryOptions,
    output: { type: 'string', short: 'o', multiple: true },
  },
  positionals: { min: 0, max: 0 },
  run,
};

async function run({ values }: Arguments, terminal: Terminal): Promise<number> {
  const outputs = outputChoices(pull, values['output'] as string[] | undefined, ['table', 'json']);
  const config = readConfig(terminal.env);
  const from = (values['from'] as string[] | undefined) ?? config.from;
  if (!from?.length)
    throw usage(
      pull,
      'nothing says where to pull from',
      'name a URL, oci://HOST/NAME, folder or bundle with --from',
    );
  const maxAge = allowedAge(values, from);
  const root = (values['trust-root'] as string | undefined) ?? config.trustRoot;
  const platforms = (values['platform'] as string[] | undefined) ?? config.platforms;
  const outcome = await pullFeed({
    from,
    out: (values['out'] as string | undefined) ?? pulledFeed(terminal.env),
    now: currentTime(),
    oval: values['oval'] === true,
    ...registryAccess(values, terminal.env),
    progress: terminal.progress,
    ...(root === undefined ? {} : { pinned: readRoot(root) }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(maxAge === undefined ? {} : { maxAge }),
  });
  for (const reason of outcome.passed) terminal.err(`passed over a mirror: ${reason}\n`);
  writeOutputs(terminal, outputs, (format) =>
    format === 'json' ? `${JSON.stringify(outcome, undefined, 2)}\n` : summary(outcome),
  );
  return 0;
}

function summary({ directory, from, signed, platforms, removed, requests, bytes }: PullOutcome): string {
  const rows = platforms.map(({ id, how, updated }) => [id, updated.slice(0, 10), how]);
  return [
    `feed in ${directory}, from ${from}, signed ${signed}\n\n`,
    textTable(['PLATFORM', 'DATA OF', 'CAME'], rows),
    removed.length > 0 ? `no longer here: ${removed.join(', ')}\n` : '',
    `\n${plural(requests, 'request')}, ${bytes.toLocaleString('en-US')} bytes\n`,
  ].join('');
}

/** Of a server the publisher decides: without expiry it could keep a client on an old feed for ever. */
function allowedAge(values: OptionValues, from: readonly string[]): number | undefined {
  const text = values['max-age'] as string | undefined;
  if (text === undefined) return undefined;
  if (from.some((place) => /^(https?|oci):\/\//.test(place))) {
    throw usage(pull, '--max-age is for folders and bundles', 'leave it out for a server');
  }
  return duration(text);
}

interface PullConfig {
  from?: string[];
  trustRoot?: string;
  platforms?: string[];
}

function readConfig(env: Terminal['env']): PullConfig {
  const file = join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'scapfeed', 'pull.json');
  if (!existsSync(file)) return {};
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'expected JSON',
      where: file,
      remedy: 'mend or remove it',
      cause,
    });
  }
  requireShape('pull-config', config, file);
  return config as PullConfig;
}

function readRoot(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'TRUST_ROOT_MISSING',
      message: 'the trust root cannot be read',
      where: file,
      remedy: "name the publisher's root.json with --trust-root",
      cause,
    });
  }
}
