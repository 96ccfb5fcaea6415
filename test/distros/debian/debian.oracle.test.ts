import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeOval } from '../../../src/feed/oval/index.ts';
import type { PlatformIndex, Roster, RosterSource } from '../../../src/model/feed/index.ts';
import { definitionId } from '../../../src/oval/document/document.ts';
import {
  coverageKey,
  flawKey,
  inventoryKey,
  ovalNamespace,
  type Selection,
  unreadKey,
} from '../../../src/oval/forms/rows.ts';
import { affected, fixed, forky, indexOf } from '../../oval/support/indexes.ts';
import { bookwormRelease, forkyRelease, oscapEval, rootOf, xsdErrors } from '../../oval/support/roots.ts';
import { hasOfficialSchemas, hasOracle, isRoot, officialSchemas } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const release = { 'etc/os-release': bookwormRelease };

/** Verdict-rules 5.4: every spelling and state that dpkg has, in one file. */
const status = `Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u10

Package: libc6
Status: install ok installed
Architecture: i386
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u3

Package: bash
Essential: yes
Status: install ok installed
Architecture: amd64
Version: 5.2.15-2+b7

Package: dmsetup
Status: install ok installed
Architecture: amd64
Source: lvm2 (2.03.16-2)
Version: 2:1.02.185-2

Package: openssl
Status: hold ok installed
Architecture: amd64
Version: 3.0.8-1

Package: curl
Status: install ok half-configured
Architecture: amd64
Version: 7.88.1-10+deb12u1

Package: nano
Status: install ok triggers-pending
Architecture: amd64
Version: 7.2-1

Package: vim-common
Status: deinstall ok config-files
Architecture: all
Source: vim
Version: 2:9.0.1378-2

Package: tiny
Status: install ok half-installed
Architecture: amd64
Version: 1.0-1

Package: mawk
Protected: yes
Status: deinstall ok installed
Architecture: amd64
Version: 1.3.4.20200120-3.1
`;

const packages = {
  glibc: [fixed('2.36-9+deb12u10', ['CVE-2023-6246']), fixed('2.36-9+deb12u3', ['CVE-2023-4911'])],
  bash: [fixed('5.2.15-2', ['CVE-0000-0001']), fixed('5.2.15-3', ['CVE-0000-0002'])],
  lvm2: [fixed('2.03.16-2', ['CVE-0000-0003']), fixed('2.03.16-3', ['CVE-0000-0004'])],
  openssl: [fixed('3.0.8-1~deb12u1', ['CVE-0000-0005']), fixed('3.0.8-1+deb12u1', ['CVE-0000-0006'])],
  curl: [fixed('7.88.1-10+deb12u2', ['CVE-2023-38545']), affected('none_yet', ['CVE-0000-0007'])],
  nano: [fixed('7.2-1+deb12u1', ['CVE-2024-5742']), fixed('1:1', ['CVE-0000-0008'])],
  vim: [fixed('2:99', ['CVE-0000-0009']), affected('will_not_fix', ['CVE-0000-0010'])],
  tiny: [fixed('99', ['CVE-0000-0011'])],
  mawk: [affected('none_yet', ['CVE-0000-0012'])],
  absent: [fixed('99', ['CVE-0000-0013']), affected('none_yet', ['CVE-0000-0014'])],
};

const unread = { lvm2: 1, nano: 2, tiny: 1, vim: 1, absent: 1 };

/** Binaries of the sources above, as the suite would list them. */
const roster: Roster = new Map([
  ...['bash', 'openssl', 'curl', 'nano', 'tiny', 'absent'].map((name) => listed(name, name)),
  listed('glibc', 'libc6'),
  listed('vim', 'vim-common'),
  listed('lvm2', 'dmsetup', '2:1.02.185-2'),
]);

function listed(source: string, binary: string, version = '1.0-1'): [string, RosterSource] {
  return [source, { version: '1.0-1', binaries: [{ name: binary, version }] }];
}

