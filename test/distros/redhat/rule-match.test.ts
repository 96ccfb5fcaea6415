import { describe, expect, it } from 'vitest';
import { feedOf, judge, legacyVex, redHatKey, rpm } from './support.ts';

const gnutls = feedOf(
  legacyVex('CVE-2024-28834', {
    fixed: [
      { on: 'BaseOS-9.2.0.Z.EUS', packages: ['gnutls-0:3.7.6-21.el9_2.3'], advisory: 'RHSA-2024:2889' },
      { on: 'BaseOS-9.3.0.Z.MAIN', packages: ['gnutls-0:3.7.6-23.el9_3.4'], advisory: 'RHSA-2024:1879' },
      { on: 'BaseOS-9.4.0.Z.MAIN.EUS', packages: ['gnutls-0:3.8.3-4.el9_4'], advisory: 'RHSA-2024:2570' },
    ],
  }),
);
const cve = 'CVE-2024-28834';
const available93 = `${cve} affected available 0:3.7.6-23.el9_3.4`;
const available94 = `${cve} affected available 0:3.8.3-4.el9_4`;

describe('streams of RHEL: a build is judged by its own minor (trivy#11199)', () => {
  it.each([
    ['9.3 image, GA build', '9.3', 'gnutls-3.7.6-23.el9', available93],
    ['9.3 image, fixed', '9.3', 'gnutls-3.7.6-23.el9_3.4', `${cve} fixed 0:3.7.6-23.el9_3.4`],
    ['9.3 image, one below', '9.3', 'gnutls-3.7.6-23.el9_3.3', available93],
    ['9.4 image, GA build above the fix of 9.3', '9.4', 'gnutls-3.8.2-3.el9', available94],
    ['9.4 image, GA build of the fix version', '9.4', 'gnutls-3.8.3-1.el9', available94],
    ['9.4 image, fixed', '9.4', 'gnutls-3.8.3-4.el9_4', `${cve} fixed 0:3.8.3-4.el9_4`],
    [
      '9.4 image, inherited build fixed in 9.3',
      '9.4',
      'gnutls-3.7.6-23.el9_3.4',
      `${cve} fixed 0:3.7.6-23.el9_3.4`,
    ],
    ['9.4 image, early build of 9.4', '9.4', 'gnutls-3.8.2-1.el9_4', available94],
    [
      '9.5 image, the fix but for its tag',
      '9.5',
      'gnutls-3.8.3-4.el9',
      `${available94} differs_only_in_dist_tag`,
    ],
    ['9.5 image, later GA build', '9.5', 'gnutls-3.8.3-5.el9', `${cve} fixed 0:3.8.3-4.el9_4`],
    ['9.10 image, minor of two digits', '9.10', 'gnutls-3.8.3-1.el9', available94],
    ['9.2 image, build of 9.2 EUS below its fix', '9.2', 'gnutls-3.7.6-21.el9_2.2', available93],
    [
      '9.4 image, build of 9.2 EUS with its fix',
      '9.4',
      'gnutls-3.7.6-21.el9_2.3',
      `${cve} fixed 0:3.7.6-21.el9_2.3 eus`,
    ],
    ['i686 beside x86_64', '9.3', 'gnutls-3.7.6-23.el9.i686', available93],
  ])('%s', (_, version, nevra, expected) => {
    expect(judge(gnutls, { version }, rpm(nevra))).toEqual([expected]);
  });

  it('judges a binary of another name by its source', () => {
    const dane = rpm('gnutls-dane-3.8.3-1.el9', { from: 'gnutls-3.8.3-1.el9' });
    expect(judge(gnutls, { version: '9.4' }, dane)).toEqual([available94]);
  });

  it('says nothing of a package that no statement names', () => {
    expect(judge(gnutls, { version: '9.4' }, rpm('bash-5.1.8-9.el9'))).toEqual([]);
  });
});

