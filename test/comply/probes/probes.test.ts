import { describe, expect, it } from 'vitest';
import { wantedPredicate } from '../../../src/comply/files/wanted-files.ts';
import type { ImageSystem } from '../../../src/comply/index.ts';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import type { Collection } from '../../../src/comply/oval/items.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { wantedFiles } from '../../../src/comply/probes/wanted.ts';
import { openImage } from '../../../src/image/index.ts';
import { imageLayout, writeFiles } from '../../image/support/make-image.ts';
import { dir, file, symlink, type TarInput } from '../../image/support/make-tar.ts';
import { rootWith } from '../../support/cli.ts';
import { dirView } from '../../support/dir-view.ts';
import { type MemoryLayer, memoryView } from '../../support/memory-view.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { selinuxPolicy } from '../support/selinux-policy.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** Collects one object of the unix, linux or independent schema. */
function collect(type: string, entities: string, system: Partial<ImageSystem>): Collection {
  const [family, name] = type.split('/');
  const text = `<oval_definitions xmlns="${oval}" xmlns:t="${oval}#${family}"><objects><t:${name}_object id="oval:x:obj:1" version="1">${entities}</t:${name}_object></objects></oval_definitions>`;
  const whole = { env: [], packages: () => [], ...system } as ImageSystem;
  return new OvalEngine({
    document: lookupOf(readOval(text, 'oval.xml')),
    collect: imageCollector(whole),
  }).object('oval:x:obj:1');
}

/** Items as plain values, the names in the order of the schema. */
function plain({ items }: Collection): Record<string, string>[] {
  return items.map((item) =>
    Object.fromEntries([...item.entries()].map(([name, [entity]]) => [name, entity?.value ?? ''])),
  );
}

async function imageOf(...entries: TarInput[]) {
  const folder = writeFiles(temporaryFolder(), imageLayout({ layers: [entries] }));
  return openImage(`oci:${folder}`, {
    wanted: () => false,
    inspection: { files: () => true, digests: ['md5', 'sha1'] },
  });
}

const filepath = (path: string) => `<t:filepath>${path}</t:filepath>`;
const attribute = (name: string, operation = 'equals') =>
  `<t:attribute_name operation="${operation}">${name}</t:attribute_name>`;

describe('filehash, the deprecated form', () => {
  it('has both digests of a file in one item', async () => {
    const { files } = await imageOf(file('etc/x', 'abc'));
    expect(plain(collect('independent/filehash', filepath('/etc/x'), { files }))).toEqual([
      {
        filepath: '/etc/x',
        path: '/etc',
        filename: 'x',
        md5: '900150983cd24fb0d6963f7d28e17f72',
        sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
      },
    ]);
  });
});

describe('fileextendedattribute', () => {
  const labelled = { ...file('etc/x', 'x'), pax: { 'SCHILY.xattr.user.origin': 'here' } };

  it('is what the layer says', async () => {
    const { files } = await imageOf(labelled);
    const found = collect('unix/fileextendedattribute', filepath('/etc/x') + attribute('user.origin'), {
      files,
    });
    expect(plain(found)).toEqual([
      { filepath: '/etc/x', path: '/etc', filename: 'x', attribute_name: 'user.origin', value: 'here' },
    ]);
  });

  it('reads the names and values of bsdtar', async () => {
    const pax = { 'LIBARCHIVE.xattr.user.a%3Db': Buffer.from('v').toString('base64') };
    const { files } = await imageOf({ ...file('etc/x', 'x'), pax });
    const found = collect('unix/fileextendedattribute', filepath('/etc/x') + attribute('user.a=b'), {
      files,
    });
    expect(plain(found)[0]?.['value']).toBe('v');
  });

  it.each([
    ['another attribute of a layer', attribute('user.absent'), 'does not exist'],
    ['a label, which engines give', attribute('security.selinux'), 'not collected'],
    ['a pattern that a label matches', attribute('.', 'pattern match'), 'incomplete'],
  ])('%s', async (_, name, flag) => {
    const { files } = await imageOf(labelled);
    expect(collect('unix/fileextendedattribute', filepath('/etc/x') + name, { files }).flag).toBe(flag);
  });
});

