import { describe, expect, it } from 'vitest';
import { readPackageFile } from '../../../src/ecosystems/installed/forms.ts';
import { linesAt } from './files.ts';

const left = JSON.stringify({ name: 'left-pad', version: '1.3.0' });

describe('where npm packages are installed', () => {
  it.each([
    '/node_modules/left-pad/package.json',
    '/app/node_modules/left-pad/package.json',
    '/app/node_modules/@scope/left-pad/package.json',
    '/app/node_modules/a/node_modules/left-pad/package.json',
    '/app/node_modules/@scope/a/node_modules/@scope/left-pad/package.json',
    '/app/node_modules/.pnpm/left-pad@1.3.0/node_modules/left-pad/package.json',
    '/app/node_modules/.store/left-pad-npm-1.3.0-1/node_modules/left-pad/package.json',
    '/app/node_modules/.store/left-pad-npm-1.3.0-1/package/package.json',
    '/app/.yarn/unplugged/left-pad-npm-1.3.0-1/node_modules/left-pad/package.json',
    '/usr/lib/node_modules/npm/node_modules/left-pad/package.json',
    '/usr/lib/node_modules/code-server/lib/vscode/node_modules/left-pad/package.json',
    '/app/node_modules/package.json/package.json',
    '/app/node_modules/fixtures/node_modules/left-pad/package.json',
    '/app/node_modules/@scope/test/node_modules/left-pad/package.json',
    '/app/test/node_modules/left-pad/package.json',
  ])('%s', (path) => {
    expect(linesAt(path, left)).toEqual(['left-pad 1.3.0']);
  });
});

describe('the pieces of a file', () => {
  const path = '/app/node_modules/left-pad/package.json';
  const packages = [{ ecosystem: 'npm', name: 'left-pad', version: '1.3.0' }];
  const bytes = Buffer.from(left);

  it('are read at once where there is one, before its buffer is filled again', () => {
    const reader = readPackageFile(path, bytes.length)!;
    const piece = Buffer.from(bytes);
    reader.push(piece);
    expect(reader.isOver).toBe(true);
    piece.fill(0);
    expect(reader.end()).toEqual({ packages, unread: [] });
  });

  it.each([0, 1, bytes.length - 1, bytes.length, bytes.length + 5])(
    'are all read where its size was %i',
    (size) => {
      const reader = readPackageFile(path, size)!;
      for (let at = 0; at < bytes.length; at += 3) reader.push(bytes.subarray(at, at + 3));
      expect(reader.end()).toEqual({ packages, unread: [] });
    },
  );
});

describe('files that are no installed npm package', () => {
  it.each([
    ['a project', '/app/package.json'],
    ['a folder of modules', '/app/node_modules/package.json'],
    ['a scope', '/app/node_modules/@scope/package.json'],
    ['a hint for the resolution of modules', '/app/node_modules/left-pad/esm/package.json'],
    ['the same in a scope', '/app/node_modules/@scope/left-pad/esm/package.json'],
    ['a package that pnpm put aside', '/app/node_modules/.ignored/left-pad/package.json'],
    ['what an interrupted npm left', '/app/node_modules/.left-pad-x1Y2z3/package.json'],
    ['a cache', '/app/node_modules/.vite/deps/package.json'],
    ['a test of a package', '/app/node_modules/resolve/test/resolver/node_modules/left-pad/package.json'],
    ['one in a scope', '/app/node_modules/@scope/a/__fixtures__/x/node_modules/@scope/left-pad/package.json'],
    ['another file', '/app/node_modules/left-pad/x-package.json'],
  ])('%s', (_, path) => {
    expect(linesAt(path, left)).toBeUndefined();
  });

  it('are lock files (trivy#756)', () => {
    for (const name of [
      'package-lock.json',
      'node_modules/.package-lock.json',
      'yarn.lock',
      'pnpm-lock.yaml',
    ])
      expect(readPackageFile(`/app/${name}`, 1)).toBeUndefined();
  });

  it('are packages that are malformed on purpose', () => {
    const path = '/app/node_modules/resolve/test/resolver/malformed_package_json/node_modules/x/package.json';
    expect(linesAt(path, '{')).toBeUndefined();
  });
});

describe('what an installed package.json states', () => {
  const at = (content: Buffer | string) => linesAt('/app/node_modules/x/package.json', content);

  it('is the name, not the folder, which an alias may have given', () => {
    expect(at(JSON.stringify({ name: '@types/node', version: '20.1.0' }))).toEqual(['@types/node 20.1.0']);
  });

  it('is its name in any case of letters, and its version as written', () => {
    expect(at(JSON.stringify({ name: 'JSONStream', version: ' v1.3.5\n' }))).toEqual(['JSONStream v1.3.5']);
  });

  it('is read behind a byte order mark', () => {
    expect(at(`\uFEFF${left}`)).toEqual(['left-pad 1.3.0']);
  });

  it.each([
    ['{"version": "1.0.0"}', 'no name'],
    ['{"type": "module"}', 'no name and no version'],
    ['{"name": "x"}', 'no version'],
    ['{"name": "x", "version": 1}', 'no version'],
    ['{"name": "x", "version": " "}', 'no version'],
    ['{"name": ["x"], "version": "1.0.0"}', 'no name'],
    ['{"name": "x\\u001b[2J", "version": "1.0.0"}', 'no name'],
    [`{"name": "${'x'.repeat(2000)}", "version": "1.0.0"}`, 'no name'],
    ['[]', 'no name and no version'],
    ['null', 'no name and no version'],
    ['"x"', 'no name and no version'],
    ['', 'not JSON'],
    ['{"name" "x"}', 'not JSON'],
    [`${'['.repeat(100_000)}`, 'not JSON'],
    [`[${'[],'.repeat(600_000)}[]]`, 'expected at most 500000 values of JSON, found more'],
    [' '.repeat((4 << 20) + 1), 'larger than 4194304 bytes'],
  ])('%.40s is unread', (content, detail) => {
    expect(at(content)).toEqual([`unread: ${detail}`]);
  });

  it('is the last of members that it has twice, as for npm and for Node', () => {
    expect(at('{"name": "x", "version": "1.0.0", "name": "left-pad", "version": "1.3.0"}')).toEqual([
      'left-pad 1.3.0',
    ]);
    expect(at('{"name": "x", "version": "1.0.0", "version": null}')).toEqual(['unread: no version']);
  });

  it('is not taken from a prototype', () => {
    expect(at('{"__proto__": {"name": "x", "version": "1.0.0"}}')).toEqual([
      'unread: no name and no version',
    ]);
  });

  it('is the same in pieces of any size', () => {
    for (const pieceBytes of [1, 7, 64])
      expect(linesAt('/app/node_modules/x/package.json', left, pieceBytes)).toEqual(['left-pad 1.3.0']);
  });
});
