import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { debianRelease, project, rootWith, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const packages = 20_000;
let root: string;

beforeAll(() => {
  const status = Array.from({ length: packages }, (_, at) => stanza(`package-${at}`, `1.${at}-1`)).join('');
  root = rootWith({ 'etc/os-release': debianRelease('12', 'bookworm'), 'var/lib/dpkg/status': status });
});

/** Runs the command that follows with a stdout that refuses bytes for which it has no room. */
const nonBlocking = `perl -e 'use Fcntl; fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK) or die; exec @ARGV'`;

/** The command's output as a shell hands it on, and the command's own exit code. */
function shell(redirection: string, prefix = ''): { out: string; err: string; code: number } {
  const cli = join(project, 'dist/cli.cjs');
  const command = `${prefix} "${process.execPath}" "${cli}" inventory "dir:${root}" -o json ${redirection}`;
  const script = `${command}; echo "\${PIPESTATUS[0]}" >&2`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    // Without the variables of the tests themselves, of which the command would say that it knows none.
    env: { PATH: process.env['PATH'], HOME: temporaryFolder(), TZ: 'UTC' },
  });
  const lines = stderr.trimEnd().split('\n');
  return { out: stdout, code: Number(lines.pop()), err: lines.join('\n') };
}

describe('a result much larger than a pipe', () => {
  it('reaches a reader that comes late, whole', () => {
    const { out, code } = shell('| (sleep 0.3; cat)');
    expect(code).toBe(0);
    expect(JSON.parse(out).packages).toHaveLength(packages);
  });

  it('reaches the reader of a non-blocking pipe, whole', () => {
    const { out, code } = shell('| (sleep 0.3; cat)', nonBlocking);
    expect(code).toBe(0);
    expect(JSON.parse(out).packages).toHaveLength(packages);
  });

  it('ends quietly when the reader goes away', () => {
    const { out, err, code } = shell('| head -c 10');
    expect({ bytes: out.length, err, code }).toEqual({ bytes: 10, err: '', code: 0 });
  });

  it('says so when the disk behind stdout is full', () => {
    const { err, code } = shell('> /dev/full');
    expect(code).toBe(2);
    expect(err).toContain('the result cannot be written [OUTPUT_NOT_WRITABLE]');
  });
});
