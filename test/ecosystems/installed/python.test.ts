import { describe, expect, it } from 'vitest';
import { readPackageFile } from '../../../src/ecosystems/installed/forms.ts';
import { linesAt } from './files.ts';

const metadata = 'Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n\nHTTP for people.\n';

describe('where distributions of Python are installed', () => {
  const packages = '/usr/local/lib/python3.12/site-packages';
  it.each([
    `${packages}/requests-2.31.0.dist-info/METADATA`,
    `${packages}/requests-2.31.0.egg-info/PKG-INFO`,
    `${packages}/requests-2.31.0-py3.12.egg-info`,
    `${packages}/requests-2.31.0-py3.12.egg/EGG-INFO/PKG-INFO`,
    `${packages}/requests.egg-info/PKG-INFO`,
    `${packages}/REQUESTS-2.31.0.DIST-INFO/METADATA`,
    `${packages}/requests/DIST-INFO/METADATA`,
    `${packages}/setuptools/_vendor/requests-2.31.0.dist-info/METADATA`,
    '/usr/lib/python3/dist-packages/requests-2.31.0.dist-info/METADATA',
    '/app/test/.venv/lib/python3.12/site-packages/requests-2.31.0.dist-info/METADATA',
    '/layers/deps/requests-2.31.0.dist-info/METADATA',
    '/src/requests/requests.egg-info/PKG-INFO',
  ])('%s', (path) => {
    expect(linesAt(path, metadata)).toEqual(['requests 2.31.0']);
  });

  it.each([
    `${packages}/requests-2.31.0.egg-info/SOURCES.txt`,
    `${packages}/requests/METADATA`,
    `${packages}/.egg-info`,
    '/src/requests-2.31.0/PKG-INFO',
    `${packages}/pkg_resources/tests/data/my.egg/EGG-INFO/PKG-INFO`,
    '/usr/lib/python3/dist-packages/pkg_resources/tests/data/my-1.0.dist-info/METADATA',
  ])('not %s', (path) => {
    expect(linesAt(path, metadata)).toBeUndefined();
  });

  it.each(['x', '.', '-', 'x/', './', '/tests'])('a path of many %j is read in one pass', (part) => {
    const begun = process.cpuUsage();
    expect(linesAt(`/${part.repeat(100_000)}`, '')).toBeUndefined();
    expect(process.cpuUsage(begun).user).toBeLessThan(2_000_000);
  });

  it('by their list of files, which needs no content', () => {
    expect(linesAt(`${packages}/Zope.Interface-6.1.dist-info/RECORD`, '')).toEqual(['zope-interface 6.1']);
  });

  it('not in lock files (trivy#756)', () => {
    for (const name of ['requirements.txt', 'poetry.lock', 'Pipfile.lock', 'uv.lock', 'pylock.toml'])
      expect(readPackageFile(`/app/${name}`, 1)).toBeUndefined();
  });
});

describe('what metadata of Python states', () => {
  const at = (content: Buffer | string) => linesAt('/x-1.dist-info/METADATA', content);

  it('is its name by PEP 503', () => {
    expect(at('Name: Zope.Interface__x\nVersion: 6.1\n')).toEqual(['zope-interface-x 6.1']);
  });

  it.each([
    ['the first of several headers', 'Name: a\nVersion: 1\nName: b\nVersion: 2\n'],
    ['headers in any case of letters', 'name: a\nVERSION: 1\n'],
    ['headers with blanks around', 'Name:a  \nVersion: \t1 \n'],
    ['lines that end with CR and LF', 'Name: a\r\nVersion: 1\r\n\r\nVersion: 2\r\n'],
    ['headers behind a byte order mark', '\uFEFFName: a\nVersion: 1\n'],
    ['headers behind a malformed line', 'Metadata-Version 2.1\nName: a\n=====\nVersion: 1\n'],
    ['headers behind a folded one', 'License: MIT\n  Name: b\n\tVersion: 2\nName: a\nVersion: 1\n'],
    ['a file without an end of line', 'Name: a\nVersion: 1'],
  ])('%s', (_, content) => {
    expect(at(content)).toEqual(['a 1']);
  });

  it('is read in any encoding', () => {
    expect(at(Buffer.from('Author: Andr\xe9\nName: a\nVersion: 1\n', 'latin1'))).toEqual(['a 1']);
  });

  it.each([
    ['an empty file', '', 'no name and no version'],
    ['a description', '\nName: a\nVersion: 1\n', 'no name and no version'],
    ['a header that ends before the version', 'Name: a\n\nVersion: 1\n', 'no version'],
    ['an empty version', 'Name: a\nVersion:\nVersion: 1\n', 'no version'],
    ['no name', 'Version: 1\n', 'no name'],
    ['JSON', '{}', 'no name and no version'],
    ['NULs', Buffer.alloc(5000), 'no name and no version'],
    [
      'a name behind 64 kB',
      `License: ${'x'.repeat(1 << 16)}\nName: a\nVersion: 1\n`,
      'no name and no version',
    ],
  ])('%s is unread', (_, content, detail) => {
    expect(at(content)).toEqual([`unread: ${detail}`]);
  });

  it('is the same in pieces of any size', () => {
    for (const pieceBytes of [1, 2, 7, 30])
      expect(linesAt('/x-1.dist-info/METADATA', metadata, pieceBytes)).toEqual(['requests 2.31.0']);
  });

  it('is known once the header ends, and after 64 kB', () => {
    const reader = readPackageFile('/x-1.dist-info/METADATA', 1 << 30)!;
    reader.push(Buffer.from('Name: a\n'));
    expect(reader.isOver).toBe(false);
    reader.push(Buffer.from('Version: 1\n\nText'));
    expect(reader.isOver).toBe(true);

    const endless = readPackageFile('/x-1.dist-info/METADATA', 1 << 30)!;
    endless.push(Buffer.alloc(1 << 20, 'x'));
    expect(endless.isOver).toBe(true);
    endless.push(Buffer.from('\nName: a\n'));
    expect(endless.end()?.packages).toEqual([]);
  });
});
