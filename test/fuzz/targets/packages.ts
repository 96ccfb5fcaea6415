import { readPackageFile } from '../../../src/ecosystems/installed/forms.ts';
import { goProgram, olderGoProgram, rustProgram } from '../../ecosystems/installed/programs.ts';
import { damageBytes, damageJson } from '../mutate.ts';
import { shorterList, type Target } from '../target.ts';

/** Bytes of a piece: some files come in several. */
const pieceBytes = 100;

/** Name and version of each package of a file at a path; undefined where one of them has none, unless such ones are left out. */
function packagesAt(path: string, input: Buffer, leavesOut = false): string | undefined {
  const reader = readPackageFile(path, input.length);
  for (let at = 0; reader && !reader.isOver && at < input.length; at += pieceBytes)
    reader.push(input.subarray(at, at + pieceBytes));
  const file = reader?.end();
  if (!file || (file.unread.length > 0 && !leavesOut)) return undefined;
  return file.packages.map(({ name, version }) => `${name} ${version}\n`).join('');
}

function at(path: string, name: string, mutate: Target['mutate'], ...seeds: (Buffer | string)[]): Target {
  return {
    name,
    seeds: async () =>
      Object.fromEntries(
        seeds.map((seed, at) => [`${at}`, typeof seed === 'string' ? Buffer.from(seed) : seed]),
      ),
    mutate,
    run: async (input) => packagesAt(path, input),
  };
}

const packageJson = {
  name: '@scope/left-pad',
  version: '1.3.0',
  exports: { '.': { import: './index.mjs', require: './index.js' } },
  dependencies: { a: '^1' },
};

const metadata = 'Metadata-Version: 2.1\nName: Zope.Interface\nVersion: 6.1\nLicense: x\n  y\n\nText: z\n';

const gemspec = `# -*- encoding: utf-8 -*-
# stub: rake 13.0.3 ruby lib

Gem::Specification.new do |s|
  s.name = "rake".freeze
  s.version = "13.0.3"
end
`;

const composerPackages = ['a/b', 'c/d', 'e/f'].map((name, at) => ({
  name,
  version: `v${at}.0`,
  type: 'library',
}));

const components = [
  ['redis', '7.4.1-0'],
  ['jemalloc', '5.3.0'],
  ['wait-for-port', '1.0.8-3'],
] as const;

const dll = { 'lib/x.dll': {} };
const depsJson = {
  runtimeTarget: { name: '.NETCoreApp,Version=v8.0', signature: '' },
  targets: {
    '.NETCoreApp,Version=v8.0': {
      'App/1.0.0': { runtime: dll },
      'A.B/1.0.0': { runtime: dll },
      'C/2.0.0': { native: dll },
    },
  },
  libraries: {
    'App/1.0.0': { type: 'project' },
    'A.B/1.0.0': { type: 'package' },
    'C/2.0.0': { type: 'package' },
  },
};
const modules = [
  'path example.org/app',
  'mod example.org/app v1.2.0',
  'dep a.org/b v1.0.0',
  '=> a.org/c v1.0.1',
];
const crates = [
  { name: 'app', version: '0.1.0', source: 'local' },
  { name: 'serde_json', version: '1.0.135' },
];

export const packageTargets: readonly Target[] = [
  {
    ...at('/node_modules/x/package.json', 'npm-package', damageJson, JSON.stringify(packageJson)),
    judge: shorterList,
  },
  {
    ...at(
      '/x-1.dist-info/METADATA',
      'python-metadata',
      damageBytes,
      metadata,
      metadata.replaceAll('\n', '\r\n'),
    ),
    judge: shorterList,
  },
  { ...at('/specifications/x.gemspec', 'gemspec', damageBytes, gemspec), judge: shorterList },
  at(
    '/vendor/composer/installed.json',
    'composer-installed',
    damageJson,
    JSON.stringify(composerPackages),
    JSON.stringify({ packages: composerPackages, dev: true, 'dev-package-names': ['c/d'] }),
  ),
  at(
    '/opt/bitnami/.bitnami_components.json',
    'component-list',
    damageJson,
    JSON.stringify(
      Object.fromEntries(components.map(([name, version]) => [name, { type: 'NAMI', version }])),
    ),
  ),
  at(
    '/opt/bitnami/redis/.spdx-redis.spdx',
    'component-document',
    damageJson,
    JSON.stringify({
      spdxVersion: 'SPDX-2.3',
      documentDescribes: ['SPDXRef-redis'],
      packages: components.map(([name, version]) => ({
        ...{ SPDXID: `SPDXRef-${name}`, name, versionInfo: version },
        externalRefs: [{ referenceType: 'purl', referenceLocator: `pkg:bitnami/${name}@${version}` }],
      })),
    }),
  ),
  at(
    '/opt/bitnami/redis/.spdx-redis.spdx',
    'component-tags',
    damageBytes,
    [
      'SPDXVersion: SPDX-2.3\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-redis\n',
      ...components.map(
        ([name, version]) =>
          `PackageName: ${name}\nSPDXID: SPDXRef-${name}\nPackageVersion: ${version}\nPackageComment: <text>a\nb</text>\n` +
          `ExternalRef: PACKAGE-MANAGER purl pkg:bitnami/${name}@${version}?arch=amd64\n`,
      ),
    ].join('\n'),
  ),
  at('/x.deps.json', 'dotnet-deps', damageJson, JSON.stringify(depsJson)),
  // A changed letter makes another line or name, so that a shorter list is no finding.
  at(
    '/app',
    'go-program',
    damageBytes,
    goProgram('go1.22.5', modules),
    goProgram('go1.22.5', modules, { bits: 32, bigEndian: true }),
  ),
  {
    ...at('/app', 'go-older-program', damageBytes, olderGoProgram(modules)),
    // Its toolchain is never known.
    run: async (input) => packagesAt('/app', input, true),
  },
  at(
    '/app',
    'rust-program',
    damageBytes,
    rustProgram(crates),
    rustProgram(crates, { bits: 32, bigEndian: true }),
  ),
];
