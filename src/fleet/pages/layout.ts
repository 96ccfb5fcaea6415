import { plural } from '../../report/text-table.ts';
import type { FleetView } from './data/fleet-view.ts';
import { Html, html, nothing } from './html.ts';
import type { Page, Section } from './page.ts';
import type { PageRequest } from './request.ts';
import { ageWords, minute } from './words.ts';

const sections: readonly (readonly [Section, string, string])[] = [
  ['overview', '/', 'Overview'],
  ['images', '/images', 'Images'],
  ['vulnerabilities', '/vulnerabilities', 'Vulnerabilities'],
  ['packages', '/packages', 'Packages'],
  ['profiles', '/profiles', 'Profiles'],
  ['news', '/news', 'News'],
  ['waivers', '/waivers', 'Waivers'],
  ['feed', '/feed', 'Feed'],
];

/** What every page needs besides its own content. */
export interface Surroundings {
  tool: string;
  now: Date;
  /** Addresses of the style sheet, the script and the sign in the browser's tab. */
  assets: { style: string; script: string; icon: string };
}

/** A whole document. Style and script are files of this server; nothing else is loaded, and nothing runs that a page holds. */
export async function documentOf(
  page: Page,
  request: PageRequest,
  view: FleetView,
  { tool, now, assets }: Surroundings,
): Promise<string> {
  const tables = page.placesTables ? nothing : html`${page.tables.map((table) => table.html(request))}`;
  const query = page.section === 'search' ? (request.query.get('q') ?? '') : '';
  return html`${doctype}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · fleet</title>
<link rel="stylesheet" href="${assets.style}">
<link rel="icon" type="image/svg+xml" href="${assets.icon}">
<script src="${assets.script}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div>
<a class="brand" href="/"><b>scapfeed</b> fleet</a>
<nav aria-label="Pages">${sections.map(([section, address, name]) => html`<a href="${address}"${section === page.section ? html` aria-current="page"` : nothing}>${name}</a>`)}</nav>
<form class="find" method="get" action="/search" role="search" aria-label="Everything"><label><span class="hidden">Find an image, CVE or package</span><input type="search" name="q" value="${query}" placeholder="Find image, CVE, package" autocomplete="off"></label><button type="submit">Find</button></form>
</div></header>
<main id="main" tabindex="-1">
${page.body}
${tables}
</main>
<footer>${await standing(view, now)}<p>${tool}</p></footer>
</body>
</html>
`.text;
}

const doctype = new Html('<!doctype html>');

/** Of when everything on the page is: a fleet that nobody runs looks fine for ever. */
async function standing(view: FleetView, now: Date): Promise<Html> {
  const last = await view.lastRun();
  const newest = await view.newestRun();
  const open =
    newest && newest.state === 'open'
      ? html` Run ${newest.id}, begun ${minute(newest.started)}, is at work.`
      : newest && newest.state === 'broken'
        ? html` Run ${newest.id}, begun ${minute(newest.started)}, was broken off.`
        : nothing;
  if (!last) return html`<p>No run has ended yet: nothing is judged.${open}</p>`;
  const age = ageWords(last.finished, now);
  return html`<p>As of run ${last.id}, ended ${minute(last.finished)} (${age === 'today' ? age : `${age} ago`}), with ${plural(last.summary.names, 'image')}.${open}</p>`;
}
