// Pages of the site: Markdown by path in the repository, written or generated.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { commands } from '../../src/cli/commands/index.ts';
import {
  markdownErrors,
  markdownFormats,
  markdownIndex,
  markdownPage,
  pageName,
} from '../../src/cli/manual/markdown-page.ts';
import { readPages } from '../../src/cli/manual/pages.ts';
import { sections } from './sections.mjs';

const project = join(import.meta.dirname, '../..');
const rootPages = [
  ...['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CODE_OF_CONDUCT.md'],
];

const decisions = 'docs/decisions/README.md';

/** @returns {Promise<{ source: string, markdown: string }[]>} every page, by its path in the repository */
export async function readSite() {
  const every = commands.flatMap((entry) => [entry, ...(entry.subcommands ?? [])]);
  const commandPages = (await readPages(every)).map((page, at) => ({
    source: `docs/reference/${pageName(every[at].name)}.md`,
    markdown: markdownPage({ ...page, command: { ...page.command, name: every[at].name } }),
  }));
  const examples = below('examples');
  const written = below('docs')
    .filter((path) => path.endsWith('.md'))
    .map(fileOf);
  return [
    ...rootPages.map(fileOf),
    ...written.map((page) => (page.source === decisions ? withDecisions(page, written) : page)),
    { source: 'docs/reference/commands.md', markdown: markdownIndex(every) },
    { source: 'docs/reference/output-formats.md', markdown: markdownFormats() },
    { source: 'docs/reference/errors.md', markdown: markdownErrors() },
    ...commandPages,
    ...examples
      .map(exampleOf)
      .map((page) => (page.source === 'examples/README.md' ? withList(page, examples) : page)),
    ...['action.yml', ...below('templates')].map(exampleOf),
  ];
}

/** Images and other files that pages show, by their path. */
export function readAssets() {
  return below('docs').filter((path) => /\.(png|svg|webp)$/.test(path));
}

/**
 * The sections with the pages that exist. Pages of `docs` that no section names are added to the reference, except decisions,
 * which are listed by their own page.
 */
export function readNavigation(pages) {
  const known = new Set(pages.map(({ source }) => source));
  const named = new Set(sections.flatMap((section) => section.pages));
  const others = [...known].filter(
    (source) => /^docs\/(?!reference\/|decisions\/)/.test(source) && !named.has(source),
  );
  return sections.map(({ title, pages: own }) => ({
    title,
    pages: [...own.filter((source) => known.has(source)), ...(title === 'Reference' ? others : [])],
  }));
}

/** Where a page is in the site: `docs/tour.md` is `tour.html`, the README is the first page. */
export function addressOf(source) {
  if (source === 'README.md') return 'index.html';
  const path = source.replace(/^docs\//, '').replace(/\.md$/, '');
  return `${posix.dirname(source) === '.' ? path.toLowerCase() : path}.html`;
}

function fileOf(source) {
  return { source, markdown: readFileSync(join(project, source), 'utf8') };
}

/** An example is a page that shows it, so that it can be read and searched; its README is a page as any other. */
function exampleOf(source) {
  if (source.endsWith('.md')) return fileOf(source);
  const text = readFileSync(join(project, source), 'utf8');
  return { source, markdown: `# ${source}\n\n~~~~\n${text}~~~~\n` };
}

/** On the site a folder cannot be opened: the page of examples has a list of them. */
function withList({ source, markdown }, paths) {
  const links = paths
    .filter((path) => path !== source)
    .map((path) => path.replace('examples/', ''))
    .map((path) => `- [${path}](${path})`);
  return { source, markdown: `${markdown}\n## All files\n\n${links.join('\n')}\n` };
}

/** The page of decisions with a list of all of them; in the repository, the folder itself is that list. */
function withDecisions({ source, markdown }, pages) {
  const links = pages
    .filter((page) => /^docs\/decisions\/\d/.test(page.source))
    .map((page) => [posix.basename(page.source), /^# (.+)$/m.exec(page.markdown)[1]])
    .map(([name, title]) => `- ${name.slice(0, 3)}: [${title}](${name})`);
  return { source, markdown: `${markdown}\n## All decisions\n\n${links.join('\n')}\n` };
}

function below(folder) {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => posix.join(parentPath.slice(project.length + 1), name))
    .sort();
}