describe('images on an extended channel (grype#2847, claircore#809)', () => {
  const eus = { version: '9.2', stream: 'eus' };

  it.each([
    ['below its own fix', eus, 'gnutls-3.7.6-21.el9_2.2', `${cve} affected available 0:3.7.6-21.el9_2.3 eus`],
    ['with its own fix', eus, 'gnutls-3.7.6-21.el9_2.3', `${cve} fixed 0:3.7.6-21.el9_2.3 eus`],
    [
      'main fix of its minor is in its stream',
      { version: '9.4', stream: 'eus' },
      'gnutls-3.8.3-1.el9',
      available94,
    ],
    [
      'fix of a later minor is out of reach',
      { version: '9.0', stream: 'eus' },
      'gnutls-3.7.3-9.el9',
      `${cve} affected other_channel 0:3.7.6-23.el9_3.4 main-9.3`,
    ],
  ])('%s', (_, image, nevra, expected) => {
    expect(judge(gnutls, image, rpm(nevra))).toEqual([expected]);
  });

  it('knows the channel from the CPE of the image', () => {
    const image = { version: '9.2', cpes: ['cpe:/o:redhat:rhel_eus:9.2::baseos'] };
    expect(judge(gnutls, image, rpm('gnutls-3.7.6-21.el9_2.2'))).toEqual([
      `${cve} affected available 0:3.7.6-21.el9_2.3 eus`,
    ]);
  });

  it('a rhel_eus not_affected does not cancel the main stream of a mainstream image', () => {
    const feed = feedOf(
      legacyVex('CVE-2024-0002', {
        known_affected: [
          { on: 'red_hat_enterprise_linux_9', packages: ['vim'], arch: ['src'], state: 'Affected' },
        ],
        known_not_affected: [
          { on: 'rhel-9.2.0.z.eus', packages: ['vim'], arch: ['src'], flag: 'vulnerable_code_not_present' },
        ],
      }),
    );
    const vim = rpm('vim-minimal-2:8.2.2637-20.el9', { from: 'vim-8.2.2637-20.el9' });
    expect(judge(feed, { version: '9.2' }, vim)).toEqual(['CVE-2024-0002 affected none_yet']);
    expect(judge(feed, eus, vim)).toEqual(['CVE-2024-0002 not_affected eus']);
  });
});

describe('origin of a package', () => {
  const installed = (more: object) => rpm('gnutls-3.7.6-23.el9', more);
  it.each([
    ['Red Hat key', { keyId: redHatKey.toUpperCase() }, [available93]],
    ['release key 4, of OpenPGP version 6 (RHEL 9.7, 10.1)', { keyId: 'fcd355b305707a62' }, [available93]],
    ['unsigned, vendor Red Hat', { keyId: undefined }, [`${available93} unsigned`]],
    ['unsigned, no vendor, known name', { keyId: undefined, vendor: undefined }, [`${available93} unsigned`]],
    ['unknown key, vendor Red Hat', { keyId: '00112233445566aa' }, [`${available93} unknown_key`]],
    ['EPEL', { keyId: '8a3872bf3228467c', vendor: 'Fedora Project' }, 'not_covered'],
    ['COPR', { keyId: '00112233445566aa', vendor: 'Fedora Copr - user someone' }, 'not_covered'],
    ['Rocky', { keyId: '702d426d350d275d', vendor: 'Rocky Enterprise Software Foundation' }, 'not_covered'],
  ])('%s', (_, more, expected) => {
    expect(judge(gnutls, { version: '9.3' }, installed(more))).toEqual(expected);
  });

  it('judges a rebuild that the user maps, and marks it', () => {
    const rocky = installed({ keyId: '702d426d350d275d', vendor: 'Rocky Enterprise Software Foundation' });
    expect(judge(gnutls, { version: '9.3', mapped: true }, rocky)).toEqual([`${available93} mapped`]);
    const epel = installed({ keyId: '8a3872bf3228467c', vendor: 'Fedora Project' });
    expect(judge(gnutls, { version: '9.3', mapped: true }, epel)).toBe('not_covered');
  });

  it('does not call an unsigned stranger clean', () => {
    const own = rpm('our-tool-1.0-1', { keyId: undefined, vendor: undefined } as never);
    expect(judge(gnutls, { version: '9.3' }, own)).toBe('not_covered');
  });

  it('calls a version that rpm cannot have unparsable', () => {
    expect(judge(gnutls, { version: '9.3' }, { ...rpm('gnutls-3.7.6-23.el9'), version: '3 7-1' })).toBe(
      'unparsable_version',
    );
  });
});

