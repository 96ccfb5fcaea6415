import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSbom } from '../../src/sbom/index.ts';
import { scapfeed } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const read = (text: string) => readSbom(Buffer.from(text), 'list.txt').inventory;
const packagesOf = (text: string) =>
  read(text).packages.map(
    ({ type, name, version, arch, source, unstated = [] }) =>
      `${type} ${name} ${version} ${arch || '-'} ${unstated.includes('source') ? '?' : `${source.name} ${source.version}`}`,
  );

const head = `Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)
||/ Name                Version          Architecture Description
+++-===================-================-============-=================================
`;
const table = `${head}ii  libssl3:amd64       3.0.11-1~deb12u2 amd64        Secure Sockets Layer toolkit
rc  linux-image-6.1.0-9 6.1.27-1         amd64        Linux 6.1 for 64-bit PCs
hi  zlib1g:amd64        1:1.2.13.dfsg-1  amd64        compression library - runtime
iF  tzdata              2024a-0+deb12u1  all          time zone and daylight-saving time data
iHR perl-base           5.36.0-7         amd64        minimal Perl system
un  awk                 <none>           <none>       (no description available)
`;

describe('dpkg -l', () => {
  it('lists what is installed, its state, and no sources', () => {
    const { packages, halfInstalled, notes, os } = read(table);
    expect(packages.map(({ name, version, arch, state }) => [name, version, arch, state])).toEqual([
      ['libssl3', '3.0.11-1~deb12u2', 'amd64', undefined],
      ['zlib1g', '1:1.2.13.dfsg-1', 'amd64', undefined],
      ['tzdata', '2024a-0+deb12u1', 'all', 'half-configured'],
    ]);
    expect(packages.every(({ unstated }) => unstated?.includes('source'))).toBe(true);
    expect(halfInstalled?.map(({ name }) => name)).toEqual(['perl-base']);
    expect(notes.map(({ code }) => code)).toEqual(['list_without_sources', 'half_installed', 'sbom']);
    expect(os).toBeNull();
    expect(read(table.slice(head.length)).packages).toEqual(packages);
    expect(read(table.replaceAll('\n', '\r\n')).packages).toEqual(packages);
    // In German, French and Japanese.
    for (const [states, errors, name] of [
      ['Gewünscht=Unbekannt/Installieren/R=Entfernen/P=Vollständig Löschen/Halten', 'Fehler?', 'Name'],
      ['Souhait=inconnU/Installé/suppRimé/Purgé/H=à garder', 'Err?', 'Nom '],
      ['要望=(U)不明/(I)インストール/(R)削除/(P)完全削除/(H)保持', 'エラー?', '名前'],
    ] as const) {
      const [first = '', ...others] = table.replace('Err?', errors).replace(' Name', ` ${name}`).split('\n');
      expect(read([first.replace(/.*/, states), ...others].join('\n')).packages).toEqual(packages);
    }
  });

  it.each([
    [
      'cut to a terminal by an old dpkg',
      'ii  libssl1.0.0:am 1.0.1e-2+deb amd64        SSL\nii  zlib1g:amd64   1:1.2.7.dfsg amd64        compression\n',
    ],
    ['with its blanks lost', 'ii libssl3:amd64 3.0.11 amd64 SSL\nii zlib1g:amd64 1:1.2.13 amd64 zlib\n'],
  ])('is refused %s, with what to write instead', (_, text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'SBOM_MALFORMED',
        where: expect.stringMatching(/^list\.txt:[12]$/),
        remedy: expect.stringContaining('dpkg-query -W'),
      }),
    );
  });
});