describe.skipIf(!hasOracle('oscap', 'dpkg'))('oscap on our Debian OVAL', () => {
  let directory: string;
  let verdictOf: (
    suffix: string,
    root: string,
  ) => (selection: Selection, cve: string, name: string) => string | undefined;

  beforeAll(async () => {
    directory = await written(indexOf({ packages, unread, roster }));
    verdictOf = (suffix, root) => {
      const results = oscapEval(join(directory, `debian-12.${suffix}.xml`), root);
      return (selection, cve, name) => results.get(id(flawKey(selection, cve, name)));
    };
  });

  test.each([
    ['glibc', 'CVE-2023-6246', 'true', 'the i386 build of two is older'],
    ['glibc', 'CVE-2023-4911', 'false', 'both builds are at the fix or above'],
    ['bash', 'CVE-0000-0001', 'false', 'Essential before Status; a rebuild is not older'],
    ['bash', 'CVE-0000-0002', 'true', 'Essential before Status'],
    ['lvm2', 'CVE-0000-0003', 'false', 'the source version in parentheses counts, not the binary'],
    ['lvm2', 'CVE-0000-0004', 'true', 'dmsetup of lvm2'],
    ['openssl', 'CVE-0000-0005', 'false', 'a tilde sorts below'],
    ['openssl', 'CVE-0000-0006', 'true', 'on hold and installed'],
    ['curl', 'CVE-2023-38545', 'true', 'half-configured is present'],
    ['nano', 'CVE-2024-5742', 'true', 'triggers-pending is present'],
    ['nano', 'CVE-0000-0008', 'true', 'a fix of a higher epoch'],
    ['vim', 'CVE-0000-0009', 'false', 'only configuration files are left'],
    ['tiny', 'CVE-0000-0011', 'false', 'half-installed is counted apart'],
    ['absent', 'CVE-0000-0013', 'false', 'not installed'],
  ])('%s %s is %s: %s', (name, cve, want) => {
    const verdict = verdictOf(
      'oval',
      rootOf({ ...release, 'var/lib/dpkg/status': status, 'var/lib/dpkg/status-old': old }),
    );

    expect(verdict('fixed', cve, name)).toBe(want);
  });

  test('without a fix, presence decides', () => {
    const verdict = verdictOf('unfixed.oval', rootOf({ ...release, 'var/lib/dpkg/status': status }));

    expect(verdict('unfixed', 'CVE-0000-0007', 'curl')).toBe('true');
    expect(verdict('unfixed', 'CVE-0000-0012', 'mawk')).toBe('true');
    expect(verdict('unfixed', 'CVE-0000-0010', 'vim')).toBe('false');
    expect(verdict('unfixed', 'CVE-0000-0014', 'absent')).toBe('false');
  });

  test('of a package about which statements could not be read, each file is unknown where it is installed', () => {
    const statusD = {
      'var/lib/dpkg/status.d/nano': 'Package: nano\nVersion: 7.2-1\nArchitecture: amd64\n',
      'var/lib/dpkg/status.d/dmsetup': 'Package: dmsetup\nSource: lvm2\nVersion: 1\nArchitecture: amd64\n',
    };
    const ofStatus = { 'var/lib/dpkg/status': status };
    for (const [suffix, files, want] of [
      ['oval', ofStatus, ['lvm2', 'nano']],
      ['unfixed.oval', ofStatus, ['lvm2', 'nano']],
      // It counts what is half-installed, as its list says.
      ['dpkginfo.oval', ofStatus, ['lvm2', 'nano', 'tiny']],
      ['status-d.oval', statusD, ['lvm2', 'nano']],
      ['status-d.unfixed.oval', statusD, ['lvm2', 'nano']],
      ['oval', { 'etc/os-release': forkyRelease, ...ofStatus }, []],
    ] as const) {
      const root = rootOf({ ...release, ...files });
      const results = oscapEval(join(directory, `debian-12.${suffix}.xml`), root);
      const unknown = [...results].filter(([, result]) => result === 'unknown').map(([which]) => which);
      const kinds = suffix.includes('unfixed') ? (['flaw'] as const) : (['flaw', 'update'] as const);
      const keys = want.flatMap((name) => kinds.map((kind) => id(unreadKey(kind, name))));
      expect([suffix, ...unknown.sort()]).toEqual([suffix, ...keys.sort()]);
      for (const kind of kinds) expect(results.get(id(unreadKey(kind, 'absent')))).toBe('false');
    }
  });

  test('a distroless image is read from status.d, digests and scripts beside it are not', () => {
    const root = rootOf({
      ...release,
      'var/lib/dpkg/status.d/libc6':
        'Package: libc6\nSource: glibc\nVersion: 2.36-9+deb12u3\nArchitecture: amd64\nDescription: x\n more\n',
      'var/lib/dpkg/status.d/libc6.md5sums': 'Package: nano\nVersion: 1\n',
      'var/lib/dpkg/status.d/openssl': 'Package: openssl\nVersion: 3.0.8-1\nArchitecture: amd64\n',
      'var/lib/dpkg/status.d/dmsetup':
        'Package: dmsetup\nSource: lvm2 (2.03.16-2)\nVersion: 2:1.02.185-2\nArchitecture: amd64\n',
    });
    const verdict = verdictOf('status-d.oval', root);

    expect(verdict('fixed', 'CVE-2023-6246', 'glibc')).toBe('true');
    expect(verdict('fixed', 'CVE-2023-4911', 'glibc')).toBe('false');
    expect(verdict('fixed', 'CVE-0000-0006', 'openssl')).toBe('true');
    expect(verdict('fixed', 'CVE-0000-0004', 'lvm2')).toBe('true');
    expect(verdict('fixed', 'CVE-0000-0003', 'lvm2')).toBe('false');
    expect(verdict('fixed', 'CVE-2024-5742', 'nano')).toBe('false');
  });

  test('dpkginfo misses exactly what the list says: hold, the second architecture, binaries numbered apart', () => {
    const results = oscapEval(
      join(directory, 'debian-12.dpkginfo.oval.xml'),
      rootOf({ ...release, 'var/lib/dpkg/status': status }),
    );
    const source = oscapEval(
      join(directory, 'debian-12.oval.xml'),
      rootOf({ ...release, 'var/lib/dpkg/status': status }),
    );
    const different = Object.keys(packages).filter((name) =>
      packages[name as keyof typeof packages].some(({ ids }) =>
        ids.some(
          (cve) =>
            results.get(id(flawKey('fixed', cve, name))) !== source.get(id(flawKey('fixed', cve, name))),
        ),
      ),
    );

    // glibc: the second architecture; lvm2: numbered apart; openssl: on hold; tiny: half-installed.
    expect(different).toEqual(['glibc', 'lvm2', 'openssl', 'tiny']);
  });

  test.each([
    ['bookworm', bookwormRelease, 'true'],
    ['a derivative', bookwormRelease.replace('ID=debian', 'ID=raspbian\nID_LIKE=debian'), 'false'],
    ['trixie', bookwormRelease.replace('"12"', '"13"'), 'false'],
    ['quotes of the other kind', bookwormRelease.replace('"12"', "'12'"), 'true'],
    ['bookworm before its release', bookwormRelease.replace('VERSION_ID="12"\n', ''), 'true'],
    ['testing of a later day', forkyRelease, 'false'],
  ])('release check: %s', (_, osRelease, want) => {
    const root = rootOf({ 'etc/os-release': osRelease, 'var/lib/dpkg/status': status });
    const results = oscapEval(join(directory, 'debian-12.oval.xml'), root);

    expect(results.get(id(inventoryKey))).toBe(want);
    expect(results.get(id(coverageKey))).toBe(want);
    expect(results.get(id(flawKey('fixed', 'CVE-2024-5742', 'nano')))).toBe(want);
  });

  test('its report shows the severity of a flaw that Debian did not rate, and whose word it is', async () => {
    const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
    const rated = {
      severity: 'critical',
      source: 'nvd',
      cvss: { version: '3.1', score: 9.8, vector },
    } as const;
    const unrated = { severity: 'unknown' } as const;
    const index = indexOf({
      packages: {
        nano: [fixed('9', ['CVE-2024-5742', 'CVE-2024-0001', 'CVE-2024-0002'], unrated)],
        curl: [fixed('9', ['CVE-2024-0003'], { severity: 'low' })],
      },
      vulnerabilities: [{ id: 'CVE-2024-5742', description: 'An editor follows links.' }],
    });
    const folder = await written({
      ...index,
      rating: (flaw) =>
        flaw === 'CVE-2024-0001'
          ? { severity: 'unknown', rejected: true }
          : flaw === 'CVE-2024-0002'
            ? undefined
            : rated,
    });
    const document = join(folder, 'debian-12.oval.xml');
    const report = join(folder, 'report.html');
    const root = rootOf({ ...release, 'var/lib/dpkg/status': status });
    execFileSync('oscap', ['oval', 'eval', '--report', report, document], {
      env: { ...process.env, OSCAP_PROBE_ROOT: root },
      stdio: 'ignore',
    });

    const shown = readFileSync(report, 'utf8').replace(/<[^>]*>/g, ' ');
    expect(shown).toContain('CVE-2024-5742 nano (critical by nvd)');
    expect(shown).toContain('CVE-2024-0002 nano (unknown)');
    expect(shown).toContain('CVE-2024-0003 curl (low)');
    const text = readFileSync(document, 'utf8');
    const about = (flaw: string) =>
      text.split('<definition ').find((one) => one.includes(`<title>${flaw} `))!;
    expect(about('CVE-2024-5742')).toMatch(
      /<description>An editor follows links.<\/description><advisory><severity>Critical<\/severity><cve cvss3="9.8\/CVSS:3.1[^"]*">CVE-2024-5742<\/cve><note>severity by nvd, CVSS 3.1 9.8 /,
    );
    expect(about('CVE-2024-0001')).toContain('<note>rejected: the CVE record was withdrawn</note>');
    expect(about('CVE-2024-0003')).toMatch(/<severity>Low<.*<note>CVSS 3.1 9.8 .* by nvd<\/note>/);
  });

  test('testing is judged by its own file', async () => {
    const folder = await written(
      indexOf({ platform: forky, packages: { nano: [fixed('9', ['CVE-2024-5742'])] } }),
    );
    const root = rootOf({ 'etc/os-release': forkyRelease, 'var/lib/dpkg/status': status });
    const results = oscapEval(join(folder, 'debian-14.oval.xml'), root);

    expect(
      results.get(definitionId(ovalNamespace('debian-14'), flawKey('fixed', 'CVE-2024-5742', 'nano'))),
    ).toBe('true');
  });

  test('without a package database coverage is false, whatever else is', () => {
    const results = oscapEval(join(directory, 'debian-12.oval.xml'), rootOf(release));

    expect(results.get(id(inventoryKey))).toBe('true');
    expect(results.get(id(coverageKey))).toBe('false');
  });

  test('every order of versions is the one of dpkg --compare-versions', async () => {
    const versions = [
      '1.0~rc1-1',
      '1.0-1',
      '1.0-1+b1',
      '1.0-1+deb12u1',
      '1.0-1~deb11u1',
      '1:0.1',
      '1.0a-1',
      '1.0+dfsg-1',
      '1.09',
      '1.9',
      '2.0-1ubuntu2.24',
      '2.0-1ubuntu2.3',
      '0~0',
      '1.0-2+really0.9-1',
    ];
    const claims = versions.map((version, at) => fixed(version, [`CVE-0001-${String(at).padStart(4, '0')}`]));
    const folder = await written(
      indexOf({ packages: Object.fromEntries(versions.map((_, at) => [`pkg${at}`, claims])) }),
    );
    const stanzas = versions.map(
      (version, at) =>
        `Package: pkg${at}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version}\n`,
    );
    const results = oscapEval(
      join(folder, 'debian-12.oval.xml'),
      rootOf({ ...release, 'var/lib/dpkg/status': stanzas.join('\n') }),
    );
    const wrong: string[] = [];
    for (const [at, installed] of versions.entries()) {
      for (const [against, limit] of versions.entries()) {
        const cve = `CVE-0001-${String(against).padStart(4, '0')}`;
        const got = results.get(id(flawKey('fixed', cve, `pkg${at}`)));
        if (got !== String(isLess(installed, limit))) wrong.push(`${installed} ${limit} ${got}`);
      }
    }

    expect(wrong).toEqual([]);
  });
});

