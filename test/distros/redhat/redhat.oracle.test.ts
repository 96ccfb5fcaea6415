import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeOval } from '../../../src/feed/oval/index.ts';
import { readInventory } from '../../../src/inventory/index.ts';
import type { Platform, ShardClaim } from '../../../src/model/feed/index.ts';
import { definitionId } from '../../../src/oval/document/document.ts';
import { coverageKey, flawKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { inventoryManifest } from '../../../src/report/manifest.ts';
import { validateFile } from '../../../src/validate/index.ts';
import { fixed, indexOf } from '../../oval/support/indexes.ts';
import { oscapEval, rootOf } from '../../oval/support/roots.ts';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { hasData } from '../../support/data.ts';
import { dirView } from '../../support/dir-view.ts';
import { hasOfficialSchemas, hasOracle, isRoot, officialSchemas } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';

function rhel(major: string): Platform {
  return {
    id: `rhel-${major}`,
    name: `Red Hat Enterprise Linux ${major}`,
    aliases: [],
    os: { id: 'rhel', version: major },
    packaging: 'rpm',
    life: [],
  };
}

interface Rpm {
  name: string;
  version: string;
  release: string;
  arch: string;
  epoch?: number;
  vendor: string;
  keyid?: string;
  sourcerpm: string;
  modularitylabel?: string;
}

const key = '199e2f91fd431d51';

function rpm(name: string, version: string, release: string, more: Partial<Rpm> = {}): Rpm {
  return {
    name,
    version,
    release,
    arch: 'x86_64',
    vendor: 'Red Hat, Inc.',
    keyid: key,
    sourcerpm: `${name}-${version}-${release}.src.rpm`,
    ...more,
  };
}

function systemOf(packages: Rpm[], files: Record<string, string> = {}): string {
  const root = rootOf({ 'etc/hostname': 'x\n', ...files });
  const folder = join(root, 'var/lib/rpm');
  mkdirSync(folder, { recursive: true });
  const list = join(temporaryFolder(), 'list.json');
  writeFileSync(list, JSON.stringify({ packages }));
  execFileSync('python3', [rpmDatabaseMaker, list, folder, 'sqlite'], { stdio: 'ignore' });
  return root;
}

async function written(
  major: string,
  packages: Record<string, ShardClaim[]>,
  binaries: Record<string, string[]> = {},
): Promise<string> {
  const directory = temporaryFolder();
  const index = {
    ...indexOf({ platform: rhel(major), source: 'redhat', packages }),
    binaries: new Map(Object.entries(binaries)),
  };
  await writeOval(index, directory, { toolVersion: '0.1.0' });
  return join(directory, `rhel-${major}.oval.xml`);
}

/** `scapfeed inventory -o manifest` of the root, in the directory that oscap runs in. */
function evaluateManifest(document: string, root: string, platform: string): Map<string, string> {
  const inventory = readInventory(dirView(root));
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'manifest'), inventoryManifest(inventory, { id: platform }));
  return oscapVerdicts(document.replace(/\.oval\.xml$/, '.manifest.oval.xml'), { folder });
}

const able =
  hasOracle('oscap', 'python3', 'rpm') && hasData('rpm') && existsSync(rpmDatabaseMaker) && isRoot();

// CVE-2024-28834: gnutls 3.7.6-23.el9_3.4 (9.3.0.Z) and 3.8.3-4.el9_4 (9.4.0.Z): a build is judged by its own minor.
const gnutls = [
  fixed('0:3.7.6-23.el9_3.4', ['CVE-2024-28834'], { minor: 3, advisories: ['RHSA-2024:1997'] }),
  fixed('0:3.8.3-4.el9_4', ['CVE-2024-28834'], { minor: 4, advisories: ['RHSA-2024:2570'] }),
];
const release = (version: string) => rpm('redhat-release', version, `0.${version}.el9`);

