import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { project } from '../support/cli.ts';
import { installedPackage, type Packed } from '../support/installed-package.ts';
import { miss } from '../support/missing.ts';
import { judgesFolder } from '../support/oracles.ts';
import { workshop } from './support/workshop.ts';

/** Files that the package may have, with their greatest number. */
const content: readonly [files: RegExp, most: number][] = [
  [/^(README|ARCHITECTURE|CHANGELOG|CODE_OF_CONDUCT|CONTRIBUTING|SECURITY)\.md$/, 6],
  [/^LICENSE$|^package\.json$|^action\.yml$/, 3],
  [/^templates\/[a-z]+\.yml$/, 2],
  [/^dist\/[a-z-]+(-[A-Z0-9]{8})?\.(cjs|js)$/, 20],
  [/^dist\/commands\/([a-z-]+|chunks\/[a-z0-9-]+(-[A-Z0-9]{8})?)\.(cjs|js)$/, 480],
  [/^dist\/commands\/[a-z]+\/[a-z-]+\.js$/, 40],
  [/^dist\/(reports|readers)\/[a-z-]+\.cjs$/, 40],
  [/^dist\/runtime\/[a-z]+(-[A-Z0-9]{8})?\.c?js$/, 8],
  [/^dist\/page\/(page|ed25519)\.(css|js)$/, 3],
  // Each report format is loaded when it is written.
  [/^dist\/library\/[a-z0-9-]+(-[A-Z0-9]{8})?\.c?js$/, 270],
  [/^dist\/types(-cjs)?\/([a-z-]+\/)*[a-z0-9-]+\.d\.ts$/, 3300],
  [/^dist\/types-cjs\/package\.json$/, 1],
  [/^schemas\/.*\.(schema\.json|xsd|json|txt|md)$/, 160],
  [/^feeds\/[a-z-]+\.json$/, 36],
  [/^feeds\/sample\/.*$/, 80],
  // Each larger change has a page of its decision.
  [/^docs\/.*\.(md|png|svg|html|css)$/, 160],
  [/^examples\/.*$/, 60],
];

const run = (cwd: string, command: string, ...args: string[]) =>
  execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: undefined },
  });

function hasPackageJudges(): boolean {
  if (existsSync(join(judgesFolder, 'publint'))) return true;
  miss({ kind: 'data', name: `${judgesFolder}/publint (npm run oracles)` });
  return false;
}

