import { describe, expect, it } from 'vitest';
import { readPackageFile } from '../../../src/ecosystems/installed/forms.ts';
import { linesAt } from './files.ts';

const name = '.NETCoreApp,Version=v8.0';
const dll = { runtime: { 'lib/net6.0/X.dll': {} } };

function depsJson(
  libraries: Readonly<Record<string, string>>,
  target: Readonly<Record<string, object>> = {},
  runtimeTarget: unknown = { name, signature: '' },
): string {
  const entries = Object.entries(libraries).map(([library, type]) => [library, { type, sha512: '' }]);
  const other = { '.NETCoreApp,Version=v6.0': Object.fromEntries(entries.map(([key]) => [key, {}])) };
  return JSON.stringify({
    runtimeTarget,
    targets: { ...other, [name]: target },
    libraries: Object.fromEntries(entries),
  });
}

const at = (text: string) => linesAt('/app/App.deps.json', text);

describe('libraries of a .NET program', () => {
  it('are its packages, by their name in lower case, and not its projects', () => {
    const text = depsJson(
      {
        'App/1.0.0': 'project',
        'Newtonsoft.Json/13.0.1': 'package',
        'System.Text.Json/8.0.0-rc.1': 'Package',
      },
      { 'App/1.0.0': dll, 'Newtonsoft.Json/13.0.1': dll, 'System.Text.Json/8.0.0-rc.1': dll },
    );
    expect(at(text)).toEqual(['newtonsoft.json 13.0.1', 'system.text.json 8.0.0-rc.1']);
    expect(at(`\uFEFF${text}`)).toEqual(at(text));
  });

  it('are the runtime that it brings along, by the name of its package', () => {
    const runtime = 'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.0';
    expect(at(depsJson({ [runtime]: 'runtimepack' }, { [runtime]: dll }))).toEqual([
      'microsoft.netcore.app.runtime.linux-x64 8.0.0',
    ]);
  });

  it('are those of the shared runtime', () => {
    const runtime = 'Microsoft.NETCore.App.Runtime.linux-x64/8.0.0';
    const path = '/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.0/Microsoft.NETCore.App.deps.json';
    expect(linesAt(path, depsJson({ [runtime]: 'package' }, { [runtime]: dll }))).toEqual([
      'microsoft.netcore.app.runtime.linux-x64 8.0.0',
    ]);
  });

  it('are none that are only referred to', () => {
    const text = depsJson(
      { 'A/1': 'package', 'B/1': 'package', 'C/1': 'package', 'D/1': 'referenceassembly' },
      { 'A/1': {}, 'B/1': { compile: { 'lib/B.dll': {} } }, 'C/1': { runtime: {} }, 'D/1': dll },
    );
    expect(at(text)).toEqual([]);
  });

  it('are those with files of any kind', () => {
    const text = depsJson(
      { 'A/1': 'package', 'B/1': 'package', 'C/1': 'package' },
      {
        'A/1': { native: { 'a.so': {} } },
        'B/1': { runtimeTargets: { 'b.so': {} } },
        'C/1': { resources: { c: {} } },
      },
    );
    expect(at(text)).toEqual(['a 1', 'b 1', 'c 1']);
  });

  it('are all packages where the target does not tell', () => {
    expect(at(depsJson({ 'A/1': 'package' }))).toEqual(['a 1']);
    expect(at(depsJson({ 'A/1': 'package' }, {}, { name: 'another' }))).toEqual(['a 1']);
    expect(at(depsJson({ 'A/1': 'package' }, {}, null))).toEqual(['a 1']);
    expect(at(depsJson({ 'A/1': 'package' }, { 'A/1': {} }, name))).toEqual([]);
  });

  it('are unread without a version', () => {
    expect(at(depsJson({ 'A.B': 'package', 'C/': 'package', '/1': 'package' }))).toEqual([
      'unread: no version',
      'unread: no version',
      'unread: no name',
    ]);
  });

  it.each([
    ['', 'not JSON'],
    ['{"runtimeTarget": {"name": "x"}, "targets": {}}', 'no list of libraries'],
    ['{"runtimeTarget": {"name": "x"}, "libraries": []}', 'no list of libraries'],
  ])('%s is unread', (text, detail) => {
    expect(at(text)).toEqual([`unread: ${detail}`]);
  });

  it.each(['{}', '[]', 'null', '{"dependencies": {}}'])('%s is of another tool', (text) => {
    expect(at(text)).toBeUndefined();
  });

  it('survive any types', () => {
    const entry = (value: unknown) =>
      JSON.stringify({
        runtimeTarget: { name },
        targets: { [name]: { 'A/1': value } },
        libraries: { 'A/1': { type: 'package' }, 'B/1': value },
      });
    for (const value of [null, 1, 'x', [], [1], true]) expect(at(entry(value))).toEqual(['a 1']);
    expect(at(entry({ runtime: 'x', native: null, resources: [1] }))).toEqual([]);
  });

  it('are not in lock files or project files (trivy#756)', () => {
    for (const file of ['packages.lock.json', 'packages.config', 'App.csproj', 'App.runtimeconfig.json'])
      expect(readPackageFile(`/app/${file}`, 1)).toBeUndefined();
  });
});
