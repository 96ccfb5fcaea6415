// Bundles into dist/: the command as one CommonJS file that starts fast with all that a scan needs (cli.cjs runs it from
// V8's code cache), every other command as a module of its own that is loaded when it is called, and the runtime in both
// of Node's module systems. What is in dist/ already, of the same inputs, stays.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import * as sea from 'node:sea';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { build } from 'esbuild';
import * as yaml from 'yaml';
import { isBuilt, keepBuilt } from './built.mjs';
import { every, fileOf, filesOf, v8Flags } from './commands.mjs';
import { bundlePage } from './page.mjs';
import { undiciParts } from './undici-parts.mjs';

if (isBuilt()) process.exit(0);

const whole = filesOf('one_file');
const apart = filesOf(undefined);
const own = filesOf('own_start');

const { engines, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const oldestNode = engines.node.replace('>=', '');

rmSync('dist', { recursive: true, force: true });
/** Of package.json the command needs its version alone. */
const versionOnly = {
  name: 'version-only',
  setup({ onLoad }) {
    const contents = JSON.stringify({ version });
    onLoad({ filter: /\/package\.json$/ }, () => ({ contents, loader: 'json' }));
  },
};

/** Functions of a module that is loaded by the first call of one: a short run may need none of them. `format`: of what is built. */
function lateModule(name, module, format = 'cjs') {
  const functions = Object.entries(module).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
  );
  const lines = functions.map(
    ([name]) => `export const ${name} = (...given) => require(module).${name}(...given);`,
  );
  // Classes, to make objects of: `new` gives what such a function returns.
  const classes = Object.entries(module)
    .filter(([name, value]) => typeof value === 'function' && /^[A-Z]/.test(name))
    .map(([name]) => `export function ${name}(...given) { return new (require(module).${name})(...given); }`);
  // Properties of a function, such as visit.SKIP of YAML.
  const parts = functions.flatMap(([name, value]) =>
    Object.keys(value).map(
      (key) => `Object.defineProperty(${name}, '${key}', { get: () => require(module).${name}.${key} });`,
    ),
  );
  const contents = [...(format === 'esm' ? ownRequire : []), ...lines, ...classes, ...parts]
    .join('\n')
    .replaceAll('require(module)', `require('${name}')`);
  return {
    name: `late-${name}`,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, ({ kind }) =>
        kind === 'import-statement' ? { path: name, namespace: 'late' } : undefined,
      );
      onLoad({ filter: new RegExp(`^${name}$`), namespace: 'late' }, () => ({
        contents,
        loader: 'js',
        resolveDir: '.',
      }));
    },
  };
}

/** An ES module has no `require`, and could only wait for `import()`. */
const ownRequire = [
  "import { createRequire } from 'node:module';",
  'const require = createRequire(import.meta.url);',
];

/** Node loads 30 files for its cryptography, a tenth of its start. */
const lateCrypto = lateModule('node:crypto', crypto);
/** V8 compiles it from its source once its flags are set, 0.5 ms, and few runs ask where they are embedded. */
const lateSea = lateModule('node:sea', sea);
/** Loading it takes longer than most runs. */
const lateYaml = lateModule('yaml', yaml);
/** The same for what is built as ES modules, whose commands share YAML and schemas that few runs of one need. */
const lateInModules = [lateModule('yaml', yaml, 'esm'), lateModule('ajv/dist/2020.js', { Ajv2020 }, 'esm')];

const common = {
  bundle: true,
  platform: 'node',
  target: `node${oldestNode}`,
  outdir: 'dist',
  logLevel: 'warning',
  legalComments: 'none',
  minifyWhitespace: true,
  minifySyntax: true,
  // src/io/assets.ts asks which of import.meta and __dirname there is.
  logOverride: { 'empty-import-meta': 'silent' },
};
const modules = { ...common, format: 'esm', packages: 'external' };
const commonParts = undiciParts();
const moduleParts = undiciParts(ownRequire);

/** The names for which src/cli/option-names.ts would load all commands. */
const listed = {
  name: 'option-names',
  async setup({ onLoad }) {
    const contents = `export const optionNames = async () => (${JSON.stringify(await readOptionNames())});`;
    onLoad({ filter: /\/cli\/option-names\.ts$/ }, () => ({ contents, loader: 'js' }));
  },
};

/** The names of every command's options, by the commands themselves. */
async function readOptionNames() {
  const outfile = resolve('dist/option-names.tmp.mjs');
  const contents = `import { commands } from './src/cli/commands/index.ts';
    import { optionNames } from './src/cli/option-names.ts';
    export const names = await optionNames(commands);`;
  await build({ ...modules, outdir: undefined, outfile, stdin: { contents, resolveDir: '.' } });
  try {
    return (await import(outfile)).names;
  } finally {
    rmSync(outfile);
  }
}

