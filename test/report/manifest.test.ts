import { expect, test } from 'vitest';
import type { InstalledPackage } from '../../src/model/inventory/index.ts';
import { inventoryManifest } from '../../src/report/manifest.ts';

const nodejs: InstalledPackage = {
  type: 'rpm',
  name: 'nodejs',
  version: '1:18.20.2-1.module+el8.9.0+21536+8fdee1fb',
  arch: 'x86_64',
  source: { name: 'nodejs', version: '18.20.2-1.module+el8.9.0+21536+8fdee1fb' },
  module: 'nodejs:18',
  modularityLabel: 'nodejs:18:8090020240415165152:a75119d5',
  vendor: 'Red Hat, Inc.',
  keyId: '199e2f91fd431d51',
  database: '/var/lib/rpm/Packages',
};
const vim: InstalledPackage = {
  type: 'rpm',
  name: 'vim-minimal',
  version: '8.0.1763-19.el8_6.4',
  arch: 'x86_64',
  source: { name: 'vim', version: '8.0.1763-19.el8_6.4' },
  database: '/var/lib/rpm/Packages',
};

test('what dnf has enabled stands before the packages', () => {
  expect(
    inventoryManifest({ packages: [], enabledModules: ['nodejs:18'] }, { id: 'rhel-8', release: '8.9' }),
  ).toBe('#platform rhel-8 8.9\n#module nodejs:18\n');
});

test('a line a package: name, EVR, architecture, source, its EVR, module, key, label, vendor', () => {
  expect(inventoryManifest({ packages: [nodejs, vim] }, { id: 'rhel-8', release: '8.9' })).toBe(
    '#platform rhel-8 8.9\n' +
      'nodejs\t1:18.20.2-1.module+el8.9.0+21536+8fdee1fb\tx86_64\tnodejs\t' +
      '0:18.20.2-1.module+el8.9.0+21536+8fdee1fb\tnodejs:18\t199e2f91fd431d51\t8090020240415165152\tRed_Hat,_Inc.\n' +
      'vim-minimal\t0:8.0.1763-19.el8_6.4\tx86_64\tvim\t0:8.0.1763-19.el8_6.4\t-\t-\t-\t-\n',
  );
});

test('no package, no release', () => {
  expect(inventoryManifest({ packages: [] }, { id: 'debian-12' })).toBe('#platform debian-12 -\n');
});

test('a forged name cannot add fields or lines', () => {
  const text = inventoryManifest({ packages: [{ ...vim, name: 'x\t0:9\n#platform y' }] }, { id: 'rhel-8' });

  expect(text.split('\n')).toHaveLength(3);
  expect(text).toContain('x_0:9_#platform_y\t');
});
