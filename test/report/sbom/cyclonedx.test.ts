import { PackageURL } from 'packageurl-js';
import { describe, expect, test } from 'vitest';
import type { InstalledPackage, Inventory } from '../../../src/model/inventory/index.ts';
import { packageUrl } from '../../../src/report/purl.ts';
import { inventoryCycloneDx } from '../../../src/report/sbom/cyclonedx.ts';

const debian = {
  id: 'debian',
  versionId: '12',
  prettyName: 'Debian GNU/Linux 12 (bookworm)',
  found: '/etc/os-release',
};
const rhel = {
  id: 'rhel',
  versionId: '9.4',
  cpe: 'cpe:/o:redhat:enterprise_linux:9::baseos',
  found: '/etc/os-release',
};

function deb(fields: Partial<InstalledPackage>): InstalledPackage {
  const { name = 'bash', version = '5.2.15-2+b7' } = fields;
  return {
    type: 'deb',
    arch: 'amd64',
    source: { name, version },
    database: '/var/lib/dpkg/status',
    ...fields,
    name,
    version,
  };
}

function rpm(fields: Partial<InstalledPackage>): InstalledPackage {
  return { ...deb(fields), type: 'rpm', arch: 'x86_64', database: '/var/lib/rpm/rpmdb.sqlite' };
}

describe('purl', () => {
  test.each<[InstalledPackage, Inventory['os'], string]>([
    [deb({}), debian, 'pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12'],
    [
      deb({ name: 'libstdc++6', source: { name: 'gcc-12', version: '5.2.15-2+b7' } }),
      debian,
      'pkg:deb/debian/libstdc%2B%2B6@5.2.15-2%2Bb7?arch=amd64&distro=debian-12&upstream=gcc-12',
    ],
    [
      deb({
        name: 'bsdutils',
        version: '1:2.38.1-5',
        source: { name: 'util-linux', version: '2.38.1-5+deb12u1' },
      }),
      debian,
      'pkg:deb/debian/bsdutils@1:2.38.1-5?arch=amd64&distro=debian-12&upstream=util-linux%402.38.1-5%2Bdeb12u1',
    ],
    [
      rpm({
        name: 'vim-minimal',
        version: '2:8.2.2637-20.el9_1',
        source: { name: 'vim', version: '8.2.2637-20.el9_1' },
      }),
      rhel,
      'pkg:rpm/redhat/vim-minimal@8.2.2637-20.el9_1?arch=x86_64&distro=rhel-9.4&epoch=2&upstream=vim',
    ],
    [
      rpm({ name: 'npm', version: '1:8.19-1', modularityLabel: 'nodejs:16:820230220:abc' }),
      rhel,
      'pkg:rpm/redhat/npm@8.19-1?arch=x86_64&distro=rhel-9.4&epoch=1&modularitylabel=nodejs:16:820230220:abc',
    ],
    [rpm({ version: '5.1.8-9.el9' }), null, 'pkg:rpm/bash@5.1.8-9.el9?arch=x86_64'],
    [
      deb({ version: '1.0~rc1' }),
      { id: 'debian', codename: 'forky', found: 'x' },
      'pkg:deb/debian/bash@1.0~rc1?arch=amd64&distro=debian-forky',
    ],
    [deb({ arch: '' }), { id: 'kali', found: 'x' }, 'pkg:deb/kali/bash@5.2.15-2%2Bb7?distro=kali'],
  ])('%#: %o', (item, os, purl) => {
    expect(packageUrl(item, os)).toBe(purl);
  });

  test.each(['bash', "odd'(name)!*", 'a b', 'ä', '../x', 'a?b#c@d'])(
    'is read back by packageurl-js: %s',
    (name) => {
      const parsed = PackageURL.fromString(packageUrl(deb({ name, version: '1:2+3~4' }), debian));

      expect(parsed).toMatchObject({ type: 'deb', namespace: 'debian', name, version: '1:2+3~4' });
      expect(parsed.qualifiers).toMatchObject({ arch: 'amd64', distro: 'debian-12' });
    },
  );
});