describe.skipIf(!able)('RHEL by stream', () => {
  let document: string;
  beforeAll(async () => {
    document = await written('9', { gnutls });
  });

  test.each([
    ['9.3, GA build', [release('9.3'), rpm('gnutls', '3.7.6', '23.el9')], true],
    ['9.3, fixed', [release('9.3'), rpm('gnutls', '3.7.6', '23.el9_3.4')], false],
    ['9.3, one below', [release('9.3'), rpm('gnutls', '3.7.6', '23.el9_3.3')], true],
    ['9.4, GA build above the fix of 9.3', [release('9.4'), rpm('gnutls', '3.8.2', '3.el9')], true],
    ['9.4, later GA build', [release('9.4'), rpm('gnutls', '3.8.3', '1.el9')], true],
    ['9.4, fixed', [release('9.4'), rpm('gnutls', '3.8.3', '4.el9_4')], false],
    [
      '9.4, inherited build, fixed in its own stream',
      [release('9.4'), rpm('gnutls', '3.7.6', '23.el9_3.4')],
      false,
    ],
    ['9.4, build of 9.4 below', [release('9.4'), rpm('gnutls', '3.8.2', '1.el9_4')], true],
    ['9.5, GA build that differs in the tag alone', [release('9.5'), rpm('gnutls', '3.8.3', '4.el9')], true],
    ['9.5, GA build above', [release('9.5'), rpm('gnutls', '3.8.3', '5.el9')], false],
    ['9.10, two digits', [release('9.10'), rpm('gnutls', '3.8.3', '1.el9')], true],
    ['9.2, build of 9.2 below', [release('9.2'), rpm('gnutls', '3.7.6', '21.el9_2.2')], true],
    [
      'a foreign key',
      [release('9.3'), rpm('gnutls', '3.7.6', '23.el9', { keyid: '702d426d350d275d' })],
      false,
    ],
    [
      'two architectures, one old',
      [
        release('9.3'),
        rpm('gnutls', '3.7.6', '23.el9_3.4'),
        rpm('gnutls', '3.7.6', '23.el9', { arch: 'i686' }),
      ],
      true,
    ],
    [
      'CentOS, no redhat-release',
      [rpm('centos-stream-release', '9.0', '1.el9'), rpm('gnutls', '3.7.6', '23.el9')],
      false,
    ],
    ['not installed', [release('9.3')], false],
  ])('%s', (_, packages, want) => {
    const results = oscapEval(document, systemOf(packages));

    expect(
      results.get(definitionId(ovalNamespace('rhel-9'), flawKey('fixed', 'CVE-2024-28834', 'gnutls'))),
    ).toBe(String(want));
  });

  test('no database: the coverage definition is false', () => {
    const results = oscapEval(document, rootOf({ 'etc/hostname': 'x\n' }));

    expect(results.get(definitionId(ovalNamespace('rhel-9'), coverageKey))).toBe('false');
  });
});

const module18 = 'nodejs:18';
const nodejs = [
  fixed('1:18.20.4-1.module+el8.10.0+22202+761b9a65', ['CVE-2024-36138'], { module: module18 }),
  fixed('1:18.19.1-1.module+el8.9.0+21392+a91c8c4f', ['CVE-2024-21892'], { module: module18 }),
  fixed('1:20.15.1-1.module+el8.10.0+22201+1', ['CVE-2024-22020'], { module: 'nodejs:20' }),
  fixed('1:99-1.el8', ['CVE-0001-0001']),
];
const record = (stream: string, state = 'enabled') => ({
  'etc/dnf/modules.d/nodejs.module': `[nodejs]\nname=nodejs\nprofiles=\nstate=${state}\nstream=${stream}\n`,
});
const node = (version: string, tag: string) => rpm('nodejs', version, tag, { epoch: 1 });
const old18 = node('18.19.0', '1.module+el8.9.0+21392+a91c8c4f');
const old20 = node('20.5.1', '1.module+el8.9.0+22201+bbbbbbbb');
const unknown18 = node('18.12.1', '2.module+el8.7.0+17465+1a1abd74');

describe.skipIf(!able)('RHEL modules', () => {
  let document: string;
  beforeAll(async () => {
    document = await written('8', { nodejs });
  });

  test.each([
    ["a known build, with dnf's record", old18, record('18'), true],
    ['a known build, without any record (ubi-micro)', old18, {}, true],
    ['the fix', node('18.20.4', '1.module+el8.10.0+22202+761b9a65'), record('18'), false],
    ['another stream than dnf has enabled', old20, record('18'), false],
    ['a build that no document names, by the record', unknown18, record('18'), true],
    ['the same without a record: on the list', unknown18, {}, false],
    ['the same with the record of another stream', unknown18, record('20'), false],
    ['a stream that begins alike', unknown18, record('1'), false],
    ['a disabled module', unknown18, record('18', 'disabled'), false],
    ['a build outside modules', node('18.19.0', '1.el8'), record('18'), false],
  ])('%s', (_, installed, files, want) => {
    const results = oscapEval(
      document,
      systemOf([rpm('redhat-release', '8.10', '0.3.el8'), installed], files),
    );

    expect(
      results.get(definitionId(ovalNamespace('rhel-8'), flawKey('fixed', 'CVE-2024-36138', 'nodejs'))),
    ).toBe(String(want));
  });

  test('a row outside modules judges builds outside modules alone', () => {
    const of = (installed: Rpm) =>
      oscapEval(document, systemOf([rpm('redhat-release', '8.10', '0.3.el8'), installed])).get(
        definitionId(ovalNamespace('rhel-8'), flawKey('fixed', 'CVE-0001-0001', 'nodejs')),
      );

    expect([of(node('18.19.0', '1.el8')), of(old18)]).toEqual(['true', 'false']);
  });
});

