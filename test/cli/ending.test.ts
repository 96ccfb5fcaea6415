import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
const image = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('a', '1'),
});

/** Arguments with which a command gets to work. */
const argumentsOf: Record<string, string[]> = {
  build: ['--offline', '--snapshots', join(folder, 'none'), '--out', join(folder, 'out')],
  feeds: ['--feed', feed],
  inventory: [image],
  help: ['scan'],
  completion: ['bash'],
  config: ['scan'],
  scan: [image, '--feed', feed, '--max-age', '0'],
  explain: [image, 'CVE-2024-0001', 'a', '--feed', feed, '--max-age', '0'],
  validate: [feed],
  policy: ['check', join(folder, 'none.yaml')],
  check: [image, '--profile', 'none', '--feed', feed],
  profiles: ['--feed', feed],
  eval: [image, '--content', join(folder, 'content.xml')],
  info: [join(folder, 'content.xml')],
  guide: [join(folder, 'content.xml'), '--profile', 'none'],
  report: [join(folder, 'results.xml')],
  keys: ['list', '--keys', join(folder, 'keys')],
  compare: [image, '--trivy', join(folder, 'trivy.json'), '--feed', feed, '--max-age', '0'],
  export: ['--feed', feed, '--to', 'trivy', '--out', join(folder, 'exports')],
  publish: ['--feed', feed, '--keys', join(folder, 'keys'), '--to', join(folder, 'public')],
  pull: ['--from', join(folder, 'public'), '--out', join(folder, 'pulled')],
  verify: [image],
  signed: [image, '--key', join(folder, 'none.pub')],
  compile: [join(folder, 'content.xml')],
  comply: [image, '--content', join(folder, 'content.xml')],
  fix: ['--content', join(folder, 'content.xml')],
  tailor: ['--content', join(folder, 'content.xml'), '--list'],
  bundle: ['--from', join(folder, 'public'), '--out', join(folder, 'bundle')],
  diff: [feed, feed],
  snapshots: ['--snapshots', join(folder, 'none')],
  fleet: ['list', '--database', '/dev/null/fleet'],
};

/** Commands as they are called. */
const inUse = Object.fromEntries(
  Object.entries(argumentsOf).map(([name, given]) => [name, [name, ...given]]),
);

/** Runs a command beside code that Node loads first. */
function runBeside(code: string, args: readonly string[]) {
  const file = join(temporaryFolder(), 'beside.cjs');
  writeFileSync(file, code);
  return scapfeed(args, { NODE_OPTIONS: `--require ${file}` });
}

const uncaught = `process.nextTick(() => { throw new Error('an accident'); });`;

const otherAccidents: [string, string][] = [
  ['a rejection that nobody catches', `Promise.reject(new Error('an accident'));`],
  [
    'an emitter whose error nobody hears',
    `const { EventEmitter } = require('node:events');
     process.nextTick(() => new EventEmitter().emit('error', new Error('an accident')));`,
  ],
  ['something thrown that is no error', `process.nextTick(() => { throw 'an accident'; });`],
];

const report = /^scapfeed: internal error; .*\[INTERNAL\]\n(.*\n)*.*an accident/;

describe.each(commands.map(({ name }) => name))('%s', (name) => {
  it('is known to this test', () => {
    expect(inUse[name]).toBeDefined();
  });

  it('an error that nobody catches is no finding: exit code 2 and a report', () => {
    const { code, err } = runBeside(uncaught, inUse[name]!);

    expect(err).toMatch(report);
    expect(code).toBe(2);
  });

  it('whatever it is given, it says what became of it', () => {
    const { code, out, err } = scapfeed(inUse[name]!);

    expect([0, 2, 3, 4]).toContain(code);
    if (code === 0) expect(out + err).not.toBe('');
    else expect(err).toMatch(/^(scapfeed: .* \[[A-Z_]+\]|not covered: .*)$/m);
  });
});

