import { spawn } from 'node:child_process';
import { noHome } from './temporary.ts';

/** Milliseconds for one run, on a busy machine too. */
const patience = 60_000;

export interface TerminalRun {
  /** The screen's content, with its codes. */
  screen: string;
  code: number | null;
}

/**
 * Runs a shell command on a pseudo-terminal of util-linux. Once the screen ends in `prompt`, one key is typed each 200 ms, the last
 * one until the command ends: programs drop what was typed before an interrupt.
 */
export function onTerminal(
  command: string,
  { columns = 80, rows = 24, ...env }: Record<string, string | number> = {},
  { prompt, keys }: { prompt?: RegExp; keys: string[] } = { keys: [] },
): Promise<TerminalRun> {
  const sized = `stty cols ${columns} rows ${rows}; exec ${command}`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', sized, '/dev/null'], {
    env: { PATH: process.env['PATH'], HOME: noHome(), TERM: 'xterm', SHELL: '/bin/sh', ...env },
  });
  return new Promise((resolve, reject) => {
    let screen = '';
    let typing: NodeJS.Timeout | undefined;
    const type = () => child.stdin.write(keys.length > 1 ? keys.shift()! : keys[0]!);
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      screen += text;
      if (prompt?.test(screen)) typing ??= setInterval(type, 200);
    });
    const late = setTimeout(() => child.kill(), patience);
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(late);
      clearInterval(typing);
      resolve({ screen: screen.replaceAll('\r\n', '\n'), code });
    });
  });
}
