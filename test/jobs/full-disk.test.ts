import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasData } from '../support/data.ts';
import { isRoot } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { realMirror } from './support/real-mirror.ts';
import { variants } from './support/share.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };

/** Sizes in MB at which a night of three vendors, 394 MB of feed, runs out of room in another step each. */
const sizes = variants([60, 1, 380, 200, 8], 2);

describe.skipIf(!(hasData('mirror') && isRoot()))('a disk that fills', () => {
  let operator: Machine;
  let disk: string;
  let mirror: string;

  const grow = (size: string) => execFileSync('mount', ['-o', `remount,size=${size}`, disk]);

  beforeAll(() => {
    operator = newMachine();
    mirror = realMirror();
    disk = join(operator.home, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2g', 'tmpfs', disk]);
    operator.does(
      `scapfeed build --unsigned-mirror --mirror ${mirror} --source debian --no-ratings --no-ratings --snapshots snapshots --out disk/feed`,
    );
    operator.does('scapfeed keys make', passphrase);
    operator.does('scapfeed publish --feed disk/feed --to disk/public --encode gz', passphrase);
    operator.does(
      'scapfeed pull --from disk/public --trust-root disk/public/metadata/1.root.json --out disk/pulled',
    );
    operator.does('cp -rL disk good');
  });
  afterAll(() => {
    execFileSync('umount', [disk]);
  });

  const usedMb = () => Number(operator.does('df --output=used -m disk | tail -1'));

  it.each(sizes)('with %d MB to spare: each step is refused with 3, what was good stays', (spare) => {
    grow(`${usedMb() + spare}m`);
    for (const [step, env] of [
      [
        `scapfeed build --source debian,redhat,ubuntu --no-ratings --unsigned-mirror --mirror ${mirror} --snapshots disk/snapshots --out disk/feed`,
        {},
      ],
      [
        'scapfeed keys make --keys disk/keys && dd if=/dev/zero of=disk/full 2>/dev/null; scapfeed keys make --keys disk/more',
        passphrase,
      ],
    ] as const) {
      const { code, err } = operator.run(step, env);
      if (code !== 0) {
        expect([code, err]).toEqual([3, expect.stringMatching(/no space|full/i)]);
        expect(err).not.toContain('INTERNAL');
      }
      operator.does('rm -rf disk/full disk/keys disk/more disk/snapshots');
    }
    grow('2g');
    for (const place of ['public', 'pulled']) operator.does(`diff -r good/${place} disk/${place}`);
    operator.does('scapfeed validate disk/feed');
    operator.does('rm -rf disk/feed && cp -rL good/feed disk/feed');
  });
});