describe('a result that has nowhere to go', () => {
  const names = commands.map(({ name }) => name);
  /** Exit code and messages of a command with this redirection of a shell. */
  const redirected = (name: string, redirection: string) => {
    const command = [process.execPath, join(project, 'dist/cli.cjs'), ...inUse[name]!];
    const env = { PATH: process.env['PATH'], HOME: noHome() };
    const { status, stderr } = spawnSync('sh', ['-c', `"$@" ${redirection}`, 'sh', ...command], {
      cwd: project,
      encoding: 'utf8',
      env,
    });
    return { code: status, err: stderr };
  };

  it.each(names)('%s: a full disk behind stdout is exit code 2 and a message', (name) => {
    const { code, out } = scapfeed(inUse[name]!);
    const full = redirected(name, '> /dev/full');

    if (out === '') expect(full.code).toBe(code);
    else expect(full).toMatchObject({ code: 2, err: expect.stringContaining('[OUTPUT_NOT_WRITABLE]') });
    expect(full.err).not.toMatch(/^ +at .*:\d+/m);
  });

  // Node opens /dev/null in the place of a closed descriptor, before any code of ours runs.
  it.each(['scan', 'inventory', 'feeds'])('%s: a closed stdout is as good as /dev/null', (name) => {
    const discarded = redirected(name, '> /dev/null');
    expect(redirected(name, '>&-')).toEqual(discarded);
    expect(redirected(name, '<&- >&- 2>&-').code).toBe(discarded.code);
  });
});

it.each(otherAccidents)('%s is no finding: exit code 2 and a report', (_, code) => {
  const { code: status, err } = runBeside(code, ['validate', feed]);

  expect(err).toMatch(report);
  expect(status).toBe(2);
});

describe('a command whose code never comes', () => {
  const waits = `
    const { Script } = require('node:vm');
    const { runInThisContext } = Script.prototype;
    Script.prototype.runInThisContext = function (...args) {
      const main = runInThisContext.apply(this, args);
      return (...given) => main(...given.slice(0, -1), () => new Promise(() => undefined));
    };`;
  const heavy = commands
    .filter(({ bundle }) => bundle !== 'start' && bundle !== 'own_start')
    .map(({ name }) => name);

  it.each(heavy)('%s: an event loop that runs empty is no all-clear', (name) => {
    const { code, err } = runBeside(waits, inUse[name]!);

    expect(err).toMatch(/internal error.*\[INTERNAL\]\n.*ended before there was a result/);
    expect(code).toBe(2);
  });
});

describe('an image on stdin that never comes', () => {
  const silent = `
    const never = { next: () => new Promise(() => undefined), return: async () => ({ done: true }) };
    Object.defineProperty(process, 'stdin', { get: () => ({ [Symbol.asyncIterator]: () => never }) });`;

  it.each(['scan', 'inventory', 'verify'])('%s: an event loop that runs empty is no all-clear', (name) => {
    const options = argumentsOf[name]!.slice(1);
    const { code, err } = runBeside(silent, [name, '-', ...options]);

    expect(err).toMatch(/internal error.*\[INTERNAL\]\n.*ended before there was a result/);
    expect(code).toBe(2);
  });
});

it('a feed that is found damaged while a report is written is damaged, and not a report that cannot be written', () => {
  const damaged = writeSmallFeed([
    {
      platform: bookworm,
      vulnerabilities: [{ id: 'CVE-2024-0001', title: 'a flaw' }],
      statements: [
        { vulnerability: 'CVE-2024-0001', package: 'a', status: 'affected', fixState: 'none_yet' },
      ],
    },
  ]);
  rmSync(join(damaged, 'index/vulnerabilities.jsonl'));
  const report = join(temporaryFolder(), 'scan.csv');
  const { code, err } = scapfeed(['scan', image, '--feed', damaged, '--max-age', '0', '-o', `csv=${report}`]);
  expect([code, existsSync(report)]).toEqual([3, false]);
  expect(err).toContain('[FEED_CORRUPT]\n  at: index/vulnerabilities.jsonl');
});

it('a reader that goes away does not turn flaws into an all-clear', () => {
  const flawed = writeSmallFeed([
    {
      platform: bookworm,
      statements: Array.from({ length: 3000 }, (_, at) => ({
        vulnerability: `CVE-2024-${10_000 + at}`,
        package: 'a',
        status: 'affected' as const,
        fixState: 'none_yet' as const,
        severity: 'high' as const,
      })),
    },
  ]);
  const command = `"${process.execPath}" "${join(project, 'dist/cli.cjs')}" scan "${image}" --feed "${flawed}" --max-age 0 --fail-on high --allow-unrated`;
  const { stdout } = spawnSync(
    'bash',
    ['-c', `${command} 2>/dev/null | head -c 10 >/dev/null; echo "\${PIPESTATUS[0]}"`],
    { encoding: 'utf8' },
  );

  expect(stdout.trim()).toBe('1');
});
