import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import { parseApkVersion } from '../../../src/packaging/apk/version.ts';
import { verifyFiles } from '../../../src/verify/index.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { memoryView } from '../../support/memory-view.ts';

const folder = dataPath('vendors', 'alpine', 'apkdb');
const whole = {
  'choc1024+vaultwarden-extracted-bin/lib/apk/db/installed': 26,
  'hizlbuzz+alpine-minirootfs-v3.14/lib/apk/db/installed': 26,
  'anchore+syft/syft/pkg/cataloger/alpine/testdata/multiple-2/lib/apk/db/installed': 14,
};

describe.skipIf(!hasData('vendors', 'alpine', 'apkdb'))('real databases of apk', () => {
  const viewOf = (path: string) => memoryView({ '/lib/apk/db/installed': readFileSync(join(folder, path)) });

  it.each(Object.entries(whole))('%s', (path, count) => {
    const { packages, databases } = readInventory(viewOf(path));
    expect(databases).toMatchObject([{ kind: 'apk', packages: count }]);
    expect(databases[0]!.incomplete).toBeUndefined();
    expect(packages.filter(({ version }) => !parseApkVersion(version))).toEqual([]);
    expect(packages.every(({ source }) => source.name !== '')).toBe(true);
  });

  it('their files are all read: nothing stands there, so all are missing', () => {
    for (const path of Object.keys(whole)) {
      const files = viewOf(path);
      const named = readFileSync(join(folder, path), 'utf8').match(/^R:/gm)?.length ?? 0;
      const { deviations, counts, uncovered } = verifyFiles(
        { files, inventory: readInventory(files), live: false },
        { allowed: () => false },
      );
      const { config, documentation, undescribed } = counts.absent;
      expect(deviations.length + config + documentation + undescribed, path).toBe(named);
      expect(uncovered).toEqual([]);
    }
  });

  it('every other one is read, incomplete, or refused with a place', () => {
    const found = filesBelow(folder).filter((path) => /db\/installed$|testdata\/\w+$/.test(path));
    expect(found.length).toBeGreaterThan(12);
    for (const path of found) {
      try {
        readInventory(viewOf(relative(folder, path)));
      } catch (error) {
        expect(error, path).toMatchObject({
          code: 'PACKAGE_DATABASE_UNREADABLE',
          where: expect.stringMatching(/installed line \d+/),
        });
      }
    }
  });
});

function filesBelow(at: string): string[] {
  return readdirSync(at).flatMap((name) => {
    const path = join(at, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