describe('the extended access control list of a file', () => {
  const pax = (bytes: number) => ({ 'SCHILY.xattr.system.posix_acl_access': 'x'.repeat(bytes) });
  it.each([
    ['a layer gives a user more', pax(44), 'true'],
    ['a list says no more than the mode', pax(28), 'false'],
    ['a layer has no list', {}, 'false'],
  ])('%s', async (_, pax, value) => {
    const { files } = await imageOf({ ...file('etc/shadow', 'x'), pax });
    const [item] = collect('unix/file', filepath('/etc/shadow'), { files }).items;
    expect(item?.get('has_extended_acl')).toEqual([{ value, datatype: 'boolean' }]);
  });

  it('is not collected of a folder', () => {
    const files = dirView(rootWith({ 'etc/shadow': 'x' }));
    const [item] = collect('unix/file', filepath('/etc/shadow'), { files }).items;
    expect(item?.get('has_extended_acl')).toMatchObject([{ status: 'not collected' }]);
  });
});

describe('selinuxsecuritycontext', () => {
  it('has the parts of a label that a layer carries', async () => {
    const pax = { 'SCHILY.xattr.security.selinux': 'system_u:object_r:etc_t:s0-s3:c0.c1023\0' };
    const { files } = await imageOf({ ...file('etc/x', 'x'), pax });
    expect(plain(collect('linux/selinuxsecuritycontext', filepath('/etc/x'), { files }))).toEqual([
      {
        filepath: '/etc/x',
        path: '/etc',
        filename: 'x',
        user: 'system_u',
        role: 'object_r',
        type: 'etc_t',
        low_sensitivity: 's0',
        high_sensitivity: 's3',
        high_category: 'c0.c1023',
      },
    ]);
  });

  it('is not collected of a file without one', async () => {
    const { files } = await imageOf(file('etc/x', 'x'));
    expect(collect('linux/selinuxsecuritycontext', filepath('/etc/x'), { files }).flag).toBe('not collected');
    expect(collect('linux/selinuxsecuritycontext', filepath('/etc/y'), { files }).flag).toBe(
      'does not exist',
    );
  });
});