describe('the package', () => {
  let folder: string;
  let app: string;
  let packed: Packed;

  beforeAll(() => {
    ({ folder: app, packed } = installedPackage());
    folder = workshop();
    rmSync(join(folder, 'node_modules/scapfeed'));
    for (const name of ['scapfeed', 'fastify'])
      symlinkSync(join(app, 'node_modules', name), join(folder, 'node_modules', name));
  });

  it('has these files and no others', () => {
    const strange = packed.files.filter(({ path }) => !content.some(([files]) => files.test(path)));
    expect(strange.map(({ path }) => path)).toEqual([]);
    const many = content.filter(
      ([files, most]) => packed.files.filter(({ path }) => files.test(path)).length > most,
    );
    expect(many).toEqual([]);
    expect(packed.size).toBeLessThan(6_700_000);
    expect(packed.unpackedSize).toBeLessThan(23_800_000);
  });

  it('has no tests, sources, source maps, caches, keys or addresses of a workshop', () => {
    const wrong = packed.files.filter(({ path }) =>
      /(^|\/)(test|src|bench|node_modules|\.[^/]+)(\/|$)|\.map$|\.cache|\.tgz$|\.(pem|key|p12)$|(?<!\.d)\.ts$/.test(
        path.replace(/^examples\/library\/.*\.ts$/, ''),
      ),
    );
    expect(wrong).toEqual([]);
    const place = join(app, 'node_modules/scapfeed');
    const secrets = /-----BEGIN [A-Z ]*PRIVATE KEY-----\n|sourceMappingURL=|_authToken/;
    const told = packed.files.filter(
      ({ path }) =>
        /^(dist|docs|examples)\/.*\.(c?js|ts|md|ya?ml)$/.test(path) &&
        secrets.test(readFileSync(join(place, path), 'utf8')),
    );
    expect(told).toEqual([]);
  });

  it.each([
    ['an ES module', 'node16', 'node16', 'use.mts', "import { judge } from 'scapfeed';"],
    [
      'CommonJS',
      'node16',
      'node16',
      'use.cts',
      "import scapfeed = require('scapfeed'); const { judge } = scapfeed;",
    ],
    ['a bundler', 'esnext', 'bundler', 'use.ts', "import { judge } from 'scapfeed';"],
  ])('has types for %s', (_, module, moduleResolution, file, first) => {
    writeFileSync(join(app, file), `${first}\nexport const wrong: number = judge;\n`);
    const place = join(app, 'node_modules/@types');
    mkdirSync(place, { recursive: true });
    for (const [name, at] of [
      ['@types/node', 'node'],
      ['undici-types', '../undici-types'],
    ] as const)
      if (!existsSync(join(place, at))) symlinkSync(join(project, 'node_modules', name), join(place, at));
    const options = {
      module,
      moduleResolution,
      target: 'es2022',
      strict: true,
      noEmit: true,
      types: ['node'],
    };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: [file] }));
    const { stdout } = spawnSync(join(project, 'node_modules/.bin/tsc'), ['-p', '.'], {
      cwd: app,
      encoding: 'utf8',
    });
    // The types are found, they hold without skipLibCheck, and the one mistake is seen.
    expect(stdout.match(/error TS/g), stdout).toHaveLength(1);
    expect(stdout).toContain(`${file}(2,14): error TS2322`);
    rmSync(join(app, file));
  });

  it('gives CommonJS and ES modules one copy of the code', () => {
    const program =
      "const { ScapfeedError } = require('scapfeed'); import('scapfeed').then((m) => console.log(m.ScapfeedError === ScapfeedError));";
    expect(run(app, process.execPath, '--input-type=commonjs', '-e', program)).toBe('true\n');
  });

  it.runIf(hasPackageJudges())('is as publint and "are the types wrong?" want it', () => {
    const tarball = join(app, readdirSync(app).find((name) => name.endsWith('.tgz'))!);
    const publint = run(app, process.execPath, join(judgesFolder, 'publint/src/cli.js'), tarball, '--strict');
    expect(publint).toMatch(/All good/);
    const attw = join(judgesFolder, '@arethetypeswrong/cli/dist/index.js');
    const judged = (...args: string[]) =>
      run(app, process.execPath, attw, tarball, '--no-definitely-typed', ...args).replaceAll(
        /\(ignored[^\n]*/g,
        '',
      );
    const wrong = /[💀🎭❗🥴🤨🚭❌]/u;
    // Node 10, which knows no exports, is left out.
    expect(judged('--profile', 'node16', '--exclude-entrypoints', 'runtime/web')).not.toMatch(wrong);
    // Pages have no CommonJS.
    expect(judged('--profile', 'esm-only', '--entrypoints', 'runtime/web')).not.toMatch(wrong);
  });

  describe('examples/library', () => {
    beforeAll(() => {
      for (const name of ['sbom-endpoint.ts', 'upgrades.ts', 'github-action/main.ts'])
        copyFileSync(join(project, 'examples/library', name), join(folder, name.replace('/', '-')));
    });

    it('compiles in a strict project', () => {
      const options = {
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        module: 'node20',
        target: 'es2022',
        types: ['node'],
        noEmit: true,
        preserveSymlinks: true,
        skipLibCheck: true,
      };
      const files = ['sbom-endpoint.ts', 'upgrades.ts', 'github-action-main.ts'];
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
      expect(run(folder, join(project, 'node_modules/.bin/tsc'), '-p', '.')).toBe('');
    });

    it('the endpoint judges what is uploaded, and tells what is wrong with it', async () => {
      const server = spawn(process.execPath, ['sbom-endpoint.ts', 'feed', '0'], { cwd: folder });
      try {
        const address = await new Promise<string>((resolve, reject) => {
          server.stdout.on('data', (text) => resolve(String(text).replace('listening on ', '').trim()));
          server.stderr.on('data', (text) => reject(new Error(String(text))));
        });
        const post = (body: string | Buffer, accept = '*/*') =>
          fetch(`${address}/scan`, {
            method: 'POST',
            body,
            headers: { accept, 'content-type': 'application/json' },
          });
        const sbom = readFileSync(join(folder, 'sbom.json'));

        const [scan, sarif, wrong] = await Promise.all([
          post(sbom),
          post(sbom, 'application/sarif+json'),
          post('no SBOM'),
        ]);

        const { verdicts } = (await scan.json()) as { verdicts: { vulnerability: string }[] };
        expect(verdicts.map(({ vulnerability }) => vulnerability)).toContain('CVE-2023-5363');
        expect(await sarif.json()).toMatchObject({ version: '2.1.0' });
        expect([wrong.status, await wrong.json()]).toMatchObject([422, { code: 'SBOM_MALFORMED' }]);
      } finally {
        server.kill();
      }
    });

    it('the upgrade is written where it is worth it', () => {
      writeFileSync(join(folder, 'Dockerfile'), 'FROM dir:image\nRUN true\n');
      const updates = [{ file: 'Dockerfile', from: 'dir:image', to: 'dir:newer-image' }];
      writeFileSync(join(folder, 'updates.json'), JSON.stringify(updates));
      const told = run(folder, process.execPath, 'upgrades.ts', 'feed', 'updates.json');
      expect(told).toContain('- CVE-2023-5363 in openssl');
      expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe('FROM dir:newer-image\nRUN true\n');
    });

    it('the action writes annotations, a summary, SARIF and outputs', () => {
      const file = (name: string) => join(folder, name);
      const { status, stdout, stderr } = spawnSync(process.execPath, ['github-action-main.ts'], {
        cwd: folder,
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          INPUT_IMAGE: 'dir:image',
          INPUT_FEED: 'feed',
          INPUT_FAIL_ON: 'any',
          RUNNER_TEMP: folder,
          GITHUB_OUTPUT: file('output'),
          GITHUB_STEP_SUMMARY: file('summary.md'),
        },
      });
      expect([status, stderr]).toEqual([1, '']);
      expect(stdout).toMatch(/^::(error|warning|notice)/m);
      expect(readFileSync(file('output'), 'utf8')).toMatch(/^flaws=[1-9]\d*\nsarif=.*scapfeed\.sarif\n$/);
      expect(readFileSync(file('summary.md'), 'utf8')).toContain('CVE-2023-5363');
      expect(JSON.parse(readFileSync(file('scapfeed.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' });
    });
  });
});