describe.skipIf(!able)('RHEL sources', () => {
  const id = (name: string) =>
    definitionId(ovalNamespace('rhel-8'), flawKey('fixed', 'CVE-2020-10543', name));
  const perl = (name: string, version: string, number: number, epoch: number, keyid?: string) =>
    rpm(name, version, `${number}.el8`, {
      epoch,
      sourcerpm: `perl-5.26.3-${number}.el8.src.rpm`,
      ...(keyid ? { keyid } : {}),
    });

  test.each([
    ['a binary of the source is old', [perl('perl-libs', '5.26.3', 416, 4)], 'true', 'false'],
    [
      'both are fixed',
      [perl('perl-libs', '5.26.3', 420, 4), perl('perl-Errno', '1.28', 420, 0)],
      'false',
      'false',
    ],
    [
      'the one with a version of its own is old',
      [perl('perl-libs', '5.26.3', 420, 4), perl('perl-Errno', '1.28', 416, 0)],
      'false',
      'true',
    ],
    ['EPEL', [perl('perl-libs', '5.26.3', 416, 4, '21ea45ab2f86d6a1')], 'false', 'false'],
  ])('%s', async (_, packages, source, binary) => {
    const document = await written(
      '8',
      {
        perl: [fixed('4:5.26.3-420.el8', ['CVE-2020-10543'])],
        'perl-Errno': [fixed('0:1.28-420.el8', ['CVE-2020-10543'], { subject: 'binary' })],
      },
      { perl: ['perl-interpreter', 'perl-libs', 'perl-macros'] },
    );
    const results = oscapEval(document, systemOf([rpm('redhat-release', '8.10', '0.3.el8'), ...packages]));

    expect([results.get(id('perl')), results.get(id('perl-Errno'))]).toEqual([source, binary]);
  });
});

describe.skipIf(!able)('the manifest of RHEL', () => {
  const labelled = (stream: string, version: string, tag: string): Rpm => ({
    ...node(version, tag),
    modularitylabel: `nodejs:${stream}:8090020240101000000:a75119d5`,
  });
  const old = '1.module+el8.9.0+99999+a91c8c4f';

  test.each([
    ['a label tells the stream where no document names the build', labelled('18', '18.19.0', old), {}, true],
    ['a label of another stream', labelled('20', '18.19.0', old), {}, false],
    ['the fix', labelled('18', '18.20.4', '1.module+el8.10.0+22202+761b9a65'), {}, false],
    ['without label, by the build number', old18, {}, true],
    ['without label, by what dnf has enabled', unknown18, record('18'), true],
    ['without label or record: undecidable', unknown18, {}, false],
    ['an unknown key and the vendor Red Hat', { ...old18, keyid: '0123456789abcdef' }, {}, true],
    ['an unknown key and another vendor', { ...old18, keyid: '0123456789abcdef', vendor: 'Me' }, {}, false],
    ["EPEL's key", { ...old18, keyid: '21ea45ab2f86d6a1' }, {}, false],
  ])('%s', async (_, installed, files, want) => {
    const document = await written('8', { nodejs });
    const root = systemOf([rpm('redhat-release', '8.10', '0.3.el8'), installed], {
      ...files,
      'etc/os-release': 'ID=rhel\nVERSION_ID="8.10"\n',
    });
    const results = evaluateManifest(document, root, 'rhel-8');

    expect(
      results.get(definitionId(ovalNamespace('rhel-8'), flawKey('fixed', 'CVE-2024-36138', 'nodejs'))),
    ).toBe(String(want));
  });

  test('an old binary of an epoch below its source is old by its source (perl-Errno)', async () => {
    const document = await written(
      '8',
      { perl: [fixed('4:5.26.3-420.el8', ['CVE-2020-10543'])] },
      { perl: ['perl-libs'] },
    );
    const errno = (number: number) =>
      rpm('perl-Errno', '1.28', `${number}.el8`, { sourcerpm: `perl-5.26.3-${number}.el8.src.rpm` });
    const of = (installed: Rpm) =>
      evaluateManifest(document, systemOf([installed]), 'rhel-8').get(
        definitionId(ovalNamespace('rhel-8'), flawKey('fixed', 'CVE-2020-10543', 'perl')),
      );

    expect([of(errno(416)), of(errno(420))]).toEqual(['true', 'false']);
  });

  test('of another release is no match', async () => {
    const document = await written('8', { nodejs });
    const results = evaluateManifest(document, systemOf([old18]), 'rhel-9');

    expect(new Set(results.values())).toEqual(new Set(['false']));
  });
});

describe.skipIf(!hasOfficialSchemas())('RHEL documents', () => {
  test.each([
    ['9', { gnutls }],
    ['8', { nodejs }],
  ])('of RHEL %s pass the official schema and our own', async (major, packages) => {
    const document = await written(major, packages, { gnutls: ['gnutls', 'gnutls-utils'] });

    for (const file of [document, document.replace('.oval.xml', '.manifest.oval.xml')]) {
      expect(await validateFile(file, { official: officialSchemas })).toMatchObject({
        valid: true,
        problems: [],
        schemas: ['profile', 'official'],
      });
    }
  });
});
