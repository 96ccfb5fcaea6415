import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../src/report/columns.ts';
import { project, scapfeed as quietly } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { onTerminal } from '../support/pseudo-terminal.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** With its steps, which other tests do not ask for. */
const scapfeed = (args: readonly string[], env: Record<string, string> = {}, cwd?: string) =>
  quietly(args, { SCAPFEED_BUILD_QUIET: '', ...env }, cwd);

const cli = `"${process.execPath}" "${join(project, 'dist/cli.cjs')}"`;
const folder = temporaryFolder('progress');
const building = (name: string) => [
  ...[
    'build',
    '--source',
    'debian',
    '--no-ratings',
    '--platform',
    'debian-12',
    '--mirror',
    'sample:',
    '--unsigned-mirror',
  ],
  ...['--snapshots', join(folder, 'snapshots'), '--out', join(folder, name)],
];

interface LogLine {
  time: string;
  level: string;
  message: string;
  code?: string;
}

function logOf(err: string): LogLine[] {
  const lines = err.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as LogLine);
}

describe.skipIf(!hasOracle('script'))('on a terminal', () => {
  const build = (name: string, ...options: string[]) => `${cli} ${[...building(name), ...options].join(' ')}`;

  it('a build shows its steps in one line, without colour, and nothing of it stays', async () => {
    const { screen, code } = await onTerminal(build('seen', '--no-pager'), { columns: 40, NO_COLOR: '1' });
    expect(code).toBe(0);
    expect(screen).toContain('reading Debian Security Tracker');
    expect(screen).toMatch(/fetching debian-tracker {2}[\d.]+/);
    const [progress = '', result = ''] = screen.split(/(?=feed in\s)/);
    const drawn = progress.split(/\r\x1b\[K/);
    expect(drawn.length).toBeGreaterThan(5);
    expect(drawn.filter((line) => columnsOf(line) >= 40)).toEqual([]);
    expect(drawn.at(-1)).toBe('');
    expect(JSON.stringify(progress)).not.toMatch(/\\n|\\u001b\[\d*m/);
    expect(result).not.toContain('\r');
  });

  it.each([{ TERM: 'dumb' }, { CI: 'true' }])(
    'a line for each step where nothing can be redrawn: %o',
    async (env) => {
      const { screen } = await onTerminal(build(`plain-${Object.keys(env)[0]}`), env);
      expect(screen).not.toContain('\r');
      expect(screen).toContain('\nwriting the index\n');
    },
  );

  it('--quiet shows the result alone, and --log lines without a picture', async () => {
    expect((await onTerminal(build('quiet', '--quiet'))).screen).toMatch(/^feed in\s/);
    const { screen } = await onTerminal(
      build('logged', '--log', 'text', '-o', `json=${join(folder, 'l.json')}`),
    );
    expect(screen).not.toContain('\r');
    for (const line of screen.trimEnd().split('\n'))
      expect(line).toMatch(/^\d{4}-[\d:T.-]+Z (info |warn ) ./);
  });
});

describe('without a terminal', () => {
  it('a build writes a line for each step, once', () => {
    const { err, code } = scapfeed(building('lines'));
    expect(code).toBe(0);
    const lines = err.trimEnd().split('\n');
    expect(lines).toContain('fetching debian-tracker');
    expect(lines).toContain('reading Debian Security Tracker');
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('a scan says nothing of its steps', () => {
    scapfeed(building('scanned'));
    mkdirSync(join(folder, 'root/etc'), { recursive: true });
    writeFileSync(join(folder, 'root/etc/os-release'), 'ID=debian\nVERSION_ID="12"\n');
    const scan = ['scan', join(folder, 'root'), '--feed', join(folder, 'scanned'), '--max-age', '0'];
    expect(scapfeed(scan).err).not.toContain('reading');
    const log = logOf(scapfeed([...scan, '--log', 'json']).err);
    expect(log.map(({ level, code }) => [level, code])).toEqual([
      ['info', undefined],
      ['error', 'PACKAGE_DATABASE_MISSING'],
    ]);
  });

  it('--log json is JSON to its last line, errors and wrong use too', () => {
    const good = logOf(scapfeed([...building('json'), '--log', 'json']).err);
    expect(good.every(({ time, level }) => level === 'info' && new Date(time).toISOString() === time)).toBe(
      true,
    );
    expect(logOf(scapfeed(['feeds', '--feed', folder, '--log', 'json']).err)[0]).toMatchObject({
      code: 'FEED_MISSING',
    });
    expect(logOf(scapfeed(['feeds', '--fed', '--log=json']).err)[0]).toMatchObject({
      level: 'error',
      code: 'USAGE',
    });
    expect(logOf(scapfeed(['feeds', '--feed', folder], { SCAPFEED_LOG: 'json' }).err)).toHaveLength(1);
  });

  it('a name from outside is no line of its own, nor what steers a terminal or a CI runner', () => {
    const name = join(folder, 'a\n::error::b\u009b31m##vso[c');
    const { err } = scapfeed(['feeds', '--feed', name, '--log', 'json']);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).not.toMatch(/\u009b|##vso/);
    expect(logOf(err)[0]).toMatchObject({ where: name });
    const text = scapfeed(['feeds', '--feed', name, '--log', 'text']).err;
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(text).not.toMatch(/\u009b|##vso/);
  });

  it('--log-level leaves out what is less important', () => {
    const made = ['-o', `json=${join(folder, 'made.json')}`];
    expect(scapfeed([...building('warn'), ...made, '--log-level', 'warn']).err).toBe('');
    expect(scapfeed([...building('warn'), ...made, '--quiet']).err).toBe('');
    expect(scapfeed(['feeds', '--feed', folder, '--quiet']).err).toContain('[FEED_MISSING]');
    expect(scapfeed([...building('warn'), ...made, '--quiet', '--log-level', 'error']).err).toBe('');
  });
});

describe('what a run took', () => {
  interface Result {
    usage: { seconds: number; peakMemory: number; steps: { step: string; seconds: number }[] };
  }

  it('is a key of its own in the JSON of a build, and in no file of the feed', () => {
    const results = ['once', 'twice'].map((name) => {
      const { out, code } = scapfeed([...building(name), '-o', 'json=-', '--quiet']);
      expect(code).toBe(0);
      return JSON.parse(out) as Result;
    });
    const [first, second] = results.map(({ usage: _, ...rest }) => rest);
    expect(second).toEqual(first);
    const { usage } = results[0]!;
    expect(usage.seconds).toBeGreaterThan(0);
    expect(usage.peakMemory).toBeGreaterThan(20e6);
    expect(usage.steps.map(({ step }) => step)).toContain('reading Debian Security Tracker');
    const manifests = ['once', 'twice'].map((name) =>
      readFileSync(join(folder, name, 'manifest.json'), 'utf8'),
    );
    expect(manifests[1]).toBe(manifests[0]);
    expect(manifests[0]).not.toContain('peakMemory');
  });

  it('is in the JSON of export, publish and pull', () => {
    scapfeed(building('source'));
    const env = {
      SCAPFEED_PASSPHRASE: 'a long phrase for a test',
      SCAPFEED_QUIET: '1',
      SCAPFEED_OUTPUT: 'json',
    };
    const at = (name: string) => join(folder, name);
    scapfeed(['keys', 'make', '--keys', at('keys')], env);
    for (const args of [
      ['export', '--feed', at('source'), '--to', 'grype', '--out', at('exports')],
      ['publish', '--feed', at('source'), '--keys', at('keys'), '--to', at('public')],
      ['pull', '--from', at('public'), '--trust-root', at('keys/1.root.json'), '--out', at('pulled')],
    ]) {
      const { out, err, code } = scapfeed(args, env);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const { usage } = JSON.parse(out) as Result;
      expect(usage.steps.length, args[0]).toBeGreaterThan(0);
    }
  });
});

it('who has no feed is told how to use a published one, and how to build one', () => {
  const { err, code } = scapfeed(['scan', 'dir:/'], {}, folder);
  expect(code).toBe(3);
  expect(err).toMatch(
    /next: use a published one: `scapfeed config set feed https:.*`; or build one.*`scapfeed build`/,
  );
});
