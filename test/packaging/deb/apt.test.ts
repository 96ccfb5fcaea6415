import { describe, expect, test } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import { type MemoryLayer, memoryView } from '../../support/memory-view.ts';

function suitesOf(files: MemoryLayer) {
  return readInventory(memoryView(files)).aptSuites;
}

describe('suites that apt is told to use', () => {
  test('one-line and deb822 files, sorted and distinct', () => {
    const suites = suitesOf({
      '/etc/apt/sources.list':
        '# deb http://ftp.debian.org/debian sid main\n' +
        'deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://ftp.debian.org/debian bookworm main # stable\n' +
        'deb-src http://ftp.debian.org/debian experimental main\n',
      '/etc/apt/sources.list.d/debian.sources':
        'Types: deb deb-src\nURIs: http://ftp.debian.org/debian\nSuites: bookworm\n bookworm-updates\nComponents: main\n\n' +
        '# security\nTypes: deb\nURIs: http://security.debian.org/debian-security\nSuites: bookworm-security\n',
      '/etc/apt/sources.list.d/x.list.bak': 'deb http://ftp.debian.org/debian trixie main\n',
    });

    expect(suites).toEqual(['bookworm', 'bookworm-security', 'bookworm-updates']);
  });

  test('what is switched off or only for sources does not count', () => {
    const suites = suitesOf({
      '/etc/apt/sources.list.d/off.sources': 'Enabled: no\nTypes: deb\nURIs: http://x\nSuites: sid\n',
      '/etc/apt/sources.list.d/src.sources': 'Types: deb-src\nURIs: http://x\nSuites: sid\n',
    });

    expect(suites).toBeUndefined();
  });

  test('a file that apt could not read is a note', () => {
    const inventory = readInventory(memoryView({ '/etc/apt/sources.list.d/x.sources': 'Types deb\n' }));

    expect(inventory.aptSuites).toBeUndefined();
    expect(inventory.notes).toMatchObject([
      { code: 'broken_apt_source', where: '/etc/apt/sources.list.d/x.sources line 1' },
    ]);
  });
});

describe('Ubuntu Pro', () => {
  const service = (name: string, status: string) => ({ name, status, entitled: 'yes', available: 'yes' });
  const statusFile = (attached: boolean, ...services: object[]) => ({
    '/var/lib/ubuntu-advantage/status.json': JSON.stringify({ attached, services }),
  });

  test.each<[string, MemoryLayer, { attached: boolean; services: string[] } | undefined]>([
    ['nothing', { '/etc/apt/sources.list': 'deb http://archive.ubuntu.com/ubuntu noble main\n' }, undefined],
    [
      'enabled services of the client',
      statusFile(
        true,
        service('esm-infra', 'enabled'),
        service('esm-apps', 'disabled'),
        service('fips', 'n/a'),
      ),
      { attached: true, services: ['esm-infra'] },
    ],
    ['a client that is not attached', statusFile(false), { attached: false, services: [] }],
    [
      'an esm source',
      {
        '/etc/apt/sources.list.d/ubuntu-esm-infra.list':
          'deb https://esm.ubuntu.com/infra/ubuntu focal-infra-security main\n',
      },
      { attached: false, services: ['esm-infra'] },
    ],
    [
      'a FIPS source',
      {
        '/etc/apt/sources.list.d/ubuntu-fips.list':
          'deb https://esm.ubuntu.com/fips-updates/ubuntu focal main\n',
      },
      { attached: false, services: ['fips-updates'] },
    ],
    [
      'an esm source that is commented out',
      {
        '/etc/apt/sources.list.d/x.list':
          '# deb https://esm.ubuntu.com/infra/ubuntu focal-infra-security main\n',
      },
      undefined,
    ],
    [
      'an esm source in deb822 form',
      {
        '/etc/apt/sources.list.d/x.sources':
          'Types: deb\nURIs: https://esm.ubuntu.com/apps/ubuntu\nSuites: noble-apps-security\nComponents: main\n',
      },
      { attached: false, services: ['esm-apps'] },
    ],
    [
      'credentials for apt',
      {
        '/etc/apt/auth.conf.d/90ubuntu-advantage':
          'machine esm.ubuntu.com/infra/ubuntu/ login bearer password x  # esm.ubuntu.com/apps\n',
      },
      { attached: true, services: ['esm-infra'] },
    ],
    [
      'the token of an attached machine',
      { '/var/lib/ubuntu-advantage/private/machine-token.json': '{}' },
      { attached: true, services: [] },
    ],
  ])('%s', (_, files, pro) => {
    expect(readInventory(memoryView(files)).context?.['ubuntu']).toEqual(pro);
  });

  test.each(['{ this is no json', '[]', '{"services": 1}', '[['.repeat(100_000)])(
    'a status that cannot be read is a note: %.20s',
    (text) => {
      const inventory = readInventory(memoryView({ '/var/lib/ubuntu-advantage/status.json': text }));

      expect(inventory.context?.['ubuntu']).toBeUndefined();
      expect(inventory.notes).toEqual([
        { code: 'broken_pro_status', where: '/var/lib/ubuntu-advantage/status.json' },
      ]);
    },
  );
});
