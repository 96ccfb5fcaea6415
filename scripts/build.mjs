// Bundles into dist/: the command as one CommonJS file that starts fast with all that a scan needs, every other command
// as a module of its own that is loaded when it is called, and the runtime.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

/** Commands that live in the entry: short runs, in which loading modules would cost more than the work. */
const light = ['scan', 'inventory', 'feeds'];
const loaded = readFileSync('src/commands/index.ts', 'utf8').matchAll(/import\('\.\/([a-z-]+)\.ts'\)/g);
const heavy = [...loaded].map(([, name]) => name).filter((name) => !light.includes(name));

rmSync('dist', { recursive: true, force: true });
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  outdir: 'dist',
  logLevel: 'warning',
  legalComments: 'none',
  minifyWhitespace: true,
  minifySyntax: true,
};
const modules = { ...common, format: 'esm', packages: 'external' };

/** In the entry, `import()` of a heavy command or of the code for layered images loads a file of its own. */
const onDemand = {
  name: 'on-demand',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[a-z-]+\.ts$/ }, ({ path, kind }) => {
      const name = path.slice(2, -3);
      if (kind !== 'dynamic-import') return undefined;
      if (heavy.includes(name)) return { path: `./commands/${name}.js`, external: true };
      return name === 'open-layered-image' ? { path: './layered-image.cjs', external: true } : undefined;
    });
  },
};

const fastStart = {
  ...common,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // p-limit is an ES module only, and small; undici is loaded when an image comes over the network.
  external: ['undici'],
};
await build({
  ...fastStart,
  entryPoints: { cli: 'src/cli.ts' },
  banner: { js: '#!/usr/bin/env node' },
  plugins: [onDemand],
});
await build({ ...fastStart, entryPoints: { 'layered-image': 'src/image/open-layered-image.ts' } });
await build({
  ...modules,
  entryPoints: Object.fromEntries(heavy.map((name) => [name, `src/commands/${name}.ts`])),
  outdir: 'dist/commands',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
});
await build({ ...modules, entryPoints: { runtime: 'src/scan/index.ts' } });
chmodSync('dist/cli.cjs', 0o755);
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.runtime.json'], { stdio: 'inherit' });