describe.skipIf(!hasOracle('xmllint') || !hasOfficialSchemas())('the official schema', () => {
  test.each(['oval', 'unfixed.oval', 'status-d.oval', 'status-d.unfixed.oval', 'dpkginfo.oval'])(
    'accepts %s',
    async (suffix) => {
      const directory = await written(indexOf({ packages, unread, roster }));
      const schema = join(officialSchemas, 'oval/5.11.1/oval-definitions-schema.xsd');

      expect(xsdErrors(join(directory, `debian-12.${suffix}.xml`), schema)).toBe('');
    },
  );
});

describe.skipIf(!hasOracle('tar') || !isRoot())('a disk that fills up', () => {
  test('leaves the last good files and nothing half written', async () => {
    const directory = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'scapfeed-test', directory]);
    try {
      await writeOval(indexOf({ packages }), directory, { toolVersion: '0.1.0', forms: ['oval'] });
      const many = Array.from({ length: 400 }, (_, at) => `CVE-2020-${1000 + at}`);
      const big = indexOf({ packages: { big: [fixed('1', many)] } });

      await expect(
        writeOval(big, directory, { toolVersion: '0.1.0', forms: ['oval'] }),
      ).rejects.toMatchObject({
        code: 'DISK_FULL',
        message: expect.stringContaining('ENOSPC'),
      });

      expect(execFileSync('ls', [directory], { encoding: 'utf8' })).toBe(
        'debian-12.inexact.json\ndebian-12.oval.xml\n',
      );
      expect(
        execFileSync('tail', ['-c', '20', join(directory, 'debian-12.oval.xml')], { encoding: 'utf8' }),
      ).toContain('</oval_definitions>');
      expect(statfsSync(directory).bavail).toBeGreaterThan(0);
    } finally {
      execFileSync('umount', [directory]);
    }
  });
});

const old =
  'Package: vim-common\nStatus: install ok installed\nArchitecture: all\nSource: vim\nVersion: 2:9.0.1378-2\n';

function id(key: string): string {
  return definitionId(ovalNamespace('debian-12'), key);
}

async function written(index: PlatformIndex): Promise<string> {
  const directory = temporaryFolder();
  mkdirSync(directory, { recursive: true });
  await writeOval(index, directory, { toolVersion: '0.1.0' });
  return directory;
}

function isLess(a: string, b: string): boolean {
  try {
    execFileSync('dpkg', ['--compare-versions', a, 'lt', b], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
