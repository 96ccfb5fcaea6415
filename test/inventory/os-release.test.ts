import { describe, expect, test } from 'vitest';
import { detectOs } from '../../src/inventory/os-release.ts';
import { type MemoryLayer, memoryView } from '../support/memory-view.ts';

function detect(files: MemoryLayer) {
  return detectOs(memoryView(files));
}

describe('os-release', () => {
  test('all fields of a Debian release', () => {
    const os = detect({
      '/etc/os-release': { link: '../usr/lib/os-release' },
      '/usr/lib/os-release':
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
      '/etc/debian_version': '12.15\n',
    });

    expect(os).toEqual({
      id: 'debian',
      versionId: '12',
      codename: 'bookworm',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
      pointRelease: '12.15',
      found: '/etc/os-release',
    });
  });

  test('/etc decides over /usr/lib, and an empty file is none', () => {
    expect(detect({ '/etc/os-release': 'ID=kali\n', '/usr/lib/os-release': 'ID=debian\n' })?.id).toBe('kali');
    expect(detect({ '/etc/os-release': '\n', '/usr/lib/os-release': 'ID=debian\n' })?.found).toBe(
      '/usr/lib/os-release',
    );
  });

  test('quotes, escapes, comments, CRLF and lines that are no assignments', () => {
    const os = detect({
      '/etc/os-release':
        '# ID=wrong\r\nID=\'rhel\'\r\nPRETTY_NAME="a \\"b\\" \\$c"\r\nID_LIKE="centos  fedora"\r\nnonsense\r\n',
    });

    expect(os).toMatchObject({ id: 'rhel', prettyName: 'a "b" $c', idLike: ['centos', 'fedora'] });
  });

  test('testing and sid have no VERSION_ID, and a codename is taken from debian_version', () => {
    const os = detect({
      '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\n',
      '/etc/debian_version': 'forky/sid\n',
    });

    expect(os).toMatchObject({ id: 'debian', codename: 'forky' });
    expect(os?.versionId).toBeUndefined();
  });

  test("a point release of another release is not this release's", () => {
    const os = detect({ '/etc/os-release': 'ID=debian\nVERSION_ID=12\n', '/etc/debian_version': '11.4\n' });

    expect(os?.pointRelease).toBeUndefined();
  });

  test('Red Hat: the minor is that of redhat-release', () => {
    const os = detect({
      '/etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\nCPE_NAME="cpe:/o:redhat:enterprise_linux:9::baseos"\n',
      '/etc/redhat-release': 'Red Hat Enterprise Linux release 9.2 (Plow)\n',
    });

    expect(os).toMatchObject({
      versionId: '9.4',
      pointRelease: '9.2',
      cpe: 'cpe:/o:redhat:enterprise_linux:9::baseos',
    });
  });

  test('without ID, an older file decides; without one, the distribution is unknown', () => {
    expect(detect({ '/etc/os-release': 'NAME=x\n', '/etc/alpine-release': '3.20.1\n' })?.id).toBe('alpine');
    expect(detect({ '/etc/os-release': 'NAME="Debian GNU/Linux"\nID_LIKE=debian\n' })).toMatchObject({
      id: 'linux',
    });
  });
});

describe('a derivative is itself, never its parent', () => {
  test.each([
    ['kali', 'ID=kali\nID_LIKE=debian\nVERSION_ID="2024.1"\n', { '/etc/debian_version': 'kali-rolling\n' }],
    ['linuxmint', 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="21.3"\nUBUNTU_CODENAME=jammy\n', {}],
    ['raspbian', 'ID=raspbian\nID_LIKE=debian\nVERSION_ID="11"\n', { '/etc/debian_version': '11.8\n' }],
    [
      'pop',
      'ID=pop\nID_LIKE="ubuntu debian"\nVERSION_ID="22.04"\n',
      { '/etc/debian_version': 'bookworm/sid\n' },
    ],
    ['rocky', 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\n', {}],
    ['almalinux', 'ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\n', {}],
    ['centos', 'ID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="9"\n', {}],
  ])('%s', (id, osRelease, others) => {
    const os = detect({ '/etc/os-release': osRelease, ...others });

    expect(os?.id).toBe(id);
    expect(os?.pointRelease).toBeUndefined();
    if (id === 'linuxmint') expect(os?.codename).toBeUndefined();
  });
});

describe('images from before os-release', () => {
  test.each([
    [
      '/etc/lsb-release',
      'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid\n',
      'ubuntu',
      '10.04',
    ],
    ['/etc/lsb-release', 'DISTRIB_ID=LinuxMint\nDISTRIB_RELEASE=17\n', 'linuxmint', '17'],
    ['/etc/debian_version', '6.0.10\n', 'debian', '6'],
    ['/etc/debian_version', 'kali-rolling\n', 'kali', undefined],
    ['/etc/devuan_version', '4.0\n', 'devuan', '4.0'],
    ['/etc/redhat-release', 'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n', 'rhel', '6.10'],
    ['/etc/redhat-release', 'CentOS Stream release 8\n', 'centos', '8'],
    ['/etc/centos-release', 'CentOS Linux release 7.9.2009 (Core)\n', 'centos', '7'],
    ['/etc/redhat-release', 'Fedora release 29 (Twenty Nine)\n', 'fedora', '29'],
    ['/etc/redhat-release', 'Miracle Linux release 8.4 (Peony)\n', 'miracle-linux', '8.4'],
    ['/etc/system-release', 'Amazon Linux AMI release 2018.03\n', 'amzn', '2018.03'],
    ['/etc/alpine-release', '3.18.4\n', 'alpine', '3.18.4'],
    [
      '/etc/SuSE-release',
      'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n',
      'sles',
      '11.4',
    ],
    ['/etc/SuSE-release', 'openSUSE 13.2 (x86_64)\nVERSION = 13.2\n', 'opensuse', '13.2'],
    ['/etc/gentoo-release', 'Gentoo Base System release 2.2\n', 'gentoo', '2.2'],
    ['/etc/slackware-version', 'Slackware 14.2\n', 'slackware', '14.2'],
    ['/etc/arch-release', '', 'arch', undefined],
  ])('%s: %j', (path, text, id, version) => {
    expect(detect({ [path]: text })).toMatchObject({
      id,
      found: path,
      ...(version ? { versionId: version } : {}),
    });
  });

  test('no file tells', () => {
    expect(detect({ '/etc/passwd': '' })).toBeNull();
    expect(detect({ '/etc/debian_version': 'something else\n', '/etc/redhat-release': '?\n' })).toBeNull();
  });

  test('a file of unlikely size is refused', () => {
    expect(() => detect({ '/etc/os-release': Buffer.alloc(5 << 20, 'x') })).toThrow(/expected at most/);
  });
});
