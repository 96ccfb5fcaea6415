import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasOracle } from '../support/oracles.ts';

const folder = resolve(import.meta.dirname, '../../examples/systemd');

describe.skipIf(!hasOracle('systemd-analyze'))('systemd', () => {
  it.each(['scapfeed-pull.service', 'scapfeed-pull.timer'])('takes %s', (unit) => {
    const { status, stderr, stdout } = spawnSync('systemd-analyze', ['verify', join(folder, unit)], {
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`).not.toContain('scapfeed');
    expect(status).toBe(0);
  });
});
