import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import { compareAlpm } from '../../../src/packaging/alpm/version.ts';
import { dirView } from '../../support/dir-view.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { share } from '../../support/trials.ts';
import { samplePairs } from '../arbitraries.ts';
import { pacmanEntry, pacmanMarker } from './entry.ts';

const part = fc
  .array(fc.constantFrom('.', '_', '+', '~', '..', '0', '00', '1', '2', '10', 'a', 'b', 'rc', 'Z', '2024'), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''));
const version = fc
  .tuple(
    fc.constantFrom('', '', '', '0:', '1:', '12:'),
    part,
    fc.constantFrom('', '-1', '-1', '-2', '-1.1', '-10'),
  )
  .map((parts) => parts.join(''));

describe.skipIf(!hasOracle('vercmp'))('vercmp', () => {
  it('agrees on a share of 6000 generated pairs', () => {
    const pairs = share(samplePairs(version, 6000), 400);
    const input = pairs.map(([a, b]) => `${a} ${b}\n`).join('');
    const output = execFileSync('sh', ['-c', 'while read -r a b; do vercmp "$a" "$b"; done'], { input });
    const orders = output.toString().trim().split('\n').map(Number);
    expect(orders).toHaveLength(pairs.length);
    expect(pairs.flatMap(([a, b], at) => (compareAlpm(a, b) === orders[at] ? [] : [[a, b]]))).toEqual([]);
  });
});

describe.skipIf(!hasOracle('pacman'))('pacman -Q', () => {
  it('lists the packages that the inventory lists, and by its folder one without a description, which makes this one incomplete', () => {
    const root = temporaryFolder('root');
    const local = join(root, 'var/lib/pacman/local');
    const files: Record<string, string> = {
      ...pacmanMarker,
      ...pacmanEntry('zlib', '1:1.3.1-2'),
      ...pacmanEntry('gcc-libs', '14.2.1+r753-1', { BASE: 'gcc' }),
      ...pacmanEntry('lib32-x', '1.0rc1-0.1', { ARCH: 'any', DESC: 'text\n%VERSION%\n9-9' }),
      '/var/lib/pacman/local/lost-1-1/files': '%FILES%\n\n',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const args = ['-Q', '--root', root, '--dbpath', dirname(local), '--config', '/dev/null'];
    const { stdout } = spawnSync('pacman', args, { encoding: 'utf8' });
    const { packages, databases } = readInventory(dirView(root));
    const listed = packages.map((pkg) => `${pkg.name} ${pkg.version}`);
    expect([...listed, 'lost 1-1'].sort()).toEqual(stdout.trim().split('\n').sort());
    expect(databases).toMatchObject([{ packages: 3, incomplete: true }]);
  });
});
