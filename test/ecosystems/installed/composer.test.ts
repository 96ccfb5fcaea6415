import { describe, expect, it } from 'vitest';
import { readPackageFile } from '../../../src/ecosystems/installed/forms.ts';
import { linesAt } from './files.ts';

const packages = [
  { name: 'Symfony/Console', version: 'v6.4.1', version_normalized: '6.4.1.0', type: 'library' },
  { name: 'phpunit/phpunit', version: '9.6.0', type: 'library' },
  { name: 'acme/app', version: 'dev-main' },
];
const lines = ['symfony/console v6.4.1', 'phpunit/phpunit 9.6.0', 'acme/app dev-main'];
const second = { packages, dev: true, 'dev-package-names': ['phpunit/phpunit'] };

describe('where Composer lists what it installed', () => {
  it.each(['/app/vendor/composer/installed.json', '/app/lib/packages/composer/installed.json'])(
    '%s',
    (path) => {
      expect(linesAt(path, JSON.stringify(second))).toEqual(lines);
      expect(linesAt(path, JSON.stringify(packages))).toEqual(lines);
    },
  );

  it.each([
    '/app/vendor/composer/installed.php',
    '/app/installed.json',
    '/app/vendor/acme/app/composer.json',
    '/app/vendor/acme/app/tests/Fixtures/vendor/composer/installed.json',
  ])('not %s', (path) => {
    expect(linesAt(path, JSON.stringify(second))).toBeUndefined();
  });

  it('of a package that has its own folder of packages, and may be called test', () => {
    expect(linesAt('/app/vendor/acme/test/vendor/composer/installed.json', JSON.stringify(second))).toEqual(
      lines,
    );
  });

  it('not in lock files (trivy#756)', () => {
    expect(readPackageFile('/app/composer.lock', 1)).toBeUndefined();
  });
});

describe('what such a list states', () => {
  const at = (text: string) => linesAt('/app/vendor/composer/installed.json', text);

  it('keeps each package that has no name or version', () => {
    const broken = [{ name: 'a/b' }, { version: '1' }, null, 'c/d', { name: 'e/f', version: '2' }];
    expect(at(JSON.stringify({ packages: broken }))).toEqual([
      'e/f 2',
      'unread: no version',
      'unread: no name',
      'unread: no name and no version',
      'unread: no name and no version',
    ]);
  });

  it('is nothing where nothing is installed', () => {
    expect(at('[]')).toEqual([]);
    expect(at('{"packages": [], "dev": false}')).toEqual([]);
  });

  it('is bounded', () => {
    expect(at(`[${'{},'.repeat(200_000)}{}]`)).toHaveLength(200_001);
    expect(at(`[${'{},'.repeat(600_000)}{}]`)).toEqual([
      'unread: expected at most 500000 values of JSON, found more',
    ]);
  });

  it.each([
    ['', 'not JSON'],
    ['<?php return [];', 'not JSON'],
    ['null', 'no list of packages'],
    ['{"packages": {}}', 'no list of packages'],
  ])('%s is unread', (text, detail) => {
    expect(at(text)).toEqual([`unread: ${detail}`]);
  });
});
