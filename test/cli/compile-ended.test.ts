import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { vendorOval } from '../comply/support/vendor-oval.ts';
import { project } from '../support/cli.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'compile that is ended by %s leaves the old file and nothing beside it',
  async (signal) => {
    const folder = temporaryFolder('compile-ended');
    const source = join(temporaryFolder('compile-source'), 'large.xml');
    const flaws = Array.from({ length: 12_000 }, (_, at) => ({
      number: 1000 + at,
      package: `p${at % 900}`,
      below: `0:1.${at % 70}-1`,
    }));
    writeFileSync(source, vendorOval(flaws));
    const target = join(folder, 'out.jsonl');
    writeFileSync(target, 'old');

    const child = spawn(process.execPath, [join(project, 'dist/cli.cjs'), 'compile', source, '-o', target], {
      env: { PATH: process.env['PATH'], HOME: noHome() },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
    while (readdirSync(folder).length < 2) await pause(2);
    child.kill(signal);

    expect(await ended).toBe(signal);
    expect(readdirSync(folder)).toEqual(['out.jsonl']);
    expect(readFileSync(target, 'utf8')).toBe('old');
  },
);