describe("source rows against SOURCERPM, whose epoch is the statement's (perl-Errno)", () => {
  const feed = feedOf(
    legacyVex('CVE-2023-31484', {
      fixed: [
        {
          on: 'BaseOS-8.10.0.Z.MAIN.EUS',
          packages: ['perl-4:5.26.3-422.el8', 'perl-libs-4:5.26.3-422.el8'],
          arch: ['x86_64', 'src'],
          advisory: 'RHSA-2024:3128',
        },
        {
          on: 'BaseOS-8.10.0.Z.MAIN.EUS',
          packages: ['perl-Errno-0:1.28-422.el8'],
          arch: ['x86_64'],
          advisory: 'RHSA-2024:3128',
        },
      ],
    }),
  );

  it.each([
    [
      'perl-Errno of epoch 0, fixed',
      'perl-Errno-0:1.28-422.el8',
      'perl-5.26.3-422.el8',
      'fixed 0:1.28-422.el8',
    ],
    [
      'perl-Errno of epoch 0, below',
      'perl-Errno-0:1.28-420.el8',
      'perl-5.26.3-420.el8',
      'affected available 0:1.28-422.el8',
    ],
    [
      'perl-IO that no row names, fixed',
      'perl-IO-0:1.38-422.el8',
      'perl-5.26.3-422.el8',
      'fixed 4:5.26.3-422.el8',
    ],
    [
      'perl-Pod-Escapes of epoch 1, below',
      'perl-Pod-Escapes-1:1.07-420.el8',
      'perl-5.26.3-420.el8',
      'affected available 4:5.26.3-422.el8',
    ],
  ])('%s', (_, nevra, from, expected) => {
    expect(judge(feed, { version: '8.10' }, rpm(nevra, { from }))).toEqual([`CVE-2023-31484 ${expected}`]);
  });
});

describe('modules by MODULARITYLABEL (grype#820)', () => {
  const feed = feedOf(
    legacyVex('CVE-2024-22019', {
      fixed: [
        {
          on: 'AppStream-8.10.0.Z.MAIN.EUS',
          packages: ['nodejs-1:18.20.4-1.module+el8.10.0+22202+761b9a65'],
          module: 'nodejs:18',
          advisory: 'RHSA-2024:5815',
        },
      ],
      known_affected: [
        {
          on: 'red_hat_enterprise_linux_8',
          packages: ['nodejs'],
          arch: ['src'],
          module: 'nodejs:16',
          state: 'Will not fix',
        },
      ],
    }),
  );
  const build18 = 'nodejs-1:18.9.1-1.module+el8.7.0+16806+4709869e';
  const label = (stream: string) => ({
    module: `nodejs:${stream}`,
    modularityLabel: `nodejs:${stream}:8070020221009220316:bd1311ed`,
  });

  it.each([
    [
      'of the stream with a fix',
      build18,
      label('18'),
      ['CVE-2024-22019 affected available 1:18.20.4-1.module+el8.10.0+22202+761b9a65'],
    ],
    [
      'of the stream without',
      'nodejs-1:16.1-1.module+el8.7.0+1+2',
      label('16'),
      ['CVE-2024-22019 affected will_not_fix'],
    ],
    ['of a stream that nothing is said of', build18, label('20'), []],
    ['of no module', 'nodejs-1:10.1-1.el8', {}, []],
  ])('a build %s', (_, nevra, more, expected) => {
    expect(judge(feed, { version: '8.10' }, rpm(nevra, more))).toEqual(expected);
  });

  const affected = ['CVE-2024-22019 affected available 1:18.20.4-1.module+el8.10.0+22202+761b9a65'];
  const sameBuild = 'nodejs-1:18.20.4-0.module+el8.10.0+22202+761b9a65';
  it.each([
    ['of the stream that dnf has enabled', build18, ['nodejs:18'], affected],
    ['of none of the rows: dnf has another stream', build18, ['nodejs:20'], []],
    ['of the stream that a fix of the same module build names', sameBuild, [], affected],
    ['the same, whatever dnf has', sameBuild, ['nodejs:20'], affected],
    ['of who knows which: no silence', build18, [], 'undecidable'],
    ['and another module tells nothing', build18, ['perl:5.26'], 'undecidable'],
  ])('a modular build without label is %s', (_, nevra, enabledModules, expected) => {
    expect(judge(feed, { version: '8.10', enabledModules }, rpm(nevra))).toEqual(expected);
  });

  it('a modular build without label that no row of a module speaks of is judged', () => {
    expect(judge(feed, { version: '8.10' }, rpm('perl-4:5.26-1.module+el8.10.0+1+2'))).toEqual([]);
  });
});

