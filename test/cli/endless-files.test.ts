import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { newEmbedded } from '../support/fleet.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const endless = '/dev/zero';
const root = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('a', '1'),
});
const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
const scan = ['scan', `dir:${root}`, '--feed', feed, '--max-age', '0'];

/** Commands that read a file without an end, with their errors. */
const commands: Record<string, { args: string[]; code: number; error: string; message?: RegExp }> = {
  '--vex': { args: [...scan, '--vex', endless], code: 2, error: 'VEX_INVALID', message: /more than 64 MB/ },
  '--baseline': {
    args: [...scan, '--baseline', endless],
    code: 2,
    error: 'POLICY_INVALID',
    message: /more than 256 MB/,
  },
  '--signed-by': {
    args: [...scan, '--signed-by', endless],
    code: 3,
    error: 'TRUST_ROOT_INVALID',
    message: /more than 64 MB.*\n.*\n {2}next: specify the file that has the keys/,
  },
  '--ca-file': { args: [...scan, '--ca-file', endless], code: 2, error: 'USAGE' },
  'template=': {
    args: [...scan, '-o', `template=${endless}`],
    code: 2,
    error: 'USAGE',
    message: /more than 1 MB/,
  },
  '--variables': {
    args: ['eval', `dir:${root}`, '--content', endless, '--variables', endless],
    code: 3,
    error: 'CONTENT_MISSING',
    message: /more than 64 MB/,
  },
  '--trust-root': {
    args: ['pull', '--from', feed, '--trust-root', endless],
    code: 3,
    error: 'TRUST_ROOT_MISSING',
  },
  '--passphrase-file': {
    args: ['keys', 'make', '--passphrase-file', endless],
    code: 2,
    error: 'KEY_MISSING',
  },
  '--trusted-root': {
    args: [
      ...['signed', `oci:${root}`, '--identity', 'a', '--issuer', 'https://b.example'],
      ...['--trusted-root', endless],
    ],
    code: 3,
    error: 'TRUST_ROOT_INVALID',
    message: /more than 64 MB.*\n.*\n {2}next: specify the file that has the keys/,
  },
  'fleet run --content': {
    args: [
      ...['fleet', 'run', '--database', await newEmbedded(), '--feed', feed, '--max-age', '0'],
      ...['--content', endless, '--profile', 'standard'],
    ],
    code: 3,
    error: 'CONTENT_MISSING',
    message: /more than 64 MB/,
  },
  'tar:': { args: ['scan', `tar:${endless}`, '--feed', feed], code: 2, error: 'IMAGE_MALFORMED' },
};

describe('a file that has no end', { timeout: 120_000 }, () => {
  it.each(Object.entries(commands))(
    'as %s is refused with its place',
    (_, { args, code, error, message }) => {
      const { err, code: ended } = scapfeed(args);
      expect(err).toContain(`[${error}]`);
      expect(err).toMatch(/^ {2}at: (?:tar:)?\/dev\/zero/m);
      if (message) expect(err).toMatch(message);
      expect(err).not.toContain('INTERNAL');
      expect(ended).toBe(code);
    },
  );

  it('on stdin is refused', () => {
    const from = openSync(endless, 'r');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [join(project, 'dist/cli.cjs'), 'scan', '-', '--feed', feed],
      {
        ...{
          stdio: [from, 'pipe', 'pipe'],
          encoding: 'utf8',
          env: { PATH: process.env['PATH'], HOME: temporaryFolder() },
        },
      },
    );
    closeSync(from);
    expect(stdout).toBe('');
    expect(stderr).toContain('at most 1024 MB after the end');
    expect(stderr).toContain('[IMAGE_MALFORMED]');
  });

  it('and a feed whose manifest is a pipe does not wait for one who writes', () => {
    const folder = join(temporaryFolder(), 'feed');
    mkdirSync(folder);
    expect(spawnSync('mkfifo', [join(folder, 'manifest.json')]).status).toBe(0);
    const { err, code } = scapfeed(['scan', `dir:${root}`, '--feed', folder]);
    expect(err).toContain('[FEED_MISSING]');
    expect(code).toBe(3);
  });
});
