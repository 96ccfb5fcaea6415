import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { amazonRoot, rpm as amazonRpm } from '../../distros/amazon/system.ts';
import { echoRoot } from '../../distros/echo/world.ts';
import { almaRoot, rpm as almaRpm } from '../../distros/rebuild/almalinux/system.ts';
import { azureRoot, rpm as azureRpm } from '../../distros/rebuild/azurelinux/world.ts';
import { oracleRoot, rpm as oracleRpm } from '../../distros/rebuild/oracle/world.ts';
import { photonRoot, rpm as photonRpm } from '../../distros/rebuild/photon/world.ts';
import { rockyRoot, rpm as rockyRpm } from '../../distros/rebuild/rocky/system.ts';
import { rollingRoot } from '../../distros/rolling/world.ts';
import { suseRoot, rpm as suseRpm } from '../../distros/suse/system.ts';
import { redHatKey, rhelRoot, vendor } from '../../equality/redhat/roots.ts';
import { apkRecord } from '../../packaging/apk/record.ts';
import { trivyFindingsIn } from '../../prove-exports/trivy.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { npmCommand } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type Bucket, writeTrivyBuckets } from '../../support/trivy-db.ts';

const build = 'requests-1.0-1.x86_64';
const apk = apkRecord('requests', '1.0-r0');
const dpkg = stanza('requests', '1.0-1');

interface Read {
  os: { id: string };
  languages: { type: string; name: string }[];
}

/** By the ID of os-release: the bucket of the system in Trivy's database, and a system with one package. */
const systems: Record<string, [bucket: string, root: string]> = {
  almalinux: ['alma 9', almaRoot('9.4', [almaRpm(build)])],
  alpine: [
    'alpine 3.20',
    rootWith({
      'etc/os-release': 'ID=alpine\nVERSION_ID=3.20.3\n',
      'etc/alpine-release': '3.20.3\n',
      'lib/apk/db/installed': apk,
    }),
  ],
  amzn: ['amazon linux 2', amazonRoot('2', [amazonRpm(build)])],
  azurelinux: ['Azure Linux 3.0', azureRoot('azurelinux-3.0', [azureRpm(build)])],
  chainguard: ['chainguard', rollingRoot('chainguard', ['requests 1.0-r0'])],
  debian: [
    'debian 12',
    rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'etc/debian_version': '12.5\n',
      'var/lib/dpkg/status': dpkg,
    }),
  ],
  echo: ['echo', echoRoot(['requests 1.0-1'])],
  mariner: ['CBL-Mariner 2.0', azureRoot('mariner-2.0', [azureRpm(build)])],
  minimos: ['minimos', rollingRoot('minimos', ['requests 1.0-r0'])],
  ol: ['Oracle Linux 8', oracleRoot('8.9', [oracleRpm(build)])],
  'opensuse-leap': ['openSUSE Leap 15.5', suseRoot('opensuse-leap', '15.5', [suseRpm(build)])],
  'opensuse-tumbleweed': [
    'openSUSE Tumbleweed',
    suseRoot('opensuse-tumbleweed', '20240101', [suseRpm(build)]),
  ],
  photon: ['Photon OS 4.0', photonRoot('4.0', [photonRpm(build)])],
  rhel: ['Red Hat', rhelRoot({ major: 9, minor: 4 }, [{ ...rockyRpm(build), vendor, keyid: redHatKey }])],
  rocky: ['rocky 9', rockyRoot('9.4', [rockyRpm(build)])],
  'sl-micro': ['SUSE Linux Enterprise Micro 6.0', suseRoot('sl-micro', '6.0', [suseRpm(build)])],
  'sle-micro': ['SUSE Linux Enterprise Micro 5.5', suseRoot('sle-micro', '5.5', [suseRpm(build)])],
  sles: ['SUSE Linux Enterprise 15.5', suseRoot('sles', '15.5', [suseRpm(build)])],
  ubuntu: [
    'ubuntu 22.04',
    rootWith({
      'etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\n',
      'etc/lsb-release': 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n',
      'var/lib/dpkg/status': dpkg,
    }),
  ],
  wolfi: ['wolfi', rollingRoot('wolfi', ['requests 1.0-r0'])],
};

function readSbom(path: string): Read {
  return JSON.parse(scapfeed(['inventory', `sbom:${path}`, '-o', 'json']).out) as Read;
}

describe.skipIf(npmCommand('trivy') === undefined)('an SBOM of ours, by real Trivy', () => {
  const work = temporaryFolder();

  beforeAll(() => {
    const fixed = { FixedVersion: '2.0-1', Arches: ['x86_64'], Affected: [1], Cves: [{ Severity: 3 }] };
    const flaw = Buffer.from(JSON.stringify({ FixedVersion: '2.0-1', Entries: [fixed] }));
    const source = Buffer.from(JSON.stringify({ ID: 'test', Name: 'test', URL: 'https://example.test' }));
    const buckets = Object.values(systems).map(([bucket]) => bucket);
    const of = (content: Buffer | Bucket): Bucket =>
      Object.fromEntries(buckets.map((name) => [name, content]));
    writeTrivyBuckets(join(work, 'trivy-cache'), {
      'data-source': of(source),
      vulnerability: { 'CVE-2024-1': Buffer.from(JSON.stringify({ Title: 'x', Severity: 'HIGH' })) },
      ...of({ requests: { 'CVE-2024-1': flaw } }),
      'Red Hat CPE': {
        cpe: { 1: Buffer.from('"cpe:/o:redhat:enterprise_linux:9"') },
        nvr: {},
        repository: { 'rhel-9-for-x86_64-baseos-rpms': Buffer.from('[1]') },
      },
    });
  });

  const found = (command: 'rootfs' | 'sbom', path: string) =>
    trivyFindingsIn([command, path], work).map(
      ({ PkgName, InstalledVersion }) => `${PkgName} ${InstalledVersion}`,
    );

  it.each(Object.entries(systems))(
    '%s: the system has its flaws, a package of Python has none, and both read each other',
    (id, [, root]) => {
      const application = join(root, 'usr/local/lib/python3.11/site-packages/requests-1.0.dist-info');
      mkdirSync(application, { recursive: true });
      writeFileSync(join(application, 'METADATA'), 'Metadata-Version: 2.1\nName: requests\nVersion: 1.0\n');
      const theirs = found('rootfs', root);
      expect(theirs).toHaveLength(1);
      for (const format of ['cyclonedx', 'spdx']) {
        const sbom = join(work, `${id}.${format}.json`);
        scapfeed(['inventory', root, '-o', `${format}=${sbom}`]);
        expect([format, ...found('sbom', sbom)]).toEqual([format, ...theirs]);
        const { os, languages } = readSbom(sbom);
        expect(os.id).toBe(id);
        expect(languages.map(({ type, name }) => `${type} ${name}`)).toEqual(['pypi requests']);
      }
      const ofTrivy = join(work, `${id}.trivy.json`);
      execFileSync(npmCommand('trivy')!, ['rootfs', '--quiet', '-f', 'cyclonedx', '-o', ofTrivy, root]);
      expect(readSbom(ofTrivy).os.id).toBe(id);
    },
  );
});