describe('selinuxboolean', () => {
  const policy = selinuxPolicy({ ftpd_anon_write: false, httpd_can_network_connect: true });
  const name = (value: string, operation = 'equals') => `<t:name operation="${operation}">${value}</t:name>`;
  const all = name('.', 'pattern match');
  const boolean = (entities: string, layer: MemoryLayer) =>
    collect('linux/selinuxboolean', entities, { files: memoryView(layer) });
  const pending = ({ items }: Collection) =>
    items.map((item) => {
      const [status] = item.get('pending_status') ?? [];
      return `${item.get('name')?.[0]?.value}: ${status?.status ?? status?.value}`;
    });

  it("has the policy's default as pending; what a kernel has now nothing tells", () => {
    const found = boolean(name('httpd_can_network_connect'), {
      '/etc/selinux/targeted/policy/policy.33': policy,
    });
    const [item] = found.items;
    expect([found.flag, found.items.length]).toEqual(['complete', 1]);
    expect(item?.get('current_status')).toEqual([
      { value: '', status: 'not collected', datatype: 'boolean' },
    ]);
    expect(item?.get('pending_status')).toEqual([{ value: 'true', datatype: 'boolean' }]);
  });

  it.each([
    ['the store of today', '/etc/selinux/targeted/active'],
    ['the store of Debian', '/var/lib/selinux/targeted/active'],
    ['the store of older tools', '/etc/selinux/targeted/modules/active'],
  ])('is what was set for good in %s', (_, store) => {
    const found = boolean(all, {
      '/etc/selinux/targeted/policy/policy.33': policy,
      [`${store}/booleans.local`]: '# by semanage\n\nhttpd_can_network_connect=0\nftpd_anon_write=1\n',
    });
    expect(pending(found)).toEqual(['ftpd_anon_write: true', 'httpd_can_network_connect: false']);
  });

  it('is not collected where two stores differ', () => {
    const found = boolean(all, {
      '/etc/selinux/targeted/policy/policy.33': policy,
      '/etc/selinux/targeted/active/booleans.local': 'ftpd_anon_write=1\n',
      '/var/lib/selinux/targeted/active/booleans.local': 'ftpd_anon_write=0\n',
    });
    expect(pending(found)).toEqual(['ftpd_anon_write: not collected', 'httpd_can_network_connect: true']);
  });

  it('is of the newest policy of the type that is configured', () => {
    const found = boolean(all, {
      '/etc/selinux/config': '# SELINUXTYPE=targeted\nSELINUX=enforcing\nSELINUXTYPE=mls \n',
      '/etc/selinux/targeted/policy/policy.33': policy,
      '/etc/selinux/mls/policy/policy.9': selinuxPolicy({ older: true }),
      '/etc/selinux/mls/policy/policy.31': selinuxPolicy({ newer: true }, 31),
    });
    expect(pending(found)).toEqual(['newer: true']);
  });

  it('is of the running kernel where its files came with the root file system', () => {
    const found = boolean(all, {
      '/etc/selinux/targeted/policy/policy.33': policy,
      '/sys/fs/selinux/booleans/ftpd_anon_write': '1 0',
      '/sys/fs/selinux/booleans/odd': 'x',
    });
    expect(plain(found)).toEqual([
      { name: 'ftpd_anon_write', current_status: 'true', pending_status: 'false' },
      { name: 'odd', current_status: '', pending_status: '' },
    ]);
  });

  it.each<[string, MemoryLayer, string]>([
    [
      'a boolean that the policy lacks',
      { '/etc/selinux/targeted/policy/policy.33': policy },
      'does not exist',
    ],
    ['no policy', {}, 'not collected'],
    [
      'SELinux disabled',
      { '/etc/selinux/config': 'SELINUX=disabled\n', '/etc/selinux/targeted/policy/policy.33': policy },
      'not collected',
    ],
    ['half a policy', { '/etc/selinux/targeted/policy/policy.33': policy.subarray(0, 99) }, 'error'],
    [
      'a policy of a later layout',
      { '/etc/selinux/targeted/policy/policy.99': selinuxPolicy({}, 99) },
      'error',
    ],
    [
      'settings that are none',
      {
        '/etc/selinux/targeted/policy/policy.33': policy,
        '/etc/selinux/targeted/active/booleans.local': 'absent=maybe\n',
      },
      'error',
    ],
  ])('of %s', (_, layer, flag) => {
    expect(boolean(name('absent'), layer).flag).toBe(flag);
  });

  it('is found in layers, of which no more is kept than is wanted', async () => {
    const text = `<oval_definitions xmlns="${oval}" xmlns:t="${oval}#linux"><objects><t:selinuxboolean_object id="oval:x:obj:1" version="1">${all}</t:selinuxboolean_object></objects></oval_definitions>`;
    const wanted = wantedPredicate(wantedFiles([readOval(text, 'oval.xml')], new Map()));
    const entries = [
      file('etc/selinux/config', 'SELINUXTYPE=default\n'),
      file('etc/selinux/default/policy/policy.33', policy),
      file('var/lib/selinux/default/active/booleans.local', 'ftpd_anon_write=true\n'),
    ];
    const folder = writeFiles(temporaryFolder(), imageLayout({ layers: [entries] }));
    const found = (files: ImageSystem['files']) => collect('linux/selinuxboolean', all, { files });
    const { files } = await openImage(`oci:${folder}`, { wanted });
    expect(pending(found(files))).toEqual(['ftpd_anon_write: true', 'httpd_can_network_connect: true']);
    const without = await openImage(`oci:${folder}`, { wanted: () => false });
    expect(found(without.files).flag).toBe('not collected');
  });
});

