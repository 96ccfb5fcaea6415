import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ecosystemOf } from '../../../src/ecosystems/ecosystems.ts';
import type { EcosystemId } from '../../../src/model/inventory/index.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { linesAt } from './files.ts';

const data = ['interchange2', 'extract'] as const;

/** Where the projects keep the files of their tests, and at what place such a file is installed. */
const languages: readonly [ecosystem: EcosystemId, folder: RegExp, place: string][] = [
  ['npm', /nodejs|javascript/, '/node_modules/x/package.json'],
  ['pypi', /python/, '/x.dist-info/METADATA'],
  ['gem', /ruby/, '/specifications/x.gemspec'],
  ['nuget', /dotnet/, '/x.deps.json'],
];

/** Rows of the other languages: the test that reads them, or why none does. */
const elsewhere: readonly [folder: RegExp, rows: number, where: string][] = [
  [/java\/archive/, 19, 'java.oracle.test.ts'],
  [/golang/, 4, 'go.test.ts'],
  [/rust/, 14, 'cargo.test.ts'],
  [/conda/, 4, 'lists of conda are not read (docs/languages.md)'],
];

/** Packages that other scanners list and we do not, with the reason. */
const notInstalled: readonly [expected: RegExp, reason: string][] = [
  [/deps\.json (?:ExampleApp1|Api|Data|Web|hello2) 1\.0\.0$/, 'a project: the program itself'],
  [/nopackagename TestLibrary 1\.0\.0$/, 'a project: the program itself'],
  [/version_\w+\.gemspec example_app/, 'a gem in development, whose version is code'],
  [/\.egg monotonic 1\.6$/, 'an archive, not a folder'],
];

describe.skipIf(!hasData(...data, 'expected.tsv'))('files of other scanners’ tests', () => {
  const files = readdirSync(dataPath(...data), { recursive: true, encoding: 'utf8' });

  it('have the names and versions that those tests expect, or a reason, and no others', () => {
    const rows = readFileSync(dataPath(...data, 'expected.tsv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1);
    const paths = rows.map((row) => row.split('\t')[1]!);
    const others = paths.filter((path) => !languages.some(([, language]) => language.test(path)));
    expect(elsewhere.map(([folder]) => others.filter((path) => folder.test(path)).length)).toEqual(
      elsewhere.map(([, count]) => count),
    );
    expect(others.filter((path) => !elsewhere.some(([folder]) => folder.test(path)))).toEqual([]);
    const found: string[] = [];
    const missing: string[] = [];
    const unexpected: string[] = [];
    for (const row of rows) {
      const [repository = '', path = '', name = '', version = ''] = row.split('\t');
      const language = languages.find(([, language]) => language.test(path));
      if (language === undefined) continue;
      const [ecosystem, folder, place] = language;
      const end = path.slice(path.indexOf('testdata/'));
      const project = repository.replace(/.*[/-]/, '');
      const file = files.find(
        (each) => each.startsWith(project) && each.endsWith(`/${end}`) && folder.test(each),
      );
      const lines =
        file === undefined ? [] : (linesAt(place, readFileSync(join(dataPath(...data), file))) ?? []);
      const spelled = ecosystemOf(ecosystem)?.spelled?.(name) ?? name;
      const line = `${basename(path)} ${name} ${version}`.trim();
      if (name === '') unexpected.push(...packagesIn(lines).map((each) => `${line}: ${each}`));
      else if (lines.includes(`${spelled} ${version}`)) found.push(line);
      else missing.push(line);
    }

    expect(found.length).toBe(37);
    expect(missing.filter((line) => !notInstalled.some(([expected]) => expected.test(line)))).toEqual([]);
    expect(unexpected).toEqual([
      // Extensions of editors and engines, which are not below node_modules.
      'unity-package.json: org.khronos.unitygltf 2.13.0',
      'vscode-extension-only-required.json: grunt 1.0.0',
      'vscode-extension.json: pug 1.0.0',
      // Its code is broken; the comment for RubyGems is not.
      'invalid.gemspec: rss 0.2.9',
    ]);
  });
});

function packagesIn(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith('unread: '));
}
