import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { maven } from '../../src/ecosystems/versions/maven.ts';
import { pep440 } from '../../src/ecosystems/versions/pep440.ts';
import { dataPath } from '../support/data.ts';
import { miss } from '../support/missing.ts';

const jars = ['/usr/share/maven/lib/maven-artifact-3.x.jar', '/usr/share/java/commons-lang3.jar'];

/** Versions of a list of comparisons, each once. */
function versionsIn(file: string): string[] {
  const lines = readFileSync(dataPath('interchange2', 'versions', file), 'utf8').split('\n');
  return [
    ...new Set(
      lines.flatMap((line) =>
        /^\s*[#/]/.test(line) ? [] : line.split(/ [<=>] /).map((text) => text.trim()),
      ),
    ),
  ]
    .filter((text) => text !== '' && !/\s/.test(text))
    .sort();
}

function has(name: string, ...paths: string[]): boolean {
  if (paths.every((path) => existsSync(path))) return true;
  miss({ kind: 'oracle', name, package: 'maven' });
  return false;
}

describe.skipIf(!has('Maven', ...jars))('Maven itself', () => {
  it('orders every neighbour of the lists, and of each other, as we do', () => {
    const known = versionsIn('maven-versions.txt');
    const versions = known.flatMap((one, at) => [
      one,
      known[(at * 7 + 3) % known.length]!,
      '2-1',
      '2.0.a',
      '1-ga-1',
      '1.0.0.X1',
    ]);
    const main = 'org.apache.maven.artifact.versioning.ComparableVersion';
    const said = execFileSync('java', ['-cp', jars.join(':'), main, ...versions], { encoding: 'utf8' });
    const compared = [...said.matchAll(/^ {3}(\S+) (<|>|==) (\S+)$/gm)];
    expect(compared.length).toBe(versions.length - 1);
    const wrong = compared.flatMap(([line, , sign], at) => {
      const order = Math.sign(maven.compare(maven.read(versions[at]!)!, maven.read(versions[at + 1]!)!));
      return order === { '<': -1, '>': 1, '==': 0 }[sign!] ? [] : [line];
    });
    expect(wrong).toEqual([]);
  });
});

const packaging = `
import json, sys
from packaging.version import Version, InvalidVersion
def read(text):
    try: return Version(text)
    except InvalidVersion: return None
versions = [read(text) for text in json.load(sys.stdin)]
print(json.dumps([[None if a is None or b is None else (a > b) - (a < b) for b in versions] for a in versions]))
`;

function hasPackaging(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import packaging.version'], { stdio: 'ignore' });
    return true;
  } catch {
    miss({ kind: 'oracle', name: 'packaging of Python', package: 'python3-packaging' });
    return false;
  }
}

describe.skipIf(!hasPackaging())("Python's packaging", () => {
  it('reads and orders the versions of the list, each with each, as we do', () => {
    const forms = [
      '1.0',
      '1.0.dev1',
      '1.0a1',
      '1.0-1',
      '1.0.post',
      'v1.0',
      '1.0c1',
      '1!1.0',
      '1.0+A.1',
      '1.0+a-1.b',
      '1.0rc.1.post2.dev3',
    ];
    const versions = [...versionsIn('pypi-versions.txt'), ...forms, '1.0-foo', '', ' 1.0 ', '1.0+'];
    const said = execFileSync('/usr/bin/python3', ['-c', packaging], {
      input: JSON.stringify(versions),
      encoding: 'utf8',
    });
    const ours = versions.map((a) =>
      versions.map((b) => {
        const [one, other] = [pep440.read(a), pep440.read(b)];
        return one === undefined || other === undefined ? null : Math.sign(pep440.compare(one, other));
      }),
    );
    expect(ours).toEqual(JSON.parse(said));
  });
});
