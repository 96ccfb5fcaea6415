// Links of pages: between pages as addresses of the site, and a check that each leads somewhere.
import { posix } from 'node:path';
import { addressOf } from './pages.mjs';

/** The name that GitHub gives a heading in links. */
export function slugOf(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-');
}

/** A plugin of markdown-it: headings get the ids that GitHub gives them, links to files of the repository lead to pages. */
export function repositoryLinks(markdown, known) {
  markdown.core.ruler.push('repository_links', ({ tokens, env }) => {
    const source = env.source;
    const taken = new Map();
    tokens.forEach((token, at) => {
      if (token.type === 'heading_open') {
        const slug = slugOf(tokens[at + 1].children.map(({ content }) => content).join(''));
        const count = taken.get(slug) ?? 0;
        taken.set(slug, count + 1);
        token.attrSet('id', count === 0 ? slug : `${slug}-${count}`);
      }
      for (const child of token.children ?? []) {
        const name = child.type === 'link_open' ? 'href' : child.type === 'image' ? 'src' : undefined;
        const to = name === undefined ? null : child.attrGet(name);
        if (to !== null && !/^[a-z]+:/.test(to)) child.attrSet(name, addressFrom(source, to, known));
      }
    });
  });
}

/** Target of a link of `source` in the site; a link to a file that is no page is kept, and the check reports it. */
function addressFrom(source, to, known) {
  const [path, fragment] = to.split('#');
  const hash = fragment === undefined ? '' : `#${fragment}`;
  if (path === '') return hash;
  const target = posix.normalize(posix.join(posix.dirname(source), path));
  const from = posix.dirname(addressOf(source));
  if (known.has(target)) return `${posix.relative(from, addressOf(target))}${hash}`;
  // A folder of examples: the page that says what is in each.
  const folder = `${target.replace(/\/$/, '')}/`;
  if ([...known].some((page) => page.startsWith(folder)))
    return posix.relative(from, addressOf(`${folder.split('/')[0]}/README.md`));
  return `${posix.relative(from, target.replace(/^docs\//, ''))}${hash}`;
}

/**
 * Links that lead nowhere: to files that are not in the site, or to ids that a page does not have.
 * @param {Map<string, string>} files HTML and SVG by path in the site; other files with an empty text
 */
export function brokenLinks(files) {
  const ids = new Map();
  for (const [path, html] of files) {
    ids.set(path, new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => decode(id))));
  }
  const broken = [];
  for (const [path, html] of files) {
    for (const [, href] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^(?:https?|mailto|data):/.test(href)) continue;
      const [to, fragment] = decode(href).split('#');
      const target = to === '' ? path : posix.normalize(posix.join(posix.dirname(path), to));
      if (!files.has(target)) broken.push(`${path}: no file for ${href}`);
      else if (fragment && !ids.get(target).has(decodeURIComponent(fragment)))
        broken.push(`${path}: no heading for ${href}`);
    }
  }
  return broken;
}

function decode(text) {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&lt;', '<');
}
