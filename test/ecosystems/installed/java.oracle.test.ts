import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { java } from '../../../src/ecosystems/installed/java.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { miss } from '../../support/missing.ts';
import { zipOf } from '../../support/zip.ts';

const repository = '/usr/share/maven-repo';

function hasRepository(): boolean {
  if (existsSync(join(repository, 'org/apache/maven/maven-core'))) return true;
  miss({ kind: 'oracle', name: repository, package: 'maven' });
  return false;
}

function read(path: string, bytes: Buffer) {
  const reader = java.begin(path, bytes.length);
  reader?.push(bytes);
  return reader?.end() ?? { packages: [], unread: [] };
}

describe.skipIf(!hasRepository())("Debian's repository of Maven", () => {
  it('has each jar under the name that we read in it; the others are unread', () => {
    const wrong: string[] = [];
    let named = 0;
    let unread = 0;
    for (const file of globSync('**/*.jar', { cwd: repository })) {
      const [version = '', artifact = '', ...group] = file.split('/').slice(0, -1).reverse();
      // Names of a whole line of releases.
      if (version === 'debian' || version.endsWith('.x')) continue;
      const real = realpathSync(join(repository, file));
      const { packages, unread: without } = read(real, readFileSync(real));
      const own = packages.find(({ inside }) => inside === undefined);
      const name = `${group.reverse().join('.')}:${artifact}`;
      if (own === undefined && without.length > 0) unread += 1;
      else if (own?.name === name && own.version === version) named += 1;
      else wrong.push(`${real}: ${own?.name} ${own?.version}, not ${name} ${version}`);
    }
    expect(wrong).toEqual([]);
    expect(named).toBeGreaterThan(50);
    expect(unread).toBeLessThan(named / 4);
  });
});

/** Rows of the lists that we read in another way, by their file. */
const otherwise: Readonly<Record<string, string>> = {
  'MANIFEST.MF of axis': 'names nothing in its main section',
  'MANIFEST.MF of combine-manifest-filename':
    "is ivy's under another file name, with its organisation as vendor",
  'MANIFEST.MF of invalid-ids': 'has an extension for a group and a title for an artifact',
  'MANIFEST.MF of manifest-implementation-title': 'names artifact and version, which the file name replaces',
  'MANIFEST.MF of manifest-no-group-id': 'has no group',
  'MANIFEST.MF of manifest-symbolicname': 'has a symbolic name that is no group: com.google.guava is',
  'nested_at_10.jar': 'is nested deeper than eight archives',
  'no_pom_properties-2.4.0.jar': 'has no group, and no classes',
  'org.eclipse.sisu.inject-0.3.5.jar': 'has its group in its file name only, and no classes',
  'pom_missing_group_id-2.4.0.jar': 'has no group',
};

describe.skipIf(!hasData('interchange2', 'extract', 'expected.tsv'))("Lists of others' tests", () => {
  it('are found, or differ for a reason', () => {
    const rows = readFileSync(dataPath('interchange2', 'extract', 'expected.tsv'), 'utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([, path = '']) => path.includes('language/java/archive/'));
    const folder = dataPath('interchange2', 'extract', 'scalibr/java/archive/testdata');
    const differing = new Set<string>();
    for (const [, path = '', name = '', version = ''] of rows) {
      const [file = '', parent = ''] = path.split('/').reverse();
      const isManifest = file === 'MANIFEST.MF';
      const bytes = isManifest ? jarOf(readFileSync(join(folder, parent, file))) : readIf(join(folder, file));
      if (!bytes) continue;
      const { packages } = read(isManifest ? '/a/no_pom_properties-2.4.0.jar' : file, bytes);
      const isFound = name === '' || packages.some((each) => each.name === name && each.version === version);
      if (!isFound) differing.add(isManifest ? `${file} of ${parent}` : basename(path));
    }
    expect(rows.length).toBeGreaterThan(15);
    expect([...differing].sort()).toEqual(Object.keys(otherwise).sort());
  });

  it('of an archive with every kind of nested and shaded jar are found', () => {
    const folder = dataPath('interchange2', 'extract', 'trivy/parser/java/jar/testdata');
    const names = (file: string) =>
      read(file, readFileSync(join(folder, file)))
        .packages.map(({ name, version }) => `${name} ${version}`)
        .sort();
    expect(names('maven.war')).toEqual([
      'com.cronutils:cron-utils 9.1.2',
      'com.example:web-app 1.0-SNAPSHOT',
      'com.fasterxml.jackson.core:jackson-annotations 2.9.10',
      'com.fasterxml.jackson.core:jackson-core 2.9.10',
      'com.fasterxml.jackson.core:jackson-databind 2.9.10.6',
      'org.apache.commons:commons-lang3 3.11',
      'org.glassfish:javax.el 3.0.0',
      'org.slf4j:slf4j-api 1.7.30',
    ]);
    expect(names('nested.jar')).toEqual(['test:nested 0.0.1', 'test:nested2 0.0.2', 'test:nested3 0.0.3']);
    expect(names('hadoop-shaded-guava-1.1.0-SNAPSHOT.jar')).toHaveLength(5);
  });
});

function readIf(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

function jarOf(manifest: Buffer): Buffer {
  return zipOf({ 'META-INF/MANIFEST.MF': manifest, 'org/springframework/web/View.class': 'code' });
}
