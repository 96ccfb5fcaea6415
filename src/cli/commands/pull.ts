import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { currentTime } from '../../io/clock.ts';
import { dataDay } from '../../model/data-date.ts';
import type { Environment } from '../../model/environment.ts';
import { isFeedAddress } from '../../model/verdict/index.ts';
import { type PulledExport, pullExport } from '../../publish/exports/pull-export.ts';
import { trustFolder } from '../../publish/pull/feed-switch.ts';
import { type PullOutcome, pull as pullFeed } from '../../publish/pull/pull.ts';
import { line } from '../../report/printable.ts';
import { plural, textTable } from '../../report/text-table.ts';
import { usage } from '../../tasks/given-words.ts';
import { pullOptions } from '../../tasks/publish/pull-options.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { dataFolder, pulledFeed } from '../options/feed-choice.ts';
import { knownRoot } from '../options/published-feed.ts';
import { pullConfig, pullPlaces, trustRoot } from '../options/pull-config.ts';
import { registryAccess } from '../options/registry-access.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...pullOptions, output: outputs('pull') };

export const pull = defineCommand({
  name: 'pull',
  operands: [],
  synopsis: '[--from PLACE] [OPTIONS]',
  options,
  isLong: true,
  mainOption: 'from',
  notes: `Settings without an option, variable or config.yaml entry are read from XDG_CONFIG_HOME/scapfeed/pull.json:

  {"from": [...], "trustRoot": FILE, "platforms": [...], "without": [...],
   "content": true}

The root is stored and updated, and the place of the last pull is used where none is given. Older, expired, swapped or unsigned feeds are refused, and the feed in use is kept.
Logins to registries are those of \`docker login\` and \`podman login\`.`,
  examples: ['scapfeed pull --from https://feeds.example/public --trust-root root.json --platform debian-12'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const config = pullConfig(terminal.env);
  const out = given.out ?? pulledFeed(terminal.env);
  const from = pullPlaces('pull', given.from, config.from, out, terminal);
  const maxAge = given['max-age'];
  if (maxAge !== undefined) requireNoServer(from);
  const root = given['trust-root'];
  const platforms = given.platform ?? config.platforms;
  const without = given.without ?? config.without;
  const access = {
    from,
    out,
    now: currentTime(),
    ...registryAccess(given, terminal.env),
    progress: terminal.progress,
    ...pinnedRoot(root ?? config.trustRoot, from, out, terminal.env),
    ...(maxAge === undefined ? {} : { maxAge }),
  };
  if (given.export !== undefined || given.into !== undefined) {
    const { export: target, into } = given;
    if (target === undefined || into === undefined)
      throw usage(
        'pull',
        '--export and --into need each other',
        "write --export TARGET --into the scanner's folder",
      );
    const pulled = await pullExport({ ...access, target, into });
    await writeOutputs(terminal, given.output, {
      json: () => json({ ...pulled, usage: terminal.measure() }),
      table: () => exportSummary(pulled, into),
    });
    return 0;
  }
  const outcome = await pullFeed({
    ...access,
    oval: given.oval,
    content: given.content || config.content === true,
    trust: given.trust,
    ...(platforms === undefined ? {} : { platforms }),
    ...(without === undefined ? {} : { without }),
  });
  for (const reason of outcome.passed) terminal.err(`skipped a mirror: ${reason}\n`);
  if (outcome.newerDeltas.length > 0) terminal.err(newerDeltas(outcome));
  await writeOutputs(terminal, given.output, {
    json: () => json({ ...outcome, usage: terminal.measure() }),
    table: () => summary(outcome),
  });
  return 0;
}

/** A first pull trusts the root by which this user reads the feed at its address already. */
function pinnedRoot(
  file: string | undefined,
  [first]: readonly string[],
  out: string,
  env: Environment,
): { pinned?: Buffer } {
  if (file !== undefined) return { pinned: trustRoot(file) };
  const isFirst = !existsSync(join(trustFolder(out), 'root.json'));
  const known = isFirst && first !== undefined && isFeedAddress(first) && knownRoot(first, dataFolder(env));
  return known ? { pinned: known } : {};
}

function exportSummary({ target, from, signed, files }: PulledExport, into: string): string {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return line(
    `${target}: ${plural(files.length, 'file')}, ${bytes.toLocaleString('en-US')} bytes in ${into}, from ${from}, signed ${signed}`,
  );
}

function newerDeltas({ newerDeltas: parts }: PullOutcome): string {
  return line(
    `deltas of a form that this scapfeed does not read: ${parts.join(', ')} came whole; a newer version pulls less`,
  );
}

function summary(outcome: PullOutcome): string {
  const { directory, from, signed, platforms, assessments, trust, removed, requests, bytes } = outcome;
  const rows = [...platforms, ...assessments].map(({ id, how, updated }) => [id, dataDay(updated), how]);
  return [
    `feed in ${directory}, from ${from}, signed ${signed}\n\n`,
    textTable(['PLATFORM', 'DATA OF', 'CAME'], rows),
    trust.length > 0 ? `for signatures of images: ${trust.map((name) => `feed:${name}`).join(', ')}\n` : '',
    removed.length > 0 ? `no longer here: ${removed.join(', ')}\n` : '',
    `\n${plural(requests, 'request')}, ${bytes.toLocaleString('en-US')} bytes\n`,
  ].join('');
}

/** On a server the publisher decides: without expiry, it could keep a client on an old feed for ever. */
function requireNoServer(from: readonly string[]): void {
  if (from.some((place) => /^(https?|oci):\/\//.test(place))) {
    throw usage('pull', '--max-age is for folders and bundles', 'leave it out for a server');
  }
}
