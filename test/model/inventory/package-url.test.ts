import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePackageUrl } from '../../../src/model/inventory/package-url.ts';
import { dataPath, hasData } from '../../support/data.ts';

interface Parts {
  type: string;
  namespace: string | null;
  name: string;
  version: string | null;
  qualifiers: Record<string, string> | null;
  subpath: string | null;
}

function partsOf(text: string): Parts | undefined {
  const url = parsePackageUrl(text);
  if (!url) return undefined;
  const { type, namespace = null, name, version = null, qualifiers, subpath = null } = url;
  const named = qualifiers.length === 0 ? null : Object.fromEntries(qualifiers);
  return { type, namespace, name, version, qualifiers: named, subpath };
}

interface SpecificationCase {
  test_type: 'parse' | 'build' | 'validate';
  input: string | Partial<Parts>;
  expected_output: Partial<Parts> | string | null;
  expected_failure: boolean;
}

/** Read although the specification refuses them: no package is lost for the spelling of a qualifier. */
const tolerated = [
  'pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25',
  'pkg:npm/myartifact@1.0.0?in%20production=true',
];

describe("the specification's own tests of package URLs", () => {
  it.skipIf(!hasData('interchange2', 'purl')).each([
    ['types/deb', 12],
    ['types/rpm', 6],
    ['types/apk', 4],
    ['types/oci', 8],
    ['types/alpm', 6],
    ['spec/specification', 11],
  ])('%s', (name, expected) => {
    const file = dataPath('interchange2', 'purl', 'tests', `${name}-test.json`);
    const { tests } = JSON.parse(readFileSync(file, 'utf8')) as { tests: SpecificationCase[] };
    let count = 0;
    for (const { test_type: kind, input, expected_output: output, expected_failure: fails } of tests) {
      // Built from parts, then parsed back.
      const [text, parts] = kind === 'build' ? [output, input] : [input, output];
      if (kind === 'validate' || typeof text !== 'string') continue;
      count += 1;
      const found = partsOf(text);
      if (fails) expect(found !== undefined, text).toBe(tolerated.includes(text));
      else expect(found, text).toMatchObject(parts as object);
    }
    expect(count).toBe(expected);
  });
});

it.each(['pkg:maven/@1.3.4', 'pkg:deb/debian/@1', 'pkg:npm/@1', 'pkg:deb', 'deb/debian/a@1'])(
  '%s has no name, and is no package URL',
  (text) => {
    expect(parsePackageUrl(text)).toBeUndefined();
  },
);

it('a scope of npm that is not encoded, slashes after the scheme and around a subpath are read', () => {
  expect(partsOf('pkg://npm/@babel/core@7.0.0#/lib//x/')).toEqual({
    ...{ type: 'npm', namespace: '@babel', name: 'core', version: '7.0.0' },
    ...{ qualifiers: null, subpath: 'lib/x' },
  });
});
