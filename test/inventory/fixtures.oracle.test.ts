import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { redHatContext } from '../../src/distros/redhat/image.ts';
import { readInventory } from '../../src/inventory/index.ts';
import { dataPath, hasData } from '../support/data.ts';
import { folderLayer, memoryView } from '../support/memory-view.ts';

const syft = ['image-fixtures', 'anchore+syft', 'internal', 'os', 'testdata'];
const scalibr = [
  'image-fixtures',
  'google+osv-scalibr',
  'extractor',
  'filesystem',
  'os',
  'dpkg',
  'testdata',
  'dpkg',
];
const trivyBuildInfo = [
  'image-fixtures',
  'aquasecurity+trivy',
  'pkg',
  'fanal',
  'analyzer',
  'buildinfo',
  'testdata',
];

/** The fixtures by which other scanners test the same readers: what is in them, by our rules. */
describe.skipIf(!hasData(...syft))('roots of syft', () => {
  test.each([
    ['ubuntu_plain', undefined],
    ['ubuntu_esm_status', { attached: true, services: ['esm-apps', 'esm-infra'] }],
    ['ubuntu_esm_infra_only', { attached: true, services: ['esm-infra'] }],
    ['ubuntu_esm_disabled', { attached: true, services: [] }],
    ['ubuntu_esm_apt', { attached: false, services: ['esm-infra'] }],
    ['ubuntu_esm_deb822', { attached: false, services: ['esm-infra'] }],
    ['ubuntu_esm_authconf', { attached: true, services: ['esm-apps', 'esm-infra'] }],
    ['ubuntu_fips_only', { attached: true, services: ['fips'] }],
    ['ubuntu_esm_malformed', undefined],
  ])('%s', (root, pro) => {
    expect(readInventory(memoryView(folderLayer(dataPath(...syft, root)))).context?.['ubuntu']).toEqual(pro);
  });

  test('content manifests of an image and of its base', () => {
    const inventory = readInventory(memoryView(folderLayer(dataPath(...syft, 'rhel_content_manifests'))));

    expect(inventory.os).toMatchObject({ id: 'rhel', versionId: '9.4' });
    expect(redHatContext(inventory).contentSets).toEqual([
      'rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_4',
      'rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_4',
      'rhel-9-for-x86_64-rt-rpms__9_DOT_4',
      'rhocp-4.16-for-rhel-9-x86_64-rpms',
    ]);
  });
});

describe.skipIf(!hasData(...trivyBuildInfo))('build information of trivy', () => {
  test('manifests of both forms and a broken one', () => {
    const folder = dataPath(...trivyBuildInfo, 'content_manifests');
    const inventory = readInventory(memoryView(folderLayer(folder, '/root/buildinfo/content_manifests')));

    expect(redHatContext(inventory).contentSets).toEqual([
      'rhel-8-for-x86_64-appstream-rpms',
      'rhel-8-for-x86_64-baseos-rpms',
    ]);
    expect(inventory.notes.map(({ code }) => code)).toEqual(['broken_content_manifest']);
  });

  test.each([
    [
      'Dockerfile-ubi8-8.3-227',
      { component: 'ubi8-container', name: 'ubi8', version: '8.3', release: '227' },
    ],
    [
      'Dockerfile-jboss-base-7-base-1.1-3',
      { component: 'jboss-base-7-docker', version: '1.1', release: '3', architecture: 'x86_64' },
    ],
  ])('%s', (name, product) => {
    const text = readFileSync(dataPath(...trivyBuildInfo, 'dockerfile', name));

    const { products } = readInventory(memoryView({ [`/root/buildinfo/${name}`]: text }));
    expect(products).toMatchObject([product]);
  });
});

describe.skipIf(!hasData(...scalibr))('status files of osv-scalibr', () => {
  test.each([
    ['single', ['acl']],
    ['trailingnewlines', ['acl']],
    ['empty', []],
    // Its last paragraph has no Status, as if it had been cut off.
    ['statusfield', 'line 25 (wantnostatus)'],
    ['invalid', 'line 1'],
    ['noversion', 'line 5 (acl)'],
    ['nopackage', 'line 5'],
  ])('%s', (name, expected) => {
    const read = () =>
      readInventory(memoryView({ '/var/lib/dpkg/status': readFileSync(dataPath(...scalibr, name)) }));

    if (typeof expected === 'string') {
      expect(read).toThrow(expect.objectContaining({ where: `/var/lib/dpkg/status ${expected}` }));
    } else {
      expect(read().packages.map((item) => item.name)).toEqual(expected);
    }
  });

  test('every one of them is read or refused with a place', () => {
    const files = readdirSync(dataPath(...scalibr)).map((name) => join(dataPath(...scalibr), name));
    for (const file of files.filter((path) => statSync(path).isFile())) {
      try {
        readInventory(memoryView({ '/var/lib/dpkg/status': readFileSync(file) }));
      } catch (error) {
        expect(error).toMatchObject({
          code: 'PACKAGE_DATABASE_UNREADABLE',
          where: expect.stringContaining('line'),
        });
      }
    }
  });
});
