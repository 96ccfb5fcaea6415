import { expect, it } from 'vitest';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { packagesId, packagesIds, readRosters } from '../../../src/distros/ubuntu/packages.ts';
import { Ledger } from '../../../src/model/feed/index.ts';
import { stored } from './support.ts';

const base = `Package: libssl3
Architecture: amd64
Source: openssl
Version: 3.0.2-0ubuntu1

Package: bsdutils
Source: util-linux (2.37.2-4ubuntu3)
Version: 1:2.37.2-4ubuntu3
Description: not a field
 Version: 9 of a folded line

Package: tar
Version: 1.34+dfsg-1build3
`;

const updates = `Package: libssl3
Source: openssl
Version: 3.0.2-0ubuntu1.20

Package: openssl
Version: 3.0.2-0ubuntu1.20

Package: broken
`;

it('a roster has the newest source version of all pockets and every binary with its own', async () => {
  const others = packagesIds('jammy', ubuntuDefinition.archive).map((id) => [id, Buffer.alloc(0)]);
  const { snapshots, store } = await stored({
    ...Object.fromEntries(others),
    [packagesId('jammy', '', 'main')]: Buffer.from(base),
    [packagesId('jammy', '-updates', 'main')]: Buffer.from(updates),
    'ubuntu-osv': Buffer.from('none of these'),
  });
  const ledger = new Ledger('ubuntu');
  const rosters = await readRosters(snapshots, store, ledger, ubuntuDefinition);
  expect([...rosters.keys()]).toEqual(['ubuntu-22.04']);
  expect(Object.fromEntries(rosters.get('ubuntu-22.04')!)).toEqual({
    openssl: {
      version: '3.0.2-0ubuntu1.20',
      binaries: [
        { name: 'libssl3', version: '3.0.2-0ubuntu1.20' },
        { name: 'openssl', version: '3.0.2-0ubuntu1.20' },
      ],
    },
    'util-linux': {
      version: '2.37.2-4ubuntu3',
      binaries: [{ name: 'bsdutils', version: '1:2.37.2-4ubuntu3' }],
    },
    tar: { version: '1.34+dfsg-1build3', binaries: [{ name: 'tar', version: '1.34+dfsg-1build3' }] },
  });
  expect([ledger.records, ledger.used, ledger.dropped]).toEqual([6, 5, 1]);
});

it('a release whose indexes are not all there has no roster, and it is said', async () => {
  const { snapshots, store } = await stored({ [packagesId('jammy', '', 'main')]: Buffer.from(base) });
  const ledger = new Ledger('ubuntu');
  expect((await readRosters(snapshots, store, ledger, ubuntuDefinition)).size).toBe(0);
  expect(ledger.findings()).toMatchObject([
    {
      reason: 'roster_incomplete',
      dropped: false,
      examples: [{ where: 'jammy', detail: '1 of 12 indexes' }],
    },
  ]);
});
