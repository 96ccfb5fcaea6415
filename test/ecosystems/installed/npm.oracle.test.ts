import { execFileSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { linesBelow } from './files.ts';

interface NpmNode {
  name: string;
  version: string;
  path: string;
}

it('npm finds the same packages at the same places of this project, and no other', () => {
  const project = resolve(import.meta.dirname, '../../..');
  const modules = join(project, 'node_modules');
  const said = execFileSync('npm', ['query', '*'], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
  const expected = (JSON.parse(said) as NpmNode[])
    // A package of the project itself is a link to its folder.
    .filter(({ path }) => path.startsWith(`${modules}/`) && !lstatSync(path).isSymbolicLink())
    .map(({ name, version, path }) => ({
      path: `${path.slice(modules.length)}/package.json`,
      line: `${name} ${version}`,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

  expect(expected.length).toBeGreaterThan(100);
  expect(linesBelow(modules)).toEqual(expected);
});
