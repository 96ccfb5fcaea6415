import { plural } from '../../report/text-table.ts';
import type { FleetView } from '../view/fleet-view.ts';
import { assetAddresses } from './assets.ts';
import { Html, html, nothing } from './html.ts';
import type { Page, PageSection } from './page.ts';
import type { PageRequest } from './request.ts';
import { agoWords, minute } from './words.ts';

const sections: readonly (readonly [PageSection, string, string])[] = [
  ['overview', '/', 'Overview'],
  ['images', '/images', 'Images'],
  ['vulnerabilities', '/vulnerabilities', 'Vulnerabilities'],
  ['packages', '/packages', 'Packages'],
  ['profiles', '/profiles', 'Profiles'],
  ['news', '/news', 'News'],
  ['waivers', '/waivers', 'Waivers'],
  ['feed', '/feed', 'Feed'],
];

/** Parts that every page needs besides its own content. */
export interface Surroundings {
  tool: string;
  now: Date;
  isSignedIn: boolean;
}

/** A page with its navigation and the state of the fleet. */
export async function documentOf(
  page: Page,
  request: PageRequest,
  view: FleetView,
  { tool, now, isSignedIn }: Surroundings,
): Promise<string> {
  const tables = page.placesTables ? nothing : html`${page.tables.map((table) => table.html(request))}`;
  const query = page.section === 'search' ? (request.query.get('q') ?? '') : '';
  return shell({
    title: page.title,
    top: html`
<nav aria-label="Pages">${sections.filter(([section]) => view.seen === 'all' || section !== 'profiles').map(([section, address, name]) => html`<a href="${address}"${section === page.section ? html` aria-current="page"` : nothing}>${name}</a>`)}</nav>
<form class="find" method="get" action="/search" role="search" aria-label="Everything"><label><span class="hidden">Find an image, CVE, GHSA or package</span><input type="search" name="q" value="${query}" placeholder="Find image, CVE, package" autocomplete="off"></label><button type="submit">Find</button></form>${isSignedIn ? signOut : nothing}`,
    main: html`${page.body}
${tables}`,
    script: html`<script src="${assetAddresses.script}" defer></script>`,
    footer: html`${await standing(view, now)}<p>${tool}</p>`,
  });
}

const signOut = html`<form class="out" method="post" action="/sign-out"><button type="submit">Sign out</button></form>`;

/** A document about one thing, which needs nothing of the fleet: sign-in, errors. */
export function soloDocument(title: string, main: Html): string {
  return shell({
    title,
    top: nothing,
    main: html`<div class="solo">${main}</div>`,
    script: nothing,
    footer: nothing,
  });
}

/** A whole document. Style and script are files of this server; nothing else is loaded, and nothing runs that a page holds. */
function shell({
  title,
  top,
  main,
  script,
  footer,
}: Record<'top' | 'main' | 'script' | 'footer', Html> & { title: string }): string {
  return html`${doctype}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · fleet</title>
<link rel="stylesheet" href="${assetAddresses.style}">
<link rel="icon" type="image/svg+xml" href="${assetAddresses.icon}">
${script}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div>
<a class="brand" href="/"><b>scapfeed</b> fleet</a>${top}
</div></header>
<main id="main" tabindex="-1">
${main}
</main>
<footer>${footer}</footer>
</body>
</html>
`.text;
}

const doctype = new Html('<!doctype html>');

/** The date of the page's data: without it, a fleet that is not run any more would look fine for ever. */
async function standing(view: FleetView, now: Date): Promise<Html> {
  const last = await view.lastRun();
  const newest = await view.newestRun();
  const open =
    newest && newest.state === 'open'
      ? html` Run ${newest.id}, begun ${minute(newest.started)}, is at work.`
      : newest && newest.state === 'broken'
        ? html` Run ${newest.id}, begun ${minute(newest.started)}, was interrupted.`
        : nothing;
  if (!last) return html`<p>No run has ended yet: nothing is judged.${open}</p>`;
  return html`<p>As of run ${last.id}, ended ${minute(last.finished)} (${agoWords(last.finished, now)}), with ${plural(view.seen === 'all' ? last.summary.names : (await view.names()).length, 'image')}.${open}</p>`;
}
