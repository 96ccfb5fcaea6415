import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { project } from '../support/cli.ts';
import { hasOracle, hasSecurityGuide } from '../support/oracles.ts';
import { pattern, transcripts } from '../support/transcripts.ts';
import { type Machine, newMachine } from './support/machine.ts';

/** npm's way to its registry is the machine's affair, not the person's. */
const npm = Object.fromEntries(
  Object.entries({ NPM_CONFIG_USERCONFIG: join(homedir(), '.npmrc'), ...process.env }).filter(
    (entry): entry is [string, string] =>
      /^(?:npm_config_(?:userconfig|globalconfig|registry|cafile)|NODE_EXTRA_CA_CERTS)$/i.test(entry[0]),
  ),
);

/** A stranger with a fresh clone, who types what the README and the tour show, from top to bottom. */
describe.skipIf(!(hasOracle('jq', 'oscap') && hasSecurityGuide()))('the README', () => {
  let stranger: Machine;
  beforeAll(() => {
    stranger = newMachine();
    stranger.does(`git clone --quiet --no-hardlinks ${project} scapfeed`);
  });

  it('npm ci && npm run demo, with nothing on the screen that asks for an explanation', () => {
    const { code, out, err } = stranger.run('cd scapfeed && npm ci && npm run demo', npm);
    expect(code, err + out).toBe(0);
    expect(err + out).not.toMatch(/warn|deprecated|EBADENGINE/i);
  });

  it.each([...transcripts('README.md'), ...transcripts('docs/tour.md')])('$command', ({ command, shown }) => {
    // At a terminal, the steps of a pull are gone when it has ended.
    const { out, err } = stranger.run(`cd scapfeed && ${command}`, { SCAPFEED_PULL_QUIET: '1' });
    const printed = `${out}${err}`.replace(/\n*$/, '\n');
    expect(printed).toMatch(pattern([...shown].join('\n').trimEnd().split('\n')));
  });
});
