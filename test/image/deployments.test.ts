import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../src/image/index.ts';
import { inventoryPackageFile, readInventory, readLanguages } from '../../src/inventory/index.ts';
import type { Image } from '../../src/model/inventory/index.ts';
import { scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { imageLayout, temporaryFile, writeFiles } from './support/make-image.ts';
import { dir, file, hardlink, makeTar, symlink, type TarInput } from './support/make-tar.ts';
import { openTar, text, wanted } from './support/open.ts';

const os = '/ostree/deploy/os';
const [older, newer] = [`${os}/deploy/aa.0`, `${os}/deploy/bb.0`];

/** A disk with two deployments, whose dpkg database is in the `/var` that they share. */
const disk: readonly TarInput[] = [
  ...[older, newer].flatMap((root, at) => [
    dir(`.${root}/usr`),
    file(`.${root}/usr/lib/os-release`, `ID=debian\nVERSION_ID=${12 + at}\n`),
    symlink(`.${root}/etc/os-release`, '/usr/lib/os-release'),
    symlink(`.${root}/outside`, '../../../../../secret'),
    dir(`.${root}/var`),
  ]),
  file(`.${os}/var/lib/dpkg/status`, stanza('bash', '5')),
  file('./secret', 'of the disk'),
  dir('./boot'),
];

const entry = (version: number, root: string): TarInput[] => [
  symlink(`./ostree/boot.1/os/cc/${version}`, `../../..${root.slice('/ostree'.length)}`),
  file(
    `./boot/loader.1/entries/ostree-${version}.conf`,
    `title os\nversion ${version}\noptions quiet ostree=/ostree/boot.1/os/cc/${version} rw\n`,
  ),
];
const entries = [
  symlink('./boot/loader', 'loader.1'),
  symlink('./ostree/boot.1', 'boot.1.1'),
  ...entry(2, older),
  ...entry(10, newer),
].map((each) => ({ ...each, name: each.name.replace('/boot.1/os', '/boot.1.1/os') }));

/** The entries as a folder. */
function folderOf(inputs: readonly TarInput[]): string {
  const root = temporaryFolder();
  for (const { name, link, content = '' } of inputs) {
    const path = join(root, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (link !== undefined) symlinkSync(link, path);
    else if (!name.endsWith('/')) writeFileSync(path, content);
  }
  return root;
}

function open(form: string, inputs: readonly TarInput[]): Promise<Image> {
  return form === 'a tar' ? openTar(inputs) : openImage(`dir:${folderOf(inputs)}`, { wanted });
}

describe.each(['a folder', 'a tar'])('a disk with ostree as %s', (form) => {
  it('is the deployment that is started by default, with the /var of its name; the others are named', async () => {
    const image = await open(form, [...disk, ...entries]);

    expect(readInventory(image.files)).toMatchObject({
      os: { id: 'debian', versionId: '13' },
      packages: [{ name: 'bash' }],
    });
    expect(image.notes).toEqual([
      {
        code: 'ostree_deployment',
        where: newer,
        detail: `the default by /boot/loader/entries/ostree-10.conf; not read: ${older}`,
      },
    ]);
    expect(image.files.real('/var/lib/dpkg/status')).toBe('/var/lib/dpkg/status');
    expect(image.files.list('/')).toContain('usr');
  });

  it('never follows a link out of the deployment', async () => {
    const image = await open(form, [...disk, ...entries]);

    expect(image.files.stat('/outside')).toBeUndefined();
    expect(image.files.stat('/outside', false)).toMatchObject({ type: 'symlink' });
    expect(text(image, '/etc/os-release')).toContain('13');
  });

  it('is its only deployment without a boot entry', async () => {
    const image = await open(
      form,
      disk.filter(({ name }) => !name.includes('aa.0')),
    );

    expect(readInventory(image.files).os).toMatchObject({ versionId: '13' });
    expect(image.notes).toMatchObject([{ where: newer, detail: 'the only one' }]);
  });

  it('is refused if nothing says which of several is started', async () => {
    await expect(open(form, disk)).rejects.toMatchObject({
      code: 'PLATFORM_UNKNOWN',
      exitCode: 4,
      where: `${older}, ${newer}`,
    });
  });

  it.each([
    [
      'names a deployment that is not there',
      20,
      'version 20\noptions ostree=/ostree/deploy/os/deploy/cc.0\n',
    ],
    ['does not resolve', 20, 'version 20\noptions ostree=/ostree/boot.1/os/cc/7\n'],
    ['starts none', 20, 'version 20\noptions root=x\n'],
    ['starts two', 20, `version 20\noptions ostree=${older} ostree=${newer}\n`],
    ['has the version of another', 20, `version 10\noptions ostree=${older}\n`],
    ['has a version with dots', 0, `version 41.1\noptions ostree=${older}\n`],
    ['has no version', 0, `options ostree=${older}\n`],
    ['has two versions', 0, `version 1\nversion 20\noptions ostree=${older}\n`],
    ['is too long', 0, `version 20\noptions ostree=${older}\n#${'x'.repeat(70_000)}`],
  ])('is refused if the boot entry %s', async (_, number, content) => {
    const path = `/boot/loader/entries/ostree-${number}.conf`;
    const odd = file(`./boot/loader.1/entries/ostree-${number}.conf`, content);

    await expect(open(form, [...disk, ...entries, odd])).rejects.toMatchObject({
      code: 'PLATFORM_UNKNOWN',
      exitCode: 4,
      where: expect.stringContaining(path) as string,
    });
  });

  it('is not its only deployment if the boot entry starts another', async () => {
    const one = disk.filter(({ name }) => !name.includes('aa.0'));
    const gone = file('./boot/loader/entries/a.conf', `version 1\noptions ostree=${older}\n`);

    await expect(open(form, [...one, gone])).rejects.toMatchObject({ code: 'PLATFORM_UNKNOWN' });
  });

  it.each([
    ['ten digits', `version 1234567890\noptions ostree=${older}\n`],
    ['indented lines', `\tversion 20\n options root=x\n  options ostree=${older}\n`],
    ['lines of Windows', `version 20\r\noptions ostree=${older}\r\n`],
    ['the same deployment in equal entries', `version 10\noptions ostree=${newer}\n`],
  ])('reads boot entries with %s', async (_, content) => {
    const highest = file('./boot/loader.1/entries/a.conf', content);
    const image = await open(form, [...disk, ...entries, highest]);

    expect(image.notes).toMatchObject([{ where: content.includes(older) ? older : newer }]);
  });

  it('is refused if only a store of objects is there', async () => {
    const objects = [dir('./composefs/objects/ab'), dir('./state/deploy/cd/etc'), dir('./boot')];

    await expect(open(form, objects)).rejects.toMatchObject({ code: 'PLATFORM_UNKNOWN', exitCode: 4 });
  });

  it('is its own root if that has a system: deployments below it are named', async () => {
    const own = [dir('./usr'), file('./etc/os-release', 'ID=debian\nVERSION_ID=11\n')];
    const image = await open(form, [...own, ...disk, ...entries]);

    expect(readInventory(image.files).os).toMatchObject({ versionId: '11' });
    expect(image.notes).toEqual([
      {
        code: 'ostree_deployment',
        where: '/',
        detail: `this root is read; of the deployments below it none is: ${older}, ${newer}`,
      },
    ]);
  });
});

it('a scan of an undecided disk ends with exit code 4 and says what to give', () => {
  const root = folderOf(disk);
  const { code, err } = scapfeed(['inventory', `dir:${root}`]);

  expect(code).toBe(4);
  expect(err).toContain(`dir:${root}${older}`);
});

describe('an image of bootc', () => {
  const program = 'sysroot/ostree/repo/objects/aa/bb.file';
  const metadata = 'Name: requests\nVersion: 2.0\n';
  const layer = [
    file(program, metadata),
    file('sysroot/ostree/repo/objects/cc/dd.file', 'ID=fedora\nVERSION_ID=42\n'),
    hardlink('usr/lib/os-release', 'sysroot/ostree/repo/objects/cc/dd.file'),
    symlink('etc/os-release', '../usr/lib/os-release'),
    symlink('ostree', 'sysroot/ostree'),
    hardlink('usr/lib/python3/site-packages/requests-2.0.dist-info/METADATA', program),
    file(
      'sysroot/ostree/deploy/x/deploy/y.0/usr/lib/python3/site-packages/old-1.dist-info/METADATA',
      metadata,
    ),
  ];

  it('has the files that are hard links to objects, and packages once', async () => {
    const image = await openImage(`oci:${writeFiles(temporaryFolder(), imageLayout({ layers: [layer] }))}`, {
      wanted,
      packageFiles: inventoryPackageFile,
    });

    expect(readInventory(image.files).os).toMatchObject({ id: 'fedora' });
    expect(readLanguages(image.files, []).languages).toMatchObject([
      { name: 'requests', database: '/usr/lib/python3/site-packages/requests-2.0.dist-info/METADATA' },
    ]);
  });

  it('has packages of languages of its own root alone as a tar of files, too', async () => {
    const image = await openImage(`tar:${temporaryFile('root.tar', makeTar(layer))}`, {
      wanted,
      packageFiles: inventoryPackageFile,
    });

    expect(readLanguages(image.files, []).languages).toHaveLength(1);
  });
});