describe('CycloneDX 1.6', () => {
  const inventory: Inventory = {
    os: rhel,
    databases: [{ kind: 'rpm-sqlite', path: '/var/lib/rpm/rpmdb.sqlite', packages: 2 }],
    packages: [
      rpm({
        name: 'bash',
        version: '5.1.8-9.el9',
        vendor: 'Red Hat, Inc.',
        keyId: '199e2f91fd431d51',
        layer: 0,
      }),
      rpm({ name: 'nodejs', version: '1:18.20.4-1.el9', module: 'nodejs:18' }),
    ],
    notes: [],
  };
  const subject = {
    reference: 'oci:app:latest',
    digest: `sha256:${'1'.repeat(64)}`,
    layers: [{ diffId: `sha256:${'2'.repeat(64)}` }],
    toolVersion: '1.2.3',
    date: '2026-11-20T00:00:00Z',
    describe: ({ name }: InstalledPackage) =>
      name === 'bash' ? { licences: ['GPLv3+'], sha256: '3'.repeat(64) } : { licences: ['MIT', 'as it is'] },
  };
  const bomOf = (found: Inventory) =>
    [
      ...inventoryCycloneDx(
        { ...subject, inventory: found, purl: (item) => packageUrl(item, found.os) },
        '1.6',
      ),
    ].join('');

  test('the whole document', () => {
    expect(JSON.parse(bomOf(inventory))).toEqual({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
      version: 1,
      metadata: {
        tools: { components: [{ type: 'application', name: 'scapfeed', version: '1.2.3' }] },
        component: {
          'bom-ref': 'image',
          type: 'container',
          name: 'oci:app:latest',
          version: subject.digest,
          purl: `pkg:oci/app@${encodeURIComponent(subject.digest!)}`,
          properties: [{ name: 'scapfeed:image:layer:1', value: subject.layers[0]!.diffId }],
        },
      },
      components: [
        {
          'bom-ref': 'os:rhel',
          type: 'operating-system',
          // Trivy finds no flaw of a system called rhel; syft, grype and our reader take the ID from the property.
          name: 'redhat',
          version: '9.4',
          cpe: 'cpe:/o:redhat:enterprise_linux:9::baseos',
          properties: [
            { name: 'scapfeed:os:found', value: '/etc/os-release' },
            { name: 'syft:distro:id', value: 'rhel' },
          ],
        },
        {
          'bom-ref': 'pkg:rpm/redhat/bash@5.1.8-9.el9?arch=x86_64&distro=rhel-9.4',
          type: 'library',
          supplier: { name: 'Red Hat, Inc.' },
          name: 'bash',
          version: '5.1.8-9.el9',
          hashes: [{ alg: 'SHA-256', content: '3'.repeat(64) }],
          licenses: [{ license: { id: 'GPL-3.0-or-later' } }],
          purl: 'pkg:rpm/redhat/bash@5.1.8-9.el9?arch=x86_64&distro=rhel-9.4',
          properties: [
            { name: 'scapfeed:package:database', value: '/var/lib/rpm/rpmdb.sqlite' },
            { name: 'scapfeed:package:layer', value: subject.layers[0]!.diffId },
            { name: 'scapfeed:package:source', value: 'bash' },
            { name: 'scapfeed:package:sourceVersion', value: '5.1.8-9.el9' },
            { name: 'scapfeed:package:keyId', value: '199e2f91fd431d51' },
            { name: 'aquasecurity:trivy:SrcName', value: 'bash' },
            { name: 'aquasecurity:trivy:SrcRelease', value: '9.el9' },
            { name: 'aquasecurity:trivy:SrcVersion', value: '5.1.8' },
          ],
        },
        {
          'bom-ref': 'pkg:rpm/redhat/nodejs@18.20.4-1.el9?arch=x86_64&distro=rhel-9.4&epoch=1',
          type: 'library',
          name: 'nodejs',
          version: '1:18.20.4-1.el9',
          licenses: [{ license: { id: 'MIT' } }, { license: { name: 'as it is' } }],
          purl: 'pkg:rpm/redhat/nodejs@18.20.4-1.el9?arch=x86_64&distro=rhel-9.4&epoch=1',
          properties: [
            { name: 'scapfeed:package:database', value: '/var/lib/rpm/rpmdb.sqlite' },
            { name: 'scapfeed:package:source', value: 'nodejs' },
            { name: 'scapfeed:package:sourceVersion', value: '1:18.20.4-1.el9' },
            { name: 'scapfeed:package:keyId', value: 'none' },
            { name: 'scapfeed:package:module', value: 'nodejs:18' },
            { name: 'aquasecurity:trivy:SrcEpoch', value: '1' },
            { name: 'aquasecurity:trivy:SrcName', value: 'nodejs' },
            { name: 'aquasecurity:trivy:SrcRelease', value: '1.el9' },
            { name: 'aquasecurity:trivy:SrcVersion', value: '18.20.4' },
          ],
        },
      ],
      dependencies: [
        { ref: 'image', dependsOn: ['os:rhel'] },
        {
          ref: 'os:rhel',
          dependsOn: [
            'pkg:rpm/redhat/bash@5.1.8-9.el9?arch=x86_64&distro=rhel-9.4',
            'pkg:rpm/redhat/nodejs@18.20.4-1.el9?arch=x86_64&distro=rhel-9.4&epoch=1',
          ],
        },
        { ref: 'pkg:rpm/redhat/bash@5.1.8-9.el9?arch=x86_64&distro=rhel-9.4' },
        { ref: 'pkg:rpm/redhat/nodejs@18.20.4-1.el9?arch=x86_64&distro=rhel-9.4&epoch=1' },
      ],
      compositions: [{ aggregate: 'incomplete', assemblies: ['image'] }],
      vulnerabilities: [],
    });
  });

  test('no database: what the image holds is unknown, not nothing', () => {
    const bom = JSON.parse(bomOf({ os: null, databases: [], packages: [], notes: [] }));

    expect(bom.components).toEqual([]);
    expect(bom.compositions).toEqual([{ aggregate: 'unknown', assemblies: ['image'] }]);
  });

  test('the same inventory gives the same bytes', () => {
    expect(bomOf(inventory)).toBe(bomOf(structuredClone(inventory)));
  });
});