describe('lists of package managers', () => {
  it.each([
    [
      'dpkg-query -W',
      'libssl3:amd64\t3.0.11-1\ntzdata\t2024a-0\n',
      ['deb libssl3 3.0.11-1 amd64 ?', 'deb tzdata 2024a-0 - ?'],
    ],
    [
      'dpkg-query with architectures',
      'libssl3 3.0.11-1 amd64\ntzdata 2024a-0 all\n',
      ['deb libssl3 3.0.11-1 amd64 ?', 'deb tzdata 2024a-0 all ?'],
    ],
    [
      'dpkg-query with sources',
      'libssl3:amd64 3.0.11-1+b1 amd64 openssl 3.0.11-1 installed\nold 1 all old 1 config-files\n',
      ['deb libssl3 3.0.11-1+b1 amd64 openssl 3.0.11-1'],
    ],
    [
      'rpm -qa',
      'bash-5.1.8-6.el9.x86_64\ngpg-pubkey-fd431d51-4ae0493b\ntzdata-2024a-1.el9.noarch\n',
      ['rpm bash 5.1.8-6.el9 x86_64 ?', 'rpm tzdata 2024a-1.el9 noarch ?'],
    ],
    ['rpm -qa without architectures', 'bash-5.1.8-6.el9\n', ['rpm bash 5.1.8-6.el9 - ?']],
    [
      'rpm -qa with epochs',
      'openssl-1:3.0.7-6.el9.x86_64\nbash-(none):5.1.8-6.el9.x86_64\n',
      ['rpm openssl 1:3.0.7-6.el9 x86_64 ?', 'rpm bash 5.1.8-6.el9 x86_64 ?'],
    ],
    [
      'rpm -qa with sources',
      'openssl-libs-1:3.0.7-6.el9.x86_64 openssl-3.0.7-6.el9.src.rpm\nbash-0:5.1.8-6.el9.x86_64 bash-5.1.8-6.el9.src.rpm\n',
      [
        'rpm openssl-libs 1:3.0.7-6.el9 x86_64 openssl 3.0.7-6.el9',
        'rpm bash 5.1.8-6.el9 x86_64 bash 5.1.8-6.el9',
      ],
    ],
    [
      'apk info -v',
      'WARNING: opening from cache https://dl-cdn.example: No such file\nmusl-1.2.5-r0\nca-certificates-bundle-20240226-r0\n',
      ['apk musl 1.2.5-r0 - ?', 'apk ca-certificates-bundle 20240226-r0 - ?'],
    ],
    ['apk info -vv', 'musl-1.2.5-r0 - the musl c library (libc)\n', ['apk musl 1.2.5-r0 - ?']],
    [
      'apk list --installed',
      'libcrypto3-3.3.0-r2 x86_64 {openssl} (Apache-2.0) [installed]\n.deps-20240101.000000-r0 noarch {} () [installed]\n',
      ['apk libcrypto3 3.3.0-r2 x86_64 openssl 3.3.0-r2', 'apk .deps 20240101.000000-r0 noarch ?'],
    ],
  ])('%s', (_, text, expected) => {
    expect(packagesOf(text)).toEqual(expected);
  });

  it('takes the release of os-release before the list, and none otherwise', () => {
    const release = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n';
    const line = 'tzdata 2024a-0 all tzdata 2024a-0 installed\n';
    expect(read(release + line).os).toMatchObject({ id: 'debian', versionId: '12' });
    expect(read(line).os).toBeNull();
  });

  it.each([
    ['another line', 'bash-5.1.8-6.el9.x86_64\n$ exit\n', 'list.txt:2'],
    ['states that are left out', 'a 1 all\nb 1 all b 1\n', 'list.txt:2'],
    ['lists of two package managers', 'musl-1.2.5-r0\nbash-5.1.8-6.el9.x86_64\n', 'list.txt:2'],
    [
      'packages that are not installed',
      'a-1-r0 x86_64 {a} (MIT) [installed]\nb-1-r0 x86_64 {b} (MIT)\n',
      'list.txt:2',
    ],
    ['sources without epochs', 'bash-5.1.8-6.el9.x86_64 bash-5.1.8-6.el9.src.rpm\n', 'list.txt'],
  ])('refuses %s', (_, text, where) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'SBOM_MALFORMED', where }));
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'found an empty file'],
    ['blanks', Buffer.from('\uFEFF \r\n\n'), 'found an empty file'],
    [
      'UTF-16, as PowerShell writes it',
      Buffer.from('\uFEFFmusl-1.2.5-r0\r\n', 'utf16le'),
      'found text in UTF-16',
    ],
    [
      'UTF-16, the other way',
      Buffer.from('\uFEFFmusl-1.2.5-r0\n', 'utf16le').swap16(),
      'found text in UTF-16',
    ],
  ])('refuses a file of %s by what it is', (_, bytes, message) => {
    expect(() => readSbom(bytes, 'list.txt')).toThrow(
      expect.objectContaining({ code: 'SBOM_MALFORMED', message: expect.stringContaining(message) }),
    );
  });

  it('reads a long hostile line in linear time', () => {
    for (const piece of ['-', 'a-', 'ii  ', '{', 'a ', '1:', '(']) {
      const start = process.cpuUsage();
      const line = piece.repeat(Math.floor(65_536 / piece.length));
      expect(() => read(`musl-1.2.5-r0\n${line}\n`)).toThrow('expected a line of apk');
      expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
    }
  });

  it.each([
    ['of line breaks', 'a\t1\n', '\n', 100_000_000],
    ['of packages', 'a\t1\n', 'a\t1\n', 10_000_000],
    ['of packages that are not installed', 'ii  a 1 all\n', 'un  b c all\n', 5_000_000],
    ['of one line', 'a\t1\n', 'x ', 50_000_000],
  ])('refuses a long list %s before it is split into lines', (_, first, piece, count) => {
    const bytes = Buffer.concat([Buffer.from(first), Buffer.alloc(piece.length * count, piece)]);
    const start = process.cpuUsage();
    expect(() => readSbom(bytes, 'list.txt')).toThrow(
      expect.objectContaining({ code: 'IMAGE_LIMIT_EXCEEDED' }),
    );
    expect(process.cpuUsage(start).user).toBeLessThan(4_000_000);
  });

  it('refuses the lists of two systems in one', () => {
    expect(() => read('a 1 all a 1 installed\nb 1 all b 1 installed\na 2 all a 2 installed\n')).toThrow(
      'expected the list of one system, found a as 1 and as 2',
    );
    expect(() => read('musl-1.2.5-r0\nmusl-1.2.4-r0\n')).toThrow('found musl as 1.2.5-r0 and as 1.2.4-r0');
    // Several architectures, and several builds of a kernel, are of one.
    expect(packagesOf('a:amd64\t1\na:i386\t2\nb\t1\nb\t1\n')).toHaveLength(4);
    expect(packagesOf('kernel-5.14.0-1.el9.x86_64\nkernel-5.14.0-2.el9.x86_64\n')).toHaveLength(2);
  });
});

