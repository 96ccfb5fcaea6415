// Bundles the page of a published feed: one script, its style, and a script for browsers without Ed25519.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** Has what readers of documents and writers of reports use of Node. */
const parts = resolve('src/site/node-parts.ts');

const forBrowsers = (version) => ({
  name: 'for-browsers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:buffer$/ }, () => ({ path: parts }));
    // A report on a page of its own has style and script in it; this page has a file of style, and filters by its own script.
    onResolve({ filter: /\/html-assets\.ts$/ }, ({ path, importer }) =>
      importer.endsWith('/report/scan/html.ts') ? { path, namespace: 'absent' } : undefined,
    );
    // As CommonJS, so that a name that it lacks is undefined: what the page does not call uses more of it.
    onResolve({ filter: /^node:crypto$/ }, ({ path }) => ({ path, namespace: 'crypto' }));
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'absent' }));
    // Only for reports that are SBOMs.
    onResolve({ filter: /\/image\/sbom-subject\.ts$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    onResolve({ filter: /^(?:undici|yauzl|xz-decompress|openpgp)$/ }, ({ path }) => ({
      path,
      namespace: 'absent',
    }));
    // It finds the line at which a document of XML is broken (src/comply/xml/read-xml.ts), for 8 kB: in the page, what is refused has none.
    onResolve({ filter: /^saxes$/ }, ({ path }) => ({ path, namespace: 'undiagnosed' }));
    onLoad({ filter: /./, namespace: 'undiagnosed' }, () => ({
      contents: 'export class SaxesParser { on() {} write() { return this; } close() {} }',
    }));
    onLoad({ filter: /./, namespace: 'crypto' }, () => ({
      contents: `module.exports = require(${JSON.stringify(parts)});`,
      resolveDir: '.',
    }));
    onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, namespace: 'absent' } : undefined,
    );
    // No name of it exists: what would use one is not called, or fails.
    onLoad({ filter: /./, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
    onLoad({ filter: /\/package\.json$/ }, () => ({ contents: JSON.stringify({ version }), loader: 'json' }));
  },
});

/** Writes page.js, page.css and ed25519.js into a folder. */
export async function bundlePage(outdir, version) {
  const common = {
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  };
  await build({
    ...common,
    entryPoints: ['src/site/page.ts'],
    outdir,
    format: 'iife',
    inject: [parts],
    plugins: [forBrowsers(version)],
  });
  await build({ ...common, entryPoints: ['src/site/ed25519.ts'], outdir, format: 'iife' });
  const { outputFiles } = await build({
    ...common,
    entryPoints: ['src/site/page-style.ts'],
    format: 'esm',
    inject: [parts],
    plugins: [forBrowsers(version)],
    write: false,
  });
  const { pageStyle } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  mkdirSync(outdir, { recursive: true });
  writeFileSync(join(outdir, 'page.css'), pageStyle.trim());
}