/** Reports, and readers of other documents, which a scan loads when they are asked for; filled while the entry is bundled. */
const asked = new Map();

/** Modules that a scan loads on demand, each as a file of its own. */
const late = {
  'open-layered-image': 'src/image/open-layered-image.ts',
  'judge-signatures': 'src/cli/options/judge-signatures.ts',
  'attached-vex': 'src/cli/options/attached-vex.ts',
  'vex-rights': 'src/cli/options/vex-rights.ts',
  'repository-vex': 'src/tasks/scan/repository-vex.ts',
  'published-feed': 'src/cli/options/published-feed.ts',
  'several-targets': 'src/cli/several-targets.ts',
  'content-bytes': 'src/tasks/content/bytes.ts',
  'option-names': 'src/cli/option-names.ts',
};
/** The same, of which few runs read YAML. */
const lateComply = {
  'all-parts': 'src/comply/eval/all-parts.ts',
  compliance: 'src/comply/index.ts',
};
/** The same, as one file with the YAML that it always needs. */
const lateWhole = { 'config-file': 'src/cli/config-file.ts' };

/** The command that is bundled now into a start of its own. */
let started;

/** In the entry, `import()` of a command with a file of its own, of a report or of what is loaded late, loads that file. */
const onDemand = {
  name: 'on-demand',
  setup({ onResolve }) {
    onResolve({ filter: /\/(?:report|sbom|policy|vex)\/.*\.ts$/ }, ({ path, kind, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const file = resolve(resolveDir, path);
      const name = path.includes('/report/')
        ? `reports/${relative('src/report', file).replace(/\.ts$/, '').replaceAll('/', '-')}`
        : `readers/${basename(dirname(path))}`;
      asked.set(name, file);
      return { path: `./${name}.cjs`, external: true };
    });
    onResolve({ filter: /\/comply\/index\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './compliance.cjs', external: true } : undefined,
    );
    onResolve({ filter: /^\.\/(?:[a-z-]+\/)?[a-z-]+\.ts$/ }, ({ path, kind }) => {
      const name = path.slice(2, -3);
      if (kind !== 'dynamic-import') return undefined;
      if (whole.includes(name)) return { path: `./commands/${name}.cjs`, external: true };
      if (own.includes(name) && name !== started) return { path: `./commands/${name}.js`, external: true };
      if (started !== undefined && name !== started && every.some((command) => fileOf(command.name) === name))
        return { path: `./commands/${name}.js`, external: true };
      if (apart.includes(name)) return { path: `./commands/${name}.js`, external: true };
      return name in late || name in lateComply || name in lateWhole
        ? { path: `./${name}.cjs`, external: true }
        : undefined;
    });
  },
};

/** Makes a command a part of the start that is its own: to import() it would keep all that both share in functions of their own. */
const asPart = (name) => ({
  name: 'as-part',
  setup({ onLoad }) {
    onLoad({ filter: /\/cli\/commands\/index\.ts$/ }, ({ path }) => {
      const list = readFileSync(path, 'utf8');
      const imported = `import('./${name}.ts')`;
      if (!list.includes(imported)) throw new Error(`${path} does not load ${name} by ${imported}`);
      return {
        loader: 'ts',
        contents: `import * as started from './${name}.ts';\n${list.replace(imported, 'started')}`,
      };
    });
  },
});

const fastStart = {
  ...common,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // p-limit is an ES module only, and small; undici is loaded when an image comes over the network, openpgp for its signatures.
  external: ['undici', 'openpgp'],
};
/** Most runs of these need no YAML and no schemas: reading their code would take longer than the work. */
const leanStart = { ...fastStart, external: [...fastStart.external, 'yaml', 'ajv'] };

/** Bundles the command as a file that start.ts runs, for all commands of the start or for one; returns its name. */
async function bundleStart(name) {
  started = name;
  const { metafile } = await build({
    ...fastStart,
    entryPoints: { [name ?? 'command']: 'src/cli/main.ts' },
    entryNames: '[name]-[hash]',
    metafile: true,
    plugins: [
      onDemand,
      versionOnly,
      lateCrypto,
      lateSea,
      commonParts,
      ...(name === undefined ? [] : [asPart(name)]),
    ],
  });
  started = undefined;
  const [path] = Object.keys(metafile.outputs);
  // A Script cannot import(), and has nothing of what Node gives to CommonJS modules: src/cli/start.ts hands these in. It reads
  // the file as one byte a character.
  const given = ['exports', 'require', 'module', '__filename', '__dirname', 'importBeside'];
  const body = readFileSync(path, 'utf8').replaceAll('import("./', 'importBeside("./');
  const wrong = /[^\x00-\x7f]|\bimport\(/.exec(body);
  if (wrong)
    throw new Error(`src/cli/start.ts cannot run this: ${body.slice(wrong.index - 60, wrong.index + 60)}`);
  writeFileSync(path, `(function (${given.join()}) { ${body}\n});\n`);
  return basename(path);
}

const commandFile = await bundleStart();
const ownFiles = {};
for (const name of own) ownFiles[name] = await bundleStart(name);
await build({
  ...fastStart,
  entryPoints: { cli: 'src/cli/start.ts' },
  banner: { js: '#!/usr/bin/env node' },
  define: {
    commandFile: JSON.stringify(commandFile),
    ownFiles: JSON.stringify(ownFiles),
    oldestNode: JSON.stringify(oldestNode),
    v8Flags: JSON.stringify(v8Flags),
    // Compiling it takes a seventh of a short scan.
    cachedParts: JSON.stringify(['./open-layered-image.cjs']),
  },
});
const askedFor = (folder) => Object.fromEntries([...asked].filter(([name]) => name.startsWith(folder)));
await build({
  ...fastStart,
  // CycloneDX's library validates and writes XML by these, if they are there; here it makes plain data only.
  external: [
    ...fastStart.external,
    ...['ajv', 'ajv-formats', 'ajv-formats-draft2019', 'libxmljs2', 'xmlbuilder2', 'packageurl-js'],
  ],
  entryPoints: askedFor('reports/'),
  plugins: [commonParts],
});
await build({ ...fastStart, entryPoints: askedFor('readers/'), plugins: [commonParts] });
await build({ ...leanStart, entryPoints: late, plugins: [listed, commonParts] });
if (/[^\x00-\x7f]|\bimport\(/.test(readFileSync('dist/open-layered-image.cjs', 'utf8')))
  throw new Error(
    'src/cli/start.ts cannot run open-layered-image.cjs: a Script of bytes that cannot import()',
  );
await build({
  ...leanStart,
  entryPoints: {
    ...lateComply,
    // Started by what compiles, which has a start of its own.
    'index-thread': 'src/tasks/compile/index-thread.ts',
  },
  plugins: [lateYaml, commonParts],
});
await build({ ...fastStart, entryPoints: lateWhole, plugins: [commonParts] });
await build({
  ...leanStart,
  entryPoints: whole.map((name) => `src/cli/commands/${name}.ts`),
  plugins: [commonParts],
  outdir: 'dist/commands',
});
await build({
  ...modules,
  plugins: [listed, ...lateInModules, moduleParts],
  entryPoints: {
    // Those with a start of their own too: manuals and completions read the options of all.
    ...Object.fromEntries([...apart, ...own].map((name) => [name, `src/cli/commands/${name}.ts`])),
    // Started by what the commands that build share, which lies in chunks/.
    'chunks/oval-thread': 'src/feed/oval/oval-thread.ts',
    'chunks/export-thread': 'src/export/export-thread.ts',
    'chunks/inventory-thread': 'src/fleet/serve/api/inventory-thread.ts',
    'chunks/harbor-thread': 'src/cli/harbor/harbor-thread.ts',
  },
  outdir: 'dist/commands',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
});
// Code shared by its hosts is a file of its own, which imports no module of Node.
await build({
  ...modules,
  target: 'es2022',
  entryPoints: {
    index: 'src/runtime/index.ts',
    node: 'src/runtime/node.ts',
    web: 'src/runtime/web/index.ts',
  },
  outdir: 'dist/runtime',
  splitting: true,
  chunkNames: '[name]-[hash]',
});
writeFileSync('dist/runtime/node.cjs', "module.exports = require('./node.js');\n");
await bundlePage('dist/page', version);
chmodSync('dist/cli.cjs', 0o755);
// All in one folder: a thread's program lies beside whatever starts it.
await build({
  ...modules,
  // Its lines stand in stack traces of other programs.
  minifyWhitespace: false,
  plugins: [moduleParts],
  entryPoints: {
    index: 'src/library/index.ts',
    'oval-thread': 'src/feed/oval/oval-thread.ts',
    'export-thread': 'src/export/export-thread.ts',
    'index-thread': 'src/tasks/compile/index-thread.ts',
    'inventory-thread': 'src/fleet/serve/api/inventory-thread.ts',
  },
  outdir: 'dist/library',
  splitting: true,
  chunkNames: '[name]-[hash]',
});
// One copy of the code, whichever of Node's module systems asks for it.
writeFileSync('dist/library/index.cjs', "module.exports = require('./index.js');\n");
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'inherit' });
// The same types for CommonJS: TypeScript takes a declaration to be of its package's module system.
cpSync('dist/types', 'dist/types-cjs', { recursive: true });
writeFileSync('dist/types-cjs/package.json', '{"type":"commonjs"}\n');
keepBuilt();
