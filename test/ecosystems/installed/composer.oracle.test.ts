import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { linesBelow } from './files.ts';

interface Shown {
  installed: { name: string; version: string }[];
}

describe.skipIf(!hasOracle('composer'))('Composer', () => {
  it.each([[], ['--no-dev']])('shows the packages that it installed (%s)', (...options) => {
    const folder = temporaryFolder();
    const made = { 'acme/one': 'v1.2.3', 'acme/two': '2.0.0-RC1', 'acme/branch': 'dev-main' };
    for (const [name, version] of Object.entries(made)) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'composer.json'), JSON.stringify({ name, version }));
    }
    const project = {
      repositories: [
        { type: 'path', url: 'acme/*', options: { symlink: false } },
        { 'packagist.org': false },
      ],
      require: { 'acme/one': '*', 'acme/branch': 'dev-main' },
      'require-dev': { 'acme/two': '*' },
      'minimum-stability': 'dev',
    };
    writeFileSync(join(folder, 'composer.json'), JSON.stringify(project));
    const env = { ...process.env, COMPOSER_ALLOW_SUPERUSER: '1', COMPOSER_HOME: join(folder, 'home') };
    const composer = (...args: string[]) =>
      execFileSync('composer', ['--no-interaction', ...args], {
        cwd: folder,
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    composer('update', ...options);
    const { installed } = JSON.parse(composer('show', '--format=json')) as Shown;

    expect(installed.length).toBe(options.length === 0 ? 3 : 2);
    expect(linesBelow(join(folder, 'vendor')).map(({ line }) => line)).toEqual(
      installed.map(({ name, version }) => `${name} ${version}`),
    );
  });
});