describe('scapfeed scan sbom:LIST', () => {
  const folder = temporaryFolder();
  const feed = writeSmallFeed([
    {
      platform: bookworm,
      data: { roster: new Map([['openssl', { version: '1', binaries: [] }]]) },
      statements: [{ vulnerability: 'CVE-2023-0286', package: 'openssl', status: 'fixed', fixed: '3.0.8-1' }],
    },
  ]);
  const scan = (text: string, ...args: string[]) => {
    writeFileSync(join(folder, 'list.txt'), text);
    return scapfeed(['scan', `sbom:${join(folder, 'list.txt')}`, '--feed', feed, '--max-age', '0', ...args]);
  };
  const whole = 'libssl3:amd64 3.0.7-1 amd64 openssl 3.0.7-1 installed\n';

  it('judges a list with sources, once its distribution is known', async () => {
    const without = await scan(whole);
    expect(without.code).toBe(4);
    expect(without.err).toContain('PLATFORM_UNKNOWN');
    for (const result of [
      await scan(whole, '--platform', 'debian-12'),
      await scan(`ID=debian\nVERSION_ID=12\n${whole}`),
    ]) {
      expect(result.code).toBe(0);
      expect(result.out).toContain('CVE-2023-0286');
    }
  });

  it('does not call packages clean whose source is not in the list', async () => {
    const { code, out } = await scan('libssl3:amd64\t3.0.7-1\n', '--platform', 'debian-12', '-o', 'json');
    expect(code).toBe(4);
    expect(out).toContain('undecidable');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a field of dpkg-query
    expect(out).toContain('${source:Package}');
  });
});