describe('layered products by the CPEs of the image (claircore#1163)', () => {
  const feed = feedOf(
    legacyVex('CVE-2024-45337', {
      fixed: [{ on: '9Base-RHOSE-4.16', packages: ['openshift-0:4.16.0-1.el9'], advisory: 'RHSA-2024:0041' }],
    }),
    legacyVex('CVE-2024-45338', {
      known_affected: [
        {
          on: 'red_hat_openshift_container_platform_4',
          packages: ['openshift'],
          arch: ['src'],
          state: 'Affected',
        },
      ],
    }),
    legacyVex('CVE-2024-45339', {
      known_affected: [
        { on: 'red_hat_enterprise_linux_9', packages: ['bash'], arch: ['src'], state: 'Affected' },
      ],
    }),
  );
  const openshift = rpm('openshift-clients-4.16.0-0.el9', { from: 'openshift-4.16.0-0.el9' });

  it('of two CPEs that cover the image the more precise one is heard: 4.16 is spared what 4 is not', () => {
    const openshift4 = { on: 'red_hat_openshift_container_platform_4', packages: ['openshift'] };
    const spared = { on: '9Base-RHOSE-4.16', packages: ['openshift'], arch: ['src'] };
    const both = feedOf(
      legacyVex('CVE-2024-45340', {
        known_affected: [{ ...openshift4, arch: ['src'], state: 'Affected' }],
        known_not_affected: [{ ...spared, flag: 'vulnerable_code_not_present' }],
      }),
      legacyVex('CVE-2024-45339', {
        known_affected: [
          { on: 'red_hat_enterprise_linux_9', packages: ['bash'], arch: ['src'], state: 'Affected' },
        ],
      }),
    );
    const image = { version: '9.4', cpes: ['cpe:/a:redhat:openshift:4.16::el9'] };
    expect(judge(both, image, openshift)).toEqual([
      'CVE-2024-45340 not_affected cpe:/a:redhat:openshift:4.16::el9',
    ]);
  });

  it('openshift:4 covers 4.16, and 4.16 its own', () => {
    const image = { version: '9.4', cpes: ['cpe:/a:redhat:openshift:4.16::el9'] };
    expect(judge(feed, image, openshift)).toEqual([
      'CVE-2024-45337 affected available 0:4.16.0-1.el9 cpe:/a:redhat:openshift:4.16::el9',
      'CVE-2024-45338 affected none_yet cpe:/a:redhat:openshift:4',
    ]);
  });

  it.each([
    [
      'another version',
      'cpe:/a:redhat:openshift:4.1::el9',
      ['CVE-2024-45338 affected none_yet cpe:/a:redhat:openshift:4'],
    ],
    [
      'another RHEL below',
      'cpe:/a:redhat:openshift:4.16::el8',
      ['CVE-2024-45338 affected none_yet cpe:/a:redhat:openshift:4'],
    ],
    ['another product', 'cpe:/a:redhat:quay:3::el9', []],
  ])('%s is not it', (_, cpe, expected) => {
    expect(judge(feed, { version: '9.4', cpes: [cpe] }, openshift)).toEqual(expected);
  });
});