describe('runlevel', () => {
  it('follows the links of each runlevel to their scripts', async () => {
    const { files } = await imageOf(
      file('etc/init.d/ssh', '#!/bin/sh'),
      symlink('etc/rc3.d/S02secure-shell', '../init.d/ssh'),
      symlink('etc/rc6.d/K01ssh', '../init.d/ssh'),
      dir('etc/rc1.d'),
    );
    const levels =
      '<t:service_name>ssh</t:service_name><t:runlevel operation="pattern match">[136]</t:runlevel>';
    expect(plain(collect('unix/runlevel', levels, { files }))).toEqual([
      { service_name: 'ssh', runlevel: '1', start: 'false', kill: 'false' },
      { service_name: 'ssh', runlevel: '3', start: 'true', kill: 'false' },
      { service_name: 'ssh', runlevel: '6', start: 'false', kill: 'true' },
    ]);
  });
});

describe('uname', () => {
  it.each([
    ['the configuration', { architecture: 'arm64' }, 'aarch64'],
    ['packages', { packages: () => [{ arch: 'amd64' }, { arch: 'all' }, { arch: 'i386' }] }, 'x86_64'],
  ])('has the processor by %s', async (_, system, processor) => {
    const { files } = await imageOf(file('etc/x', 'x'));
    const [item] = collect('unix/uname', '', { files, ...(system as Partial<ImageSystem>) }).items;
    expect(item?.get('processor_type')).toEqual([{ value: processor }]);
    expect(item?.get('os_release')?.[0]?.status).toBe('not collected');
  });

  it.each([
    ['of 32 bits, which run on others too', { architecture: '386' }],
    ['that nothing tells', {}],
  ])('does not guess one %s', async (_, system) => {
    const { files } = await imageOf(file('etc/x', 'x'));
    expect(collect('unix/uname', '', { files, ...system }).flag).toBe('not collected');
  });
});

describe('extended attributes of a hostile layer', () => {
  it('count against the limit of names', async () => {
    const pax = { 'SCHILY.xattr.user.x': 'x'.repeat(900) };
    const entries = Array.from({ length: 20 }, (_, at) => ({ ...file(`f${at}`, ''), pax }));
    const folder = writeFiles(temporaryFolder(), imageLayout({ layers: [entries] }));
    const opened = openImage(`oci:${folder}`, { wanted: () => false, limits: { nameBytes: 10_000 } });
    await expect(opened).rejects.toThrow(/bytes of names in all layers/);
  });
});

describe('sysctl', () => {
  const name = (text: string) => `<t:name>${text}</t:name>`;
  const entries = [file('proc/sys/net/ipv4/ip_forward', '1\n'), file('proc/sys/kernel/x', '2\n')];
  const open = (wanted: (path: string) => boolean) => {
    const folder = writeFiles(temporaryFolder(), imageLayout({ layers: [entries] }));
    return openImage(`oci:${folder}`, { wanted });
  };

  it('is found in layers, of which no more is kept than is wanted', async () => {
    const text = `<oval_definitions xmlns="${oval}" xmlns:t="${oval}#unix"><objects><t:sysctl_object id="oval:x:obj:1" version="1">${name('x')}</t:sysctl_object></objects></oval_definitions>`;
    const { files } = await open(wantedPredicate(wantedFiles([readOval(text, 'oval.xml')], new Map())));
    expect(plain(collect('unix/sysctl', name('net.ipv4.ip_forward'), { files }))).toEqual([
      { name: 'net.ipv4.ip_forward', value: '1' },
    ]);
    expect(collect('unix/sysctl', name('net.absent'), { files }).flag).toBe('does not exist');
  });

  it('is not collected where its file was not kept', async () => {
    const { files } = await open((path) => path.startsWith('/proc/sys/kernel/'));
    expect(collect('unix/sysctl', name('net.ipv4.ip_forward'), { files }).flag).toBe('not collected');
    expect(collect('unix/sysctl', name('kernel.x'), { files }).flag).toBe('complete');
  });
});
