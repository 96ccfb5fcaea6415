// Bundles the command and the runtime into dist/: one small entry, with a chunk for whatever a scan does not need.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  outdir: 'dist',
  logLevel: 'warning',
  legalComments: 'none',
};
await build({
  ...common,
  entryPoints: { cli: 'src/cli.ts' },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  packages: 'external',
  banner: { js: '#!/usr/bin/env node' },
});
await build({ ...common, entryPoints: { runtime: 'src/scan/index.ts' } });
chmodSync('dist/cli.js', 0o755);
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.runtime.json'], { stdio: 'inherit' });
