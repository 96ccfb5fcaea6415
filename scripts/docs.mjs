// `npm run docs [-- FOLDER] [--without-api]`: the documentation as a site of static pages, in out/site. It needs no network,
// neither to build nor to read, and works from a folder too. A link that leads nowhere is an error.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Eleventy } from '@11ty/eleventy';
import { build } from 'esbuild';
import { brokenLinks, repositoryLinks } from './site/links.mjs';
import { addressOf, readAssets, readNavigation, readSite } from './site/pages.mjs';

const project = join(import.meta.dirname, '..');
const site = join(import.meta.dirname, 'site');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'without-api': { type: 'boolean', default: false } },
});
const output = resolve(positionals[0] ?? join(project, 'out/site'));

// The pages of the library's API are made by TypeDoc, which has frames and a search of its own.
const apiDocs = join(project, 'scripts/api-docs');
const hasApi = !values['without-api'] && existsSync(join(apiDocs, 'node_modules/typedoc'));

const pages = await readSite();
const known = new Set(pages.map(({ source }) => source));
const titles = new Map(pages.map(({ source, markdown }) => [source, titleOf(markdown, source)]));
const navigation = readNavigation(pages).map(({ title, pages: own }) => ({
  title,
  pages: [
    ...own.map((source) => ({ source, title: titles.get(source), address: addressOf(source) })),
    ...(hasApi && title === 'Reference'
      ? [{ title: 'API of the library', address: 'reference/api/index.html' }]
      : []),
  ],
}));

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const eleventy = new Eleventy(site, output, { quietMode: true, config: configure, configPath: false });
await eleventy.write();
for (const path of readAssets()) {
  const target = join(output, path.replace(/^docs\//, ''));
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(project, path), target);
}
if (hasApi) writeApi(join(output, 'reference/api'));
cpSync(join(site, 'site.css'), join(output, 'site.css'));
await build({
  entryPoints: [join(site, 'client.mjs')],
  outfile: join(output, 'site.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  logLevel: 'error',
});

const files = new Map(
  readdirSync(output, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(output, path), /\.(html|svg)$/.test(path) ? readFileSync(path, 'utf8') : '']),
);
writeFileSync(
  join(output, 'search-index.js'),
  `globalThis.scapfeedSections=${JSON.stringify(searchSections())};\n`,
);

const broken = brokenLinks(files);
for (const line of broken) console.error(line);
console.log(
  `${files.size} files in ${relative(process.cwd(), output) || '.'}; ${broken.length} broken links`,
);
if (!hasApi)
  console.log('left out: the API of the library (npm ci installs scripts/api-docs, which makes its pages)');
if (broken.length > 0) process.exitCode = 1;

function writeApi(out) {
  const made = spawnSync(process.execPath, [join(apiDocs, 'main.mjs'), '--out', out], {
    cwd: project,
    encoding: 'utf8',
  });
  if (made.status === 0) return;
  console.error(made.stdout + made.stderr);
  process.exit(1);
}

function configure(config) {
  config.setUseGitIgnore(false);
  config.setFreezeReservedData(false);
  config.amendLibrary('md', (markdown) => {
    markdown.set({ html: false, linkify: false });
    repositoryLinks(markdown, known);
    const cell = markdown.renderer.rules.table_open;
    const self = (tokens, at, options, _env, renderer) => renderer.renderToken(tokens, at, options);
    // A region that scrolls can be reached by keyboard.
    markdown.renderer.rules.table_open = (...args) =>
      `<div class="wide" tabindex="0" role="group" aria-label="table">${(cell ?? self)(...args)}`;
    markdown.renderer.rules.table_close = () => '</table></div>\n';
    const fence = markdown.renderer.rules.fence;
    markdown.renderer.rules.fence = (...args) => fence(...args).replace('<pre>', '<pre tabindex="0">');
  });
  for (const { source, markdown } of pages) {
    const address = addressOf(source);
    config.addTemplate(`${source.replace(/\.md$/, '').replaceAll('.', '_')}.md`, markdown, {
      permalink: address,
      source,
      layout: 'page.11ty.mjs',
      // Markdown alone: two braces in a text are two braces.
      templateEngineOverride: 'md',
      title: titles.get(source),
      navigation,
      up: '../'.repeat(address.split('/').length - 1),
    });
  }
}

function titleOf(markdown, source) {
  const [, heading = source] = /^# (.+)$/m.exec(markdown) ?? [];
  return source === 'README.md' ? 'Overview' : heading.replaceAll('`', '');
}

/** Index of the search: each heading with the text below it. */
function searchSections() {
  return [...titles].flatMap(([source, title]) => {
    const address = addressOf(source);
    const main = /<main[^>]*>([\s\S]*)<\/main>/.exec(files.get(address))[1];
    return main.split(/(?=<h[1-3] id=)/).flatMap((section) => {
      const [all = '', id, inner] = /^<h[1-3] id="([^"]*)"[^>]*>([\s\S]*?)<\/h[1-3]>/.exec(section) ?? [];
      const text = plainText(section.slice(all.length));
      if (id === undefined && text === '') return [];
      return [
        {
          address: id === undefined ? address : `${address}#${id}`,
          title,
          heading: plainText(inner ?? title),
          text,
        },
      ];
    });
  });
}

function plainText(html) {
  return html
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();
}
