// Programs of the single executable, as functions of what CommonJS gives to a module (src/cli/start-executable.ts): the parts
// of dist/ that are CommonJS as they are, the commands that are ES modules there as CommonJS, and the npm packages that they
// load late.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { build, transform } from 'esbuild';
import { filesOf, v8Flags } from '../commands.mjs';
import { undiciPaths, undiciProgram } from '../undici-parts.mjs';

/** Packages that are loaded when they are needed. */
const latePackages = [
  'undici',
  'openpgp',
  'yaml',
  'ajv/dist/2020.js',
  'xz-decompress',
  '@electric-sql/pglite',
];
/** An ES module that waits while it is loaded, which CommonJS cannot. */
const waiting = 'libxml2-wasm';
/** pg works without its native part. */
const absent = ['pg-native'];

const common = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  write: false,
  logLevel: 'warning',
  legalComments: 'none',
  minifyWhitespace: true,
  minifySyntax: true,
  logOverride: { 'empty-import-meta': 'silent' },
};

/** Every program by its path in the executable. */
export async function embeddedPrograms() {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const programs = new Map();
  const add = (path, code) => programs.set(path, asFunction(code));
  for (const [path, code] of commonJsOfDist()) add(path, code);
  for (const [path, code] of await modulesAsCommonJs(version)) add(path, code);
  for (const name of latePackages) add(`packages/${name}.cjs`, await packageAsCommonJs(name));
  for (const [path, code] of undiciPaths) add(`packages/${path}.cjs`, code);
  // Threads run their programs as they are.
  programs.set('threads/xz-decompress.cjs', await packageAsCommonJs('xz-decompress'));
  for (const [name, entry] of [
    ['oval-thread', 'src/feed/oval/oval-thread.ts'],
    ['export-thread', 'src/export/export-thread.ts'],
    ['index-thread', 'src/tasks/compile/index-thread.ts'],
    ['inventory-thread', 'src/fleet/serve/api/inventory-thread.ts'],
    ['harbor-thread', 'src/cli/harbor/harbor-thread.ts'],
  ])
    programs.set(`threads/${name}.cjs`, await bundled({ entryPoints: [entry], format: 'cjs' }));
  programs.set(
    `packages/${waiting}.mjs`,
    await bundled({ entryPoints: [waiting], format: 'esm', define: { 'import.meta.url': '"file:///"' } }),
  );
  for (const [path, code] of programs) requireAscii(path, code);
  return programs;
}

/** The program that the executable starts with. */
export async function startProgram() {
  const code = await bundled({
    entryPoints: ['src/cli/start-executable.ts'],
    format: 'cjs',
    define: {
      commandFile: JSON.stringify('command.cjs'),
      ownFiles: JSON.stringify(Object.fromEntries(ownStarts().map((name) => [name, `${name}.cjs`]))),
      v8Flags: JSON.stringify(v8Flags),
    },
    plugins: [versionOnly(JSON.parse(readFileSync('package.json', 'utf8')).version)],
  });
  requireAscii('start', code);
  return code;
}

/** The programs that commands start with, which have a code cache. */
export const startPrograms = ['command', ...ownStarts()].map((name) => `${name}.cjs`);

/** Identifies what a set of embedded files does. */
export function digestOf(files) {
  const sum = createHash('sha256');
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    sum.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return sum.digest('hex');
}

function ownStarts() {
  return filesOf('own_start');
}

/** The start of commands has a hash in its name, which the executable does not need. */
function* commonJsOfDist() {
  for (const file of readdirSync('dist', { recursive: true }).sort()) {
    if (!file.endsWith('.cjs') || file === 'cli.cjs' || file === 'runtime/node.cjs') continue;
    yield [file.replace(/-[A-Z0-9]{8}\.cjs$/, '.cjs'), readFileSync(join('dist', file), 'latin1')];
  }
}

async function modulesAsCommonJs(version) {
  const apart = [...filesOf(undefined), ...filesOf('own_start')];
  const { outputFiles } = await build({
    ...common,
    format: 'esm',
    splitting: true,
    outdir: 'commands',
    chunkNames: 'chunks/[name]-[hash]',
    entryPoints: Object.fromEntries(apart.map((name) => [name, `src/cli/commands/${name}.ts`])),
    external: [...latePackages, waiting, ...absent],
    plugins: [versionOnly(version)],
  });
  return Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const { code } = await transform(text, {
        format: 'cjs',
        platform: 'node',
        target: 'node22',
        minifyWhitespace: true,
      });
      return [relative('.', path), escaped(code)];
    }),
  );
}

function packageAsCommonJs(name) {
  const contents = name === 'undici' ? undiciProgram : `module.exports = require(${JSON.stringify(name)})`;
  return bundled({ stdin: { contents, resolveDir: '.' }, format: 'cjs' });
}

async function bundled(options) {
  const { outputFiles } = await build({ ...common, ...options, outdir: 'out' });
  return outputFiles[0].text;
}

/** Of its own package.json the command needs its version alone. */
function versionOnly(version) {
  return {
    name: 'version-only',
    setup({ onLoad }) {
      const own = resolve('package.json');
      onLoad({ filter: /\/package\.json$/ }, ({ path }) =>
        path === own ? { contents: JSON.stringify({ version }), loader: 'json' } : undefined,
      );
    },
  };
}

/** dist/ has some programs as functions already. */
function asFunction(code) {
  if (code.startsWith('(function (')) return code;
  const given = 'exports, require, module, __filename, __dirname, importBeside';
  return `(function (${given}) { ${code.replace(/^#!.*/, '').replaceAll(/\bimport\(/g, 'importBeside(')}\n});\n`;
}

/** Esbuild leaves texts in tagged templates as they are, because a tag could ask for them unread: no tag of ours does. */
function escaped(code) {
  return code.replace(/[^\x00-\x7f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The executable reads one byte a character. */
function requireAscii(path, code) {
  const wrong = /[^\x00-\x7f]/.exec(code);
  if (wrong)
    throw new Error(`${basename(path)}: not ASCII: ${code.slice(wrong.index - 40, wrong.index + 40)}`);
}
