import { lstatSync } from 'node:fs';
import { currentTime } from '../../io/clock.ts';
import { isScapfeedError } from '../../model/error.ts';
import type { RunPull } from '../../model/fleet/index.ts';
import type { runPullOptions } from '../../tasks/fleet/command-options.ts';
import { usage } from '../../tasks/given-words.ts';
import type { registryOptions } from '../../tasks/image/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import type { Terminal } from '../terminal.ts';
import { pulledFeed } from './feed-choice.ts';
import { pullConfig, pullPlaces, trustRoot } from './pull-config.ts';
import { registryAccess } from './registry-access.ts';

type PullChoice = OptionValues<typeof runPullOptions & typeof registryOptions> & { feed: string | undefined };

/** @throws USAGE for options of a pull that do not belong together */
export function requirePullChoice(command: string, given: PullChoice, { env }: Pick<Terminal, 'env'>): void {
  const idle = given.from ? '--from' : given['trust-root'] !== undefined && '--trust-root';
  if (!given.pull && idle) throw usage(command, `${idle} is for a run that pulls`, 'add --pull');
  if (given.pull && (given.feed !== undefined || env['SCAPFEED_FEED']))
    throw usage(command, '--pull updates the feed at its usual place, but another feed is given to judge by');
}

/** Pulls the feed. An error is reported with the run, which then uses the feed in place. */
export async function pullBefore(given: PullChoice, terminal: Terminal): Promise<RunPull | undefined> {
  const { env } = terminal;
  requirePullChoice('fleet run', given, terminal);
  if (!given.pull) return undefined;
  const config = pullConfig(env);
  const out = pulledFeed(env);
  const from = pullPlaces('fleet run', given.from, config.from, out, terminal);
  const root = given['trust-root'] ?? config.trustRoot;
  const pinned = root === undefined ? {} : { pinned: trustRoot(root) };
  const { pull } = await import('../../publish/pull/pull.ts');
  try {
    const outcome = await pull({
      ...{ from, out, now: currentTime(), oval: false, content: config.content === true },
      ...{ ...registryAccess(given, env), progress: terminal.progress, ...pinned },
      ...(config.platforms && { platforms: config.platforms }),
      ...(config.without && { without: config.without }),
    });
    for (const reason of outcome.passed) terminal.err(`skipped a mirror: ${reason}\n`);
    return { from: outcome.from };
  } catch (error) {
    const hasFeed = lstatSync(out, { throwIfNoEntry: false }) !== undefined;
    if (!isScapfeedError(error) || !hasFeed) throw error;
    const { code, message, where } = error;
    return { code, message: where === undefined ? message : `${message} (${where})` };
  }
}
