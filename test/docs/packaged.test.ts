import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { description, documents } from '../../scripts/package/documents.mjs';
import { builds } from '../../src/distros/builds.ts';
import { project } from '../support/cli.ts';

it('the npm package has the README and all that it and its pages name', () => {
  const told = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(told) as [{ files: { path: string }[] }];
  const packed = new Set(files.map(({ path }) => path));
  expect(documents().filter((path) => !packed.has(path))).toEqual([]);
});

describe('the documents of a package for systems', () => {
  const packed = new Set(documents());
  const folders = new Set([...packed].flatMap(parentsOf));
  // The package says its licence in the file that Debian asks for.
  packed.add('LICENSE');

  it.each([...packed].filter((path) => path.endsWith('.md')))('%s names no file that is left out', (path) => {
    const links = [...readFileSync(join(project, path), 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)];
    const targets = links.map(([, link = '']) => posix.normalize(posix.join(posix.dirname(path), link)));
    const missing = targets.filter(
      (target) => !packed.has(target) && !folders.has(target.replace(/\/$/, '')),
    );
    expect(missing).toEqual([]);
  });

  it('are those of tutorials, operations, examples and schemas too', () => {
    expect([...packed]).toEqual(
      expect.arrayContaining([
        'docs/tutorials/ci-gate.md',
        'docs/operations/sizing.md',
        'examples/systemd/scapfeed-pull.service',
        'docs/images/report.png',
        'schemas/debian-definition.schema.json',
      ]),
    );
  });

  it('say of every vendor that there is one', () => {
    const named = /data of ([^.]*?) into/.exec(description.join(' '))?.[1] ?? '';
    const vendors = named.split(/, | and /).map((name) => name.toLowerCase().replace(' ', ''));
    expect(vendors.sort()).toEqual(builds.map(({ source }) => source.id));
  });
});

function parentsOf(path: string): string[] {
  const parent = posix.dirname(path);
  return parent === '.' ? [] : [parent, ...parentsOf(parent)];
}
