import { describe, expect, it } from 'vitest';
import { readInventory } from '../../src/inventory/index.ts';
import type { FileView } from '../../src/model/inventory/index.ts';
import { pathMatcher } from '../../src/model/path-glob.ts';
import { maxListBytes } from '../../src/packaging/deb/listed-packages.ts';
import { verifyFiles } from '../../src/verify/index.ts';
import { maxTableBytes, notedPlaces } from '../../src/verify/limits.ts';
import { Owners } from '../../src/verify/owners.ts';
import { stanza } from '../support/cli.ts';
import { memoryView } from '../support/memory-view.ts';

const database = {
  '/etc/os-release': 'ID=debian\n',
  '/var/lib/dpkg/status': stanza('tool', '1'),
  '/var/lib/dpkg/info/tool.list': '/.\n',
};

function verify(files: FileView) {
  return verifyFiles({ files, inventory: readInventory(files), live: false }, { allowed: () => false });
}

describe('more than any system has', () => {
  it.each([
    ['a list of files', '/var/lib/dpkg/info/tool.list', maxListBytes],
    ['a list of digests', '/var/lib/dpkg/info/tool.md5sums', maxListBytes],
    ['diversions', '/var/lib/dpkg/diversions', maxTableBytes],
    ['overrides', '/var/lib/dpkg/statoverride', maxTableBytes],
    ['accounts', '/etc/passwd', maxTableBytes],
  ])('%s is refused', (_, path, limit) => {
    const files = memoryView({ ...database, [path]: Buffer.alloc(limit + 1, '/a\n') });

    expect(() => verify(files)).toThrow(expect.objectContaining({ code: 'IMAGE_LIMIT_EXCEEDED' }));
  });

  it('paths of packages are refused', () => {
    const owners = new Owners(memoryView({}), 2);
    const file = { package: 'tool', path: '/a' } as Parameters<Owners['add']>[0];
    owners.add(file);
    owners.add(file);

    expect(() => owners.add(file)).toThrow(expect.objectContaining({ code: 'PACKAGE_DATABASE_UNREADABLE' }));
  });

  it('notes of one kind are counted', () => {
    const stray = Array.from({ length: 20 }, (_, at) => [`/var/lib/dpkg/info/x${at}.list`, '/opt\n']);
    const { notes } = verify(memoryView({ ...database, ...Object.fromEntries(stray) }));

    expect(notes).toHaveLength(notedPlaces + 1);
    expect(notes.at(-1)).toEqual({
      code: 'file_list_without_package',
      where: '15 more places',
      detail: '20 in all',
    });
  });
});

describe('lists that are none', () => {
  it.each([
    ['zeros', Buffer.alloc(1000)],
    ['bytes of all kinds', Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7) % 256))],
    ['a line without an end', Buffer.from(`/${'a'.repeat(100_000)}`)],
    ['carriage returns', Buffer.from('/usr/bin/x\r\n/\r\n\r\n')],
    ['names of objects in JavaScript', Buffer.from('/__proto__\n/constructor\n')],
  ])('%s own nothing that stands there', (_, content) => {
    const lists = { '/var/lib/dpkg/info/tool.list': content, '/var/lib/dpkg/info/tool.md5sums': content };
    const { deviations } = verify(memoryView({ ...database, ...lists, '/opt/x': '#!/bin/sh\n' }));

    expect(deviations).toEqual([]);
  });

  it('a link in circles in the place of a file is a change, not an error', () => {
    const lists = {
      '/var/lib/dpkg/info/tool.list': '/usr/bin/x\n',
      '/var/lib/dpkg/info/tool.md5sums': `${'0'.repeat(32)}  usr/bin/x\n`,
    };
    const loop = { '/usr/bin/x': { link: 'y' }, '/usr/bin/y': { link: 'x' } };

    expect(verify(memoryView({ ...database, ...lists, ...loop })).deviations).toMatchObject([
      { kind: 'changed', path: '/usr/bin/x', detail: 'a link to y' },
    ]);
  });
});

describe('patterns of --allow', () => {
  it.each([
    ['/app/*', '/app/x', true],
    ['/app/*', '/app/x/y', false],
    ['/app/**', '/app/x/y', true],
    ['/app/**', '/application', false],
    ['/opt/v?/x', '/opt/v1/x', true],
    ['/opt/v?/x', '/opt/v//x', false],
    ['/opt/a+b(c)', '/opt/a+b(c)', true],
    ['/opt/[a]', '/opt/a', false],
    ['/opt/**', '/opt/a\nb', true],
    ['opt/x', '/opt/x', false],
  ])('%s on %s: %s', (pattern, path, matches) => {
    expect(pathMatcher([pattern])(path)).toBe(matches);
  });

  it('of many stars ends', () => {
    expect(pathMatcher([`/${'**a'.repeat(30)}b`])(`/${'a'.repeat(200)}`)).toBe(false);
  });

  it.each(['*', '**', '**/', '?*'])('of a row of %s is as quick as it is long', (stars) => {
    const start = process.cpuUsage();
    expect(pathMatcher([`${stars.repeat(2000 / stars.length)}b`])('a'.repeat(2000))).toBe(false);
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  });
});
