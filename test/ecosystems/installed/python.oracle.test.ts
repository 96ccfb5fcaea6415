import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { linesBelow } from './files.ts';

const listing = `
import importlib.metadata as metadata, re, sys
for each in metadata.distributions(path=sys.argv[1:]):
    name = each.metadata['Name']
    print(re.sub('[-_.]+', '-', name.strip()).lower(), each.version.strip())
`;

describe.skipIf(!hasOracle('python3'))('importlib.metadata', () => {
  it('lists the same names and versions, however metadata is written', () => {
    const folder = temporaryFolder();
    const egg = join(folder, 'e-1-py3.12.egg');
    const files: Record<string, string> = {
      'a-1.dist-info/METADATA': 'Metadata-Version: 2.1\nName: A_b.c\nVersion: 1.0.post1\n\nName: other\n',
      'b-1.DIST-INFO/METADATA': 'name: b\r\nversion: 1\r\nName: second\r\nVersion: 2\r\n\r\nVersion: 3\r\n',
      'c-1.egg-info/PKG-INFO': 'Author: André\nName: c\nVersion: 1!2\n',
      'd-1-py3.12.egg-info': 'License: x\n  Name: folded\n\tVersion: 9\nName:d  \nVersion:\t1+local \n',
      'e-1-py3.12.egg/EGG-INFO/PKG-INFO': 'Name: e\nVersion: 1\n',
    };
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }

    expect(named(linesBelow(folder))).toEqual(listed(folder, egg));
  });

  it('lists the same packages of this machine', () => {
    const folder = '/usr/lib/python3/dist-packages';
    // Vendored packages are installed, but not where Python looks.
    const found = linesBelow(folder).filter(({ path }) => !path.includes('/_vendor/'));

    expect(named(found)).toEqual(listed(folder));
  });
});

function named(found: readonly { line: string }[]): string[] {
  return found.map(({ line }) => line).sort();
}

function listed(...folders: string[]): string[] {
  const said = execFileSync('python3', ['-I', '-c', listing, ...folders], { encoding: 'utf8' });
  return said.split('\n').slice(0, -1).sort();
}
