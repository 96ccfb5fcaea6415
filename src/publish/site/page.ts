import { hash } from 'node:crypto';
import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { readAsset } from '../../io/assets.ts';
import { ScapfeedError } from '../../model/error.ts';
import { escapeHtml } from '../../model/markup.ts';
import { sha256 } from '../feed/lines.ts';
import type { Site } from './layout.ts';

/** Folder of script and style, which are named by their digests. */
const folder = 'page';
const pageFile = 'index.html';

/** By which a page is known to be one of a feed. */
const beginning = '<!doctype html>\n<html lang="en" data-root-version="';

/** The root that the page trusts: its version and its bytes as they are served. */
export interface PageRoot {
  version: number;
  text: string;
}

/** Writes the page that judges SBOMs by this feed. Files of the page before stay for one publication, as browsers may have kept that page. */
export async function writePage(site: Site, root: PageRoot): Promise<void> {
  const script = await writePart(site, 'page.js');
  const style = await writePart(site, 'page.css');
  const ed25519 = await writePart(site, 'ed25519.js');
  const before = site.read(pageFile)?.toString('utf8') ?? '';
  const page = indexHtml(root, { script, style, ed25519 });
  if (before !== page) await site.write(pageFile, page);
  removeParts(site, before === page ? page : before + page);
}

/** Whether there is a page that this program wrote: another one is its owner's, and so is what a link leads to. */
export function isPagePublished(site: Site): boolean {
  const stat = lstatSync(join(site.directory, pageFile), { throwIfNoEntry: false });
  return stat?.isFile() === true && site.read(pageFile)!.toString('utf8').startsWith(beginning);
}

/** @throws {ScapfeedError} OUTPUT_NOT_WRITABLE: another page stands where this one is to be written */
export function requirePlaceOfPage(site: Site): void {
  const path = join(site.directory, pageFile);
  if (isPagePublished(site) || !lstatSync(path, { throwIfNoEntry: false })) return;
  throw new ScapfeedError({
    code: 'OUTPUT_NOT_WRITABLE',
    message: `${pageFile} of this folder is not a page of a feed`,
    where: path,
    remedy: 'move it away, or publish without --site',
  });
}

/** Without its blocks the page has no verdicts. */
export function removePage(site: Site): void {
  if (!isPagePublished(site)) return;
  rmSync(join(site.directory, pageFile));
  removeParts(site, '');
}

/** Parts have digests for names; other files in their folder are not the page's. `used`: pages that name parts. */
function removeParts(site: Site, used: string): void {
  const parts = join(site.directory, folder);
  if (!lstatSync(parts, { throwIfNoEntry: false })?.isDirectory()) return;
  for (const name of readdirSync(parts))
    if (/^[0-9a-f]{32}\.(?:js|css)$/.test(name) && !used.includes(`${folder}/${name}`))
      rmSync(join(parts, name));
  if (readdirSync(parts).length === 0) rmdirSync(parts);
}

interface PagePart {
  path: string;
  integrity: string;
}

async function writePart(site: Site, name: string): Promise<PagePart> {
  const bytes = readAsset(`dist/page/${name}`);
  if (!bytes) {
    throw new ScapfeedError({
      code: 'OUTPUT_NOT_WRITABLE',
      message: `this installation lacks dist/page/${name}, which the page needs`,
      remedy: 'install scapfeed again, or publish without --site',
    });
  }
  const path = `${folder}/${sha256(bytes).slice(0, 32)}${extname(name)}`;
  if (!site.has(path)) await site.write(path, bytes);
  return { path, integrity: `sha384-${hash('sha384', bytes, 'base64')}` };
}

/** Nothing of others is loaded, and nothing is sent but requests for files of this folder. */
const policy = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:"],
  ...["base-uri 'none'", "form-action 'none'"],
].join('; ');

function indexHtml(
  { version, text }: PageRoot,
  { script, style, ed25519 }: Record<'script' | 'style' | 'ed25519', PagePart>,
): string {
  const digest = sha256(text);
  return `${beginning}${version}" data-root-length="${Buffer.byteLength(text)}" data-root-sha256="${digest}" data-ed25519="${ed25519.path}" data-ed25519-integrity="${ed25519.integrity}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Security feed</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${style.path}" integrity="${style.integrity}">
<script src="${script.path}" integrity="${script.integrity}" defer></script>
</head>
<body>
<a class="skip" href="#result">Skip to the verdicts</a>
<header class="site">
<h1>Security feed</h1>
<p id="signed">${escapeHtml(`Trusts the root of version ${version}, sha256 ${digest}`)}</p>
</header>
<main>
<noscript><p class="notice bad">This page judges documents in your browser, which needs its script. The feed can be read without the page: see the documentation of scapfeed.</p></noscript>
<form id="search" role="search">
<label class="search" for="searched">A vulnerability, advisory or package<input id="searched" type="search" autocomplete="off" spellcheck="false" maxlength="200"></label>
<button>Search the feed</button>
<small>Its server sees which blocks are asked for, and can guess the name.</small>
</form>
<section id="drop" aria-labelledby="judge">
<h2 id="judge">Judge an SBOM or a list of packages</h2>
<p>Drop a file anywhere on this page, or choose one: CycloneDX, SPDX, JSON of Syft or Trivy, what <code>scapfeed inventory</code> writes, or a list of
packages by one of these commands:</p>
<pre id="lists"></pre>
<p>Lists of <code>dpkg -l</code>, <code>rpm -qa</code> and <code>apk info -v</code> are read too, but do not name the sources that statements are about.</p>
<p><label for="file">File</label> <input type="file" id="file"></p>
<p><label for="pasted">Or paste it</label> <textarea id="pasted" spellcheck="false" autocomplete="off"></textarea> <button type="button" id="judge-pasted">Judge</button></p>
<p id="ask" hidden><label for="platform">Its distribution</label> <select id="platform"></select></p>
<p id="old" hidden><button type="button" id="any-age">Judge by data of any age</button></p>
<p>The file stays in this browser. What is sent are requests for blocks of the feed: its server can guess packages from them.</p>
</section>
<p id="status" role="status">No verdict: the script of this page has not run. Browsers run it by https and from localhost, not from a file, and only as this page names it.</p>
<section id="result" tabindex="-1" aria-label="Verdicts"></section>
<section aria-labelledby="platforms-of">
<h2 id="platforms-of">Platforms</h2>
<table><thead><tr>${['Platform', 'Name', 'Vendor data', 'Support', 'Gates', 'Coverage', 'Packages', 'Statements'].map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody id="platforms"></tbody></table>
<p><a href="changes.html">What changed in the last publication</a></p>
</section>
<section class="use" aria-labelledby="use-of">
<h2 id="use-of">Use this feed elsewhere</h2>
<div id="use"></div>
</section>
<section aria-labelledby="proof">
<h2 id="proof">What this page proves</h2>
<p>It verifies the publisher's signatures, that they have not expired by this computer's clock, and each byte that it judges by. A mirror that
changes the feed gets no verdict here: it can withhold blocks, which the page reports. The browser remembers the last state, so that an older one is
refused, until its data of this site is cleared.</p>
<p>The page itself comes from this server, which could serve another page. Compare the digest of the root with the one that the publisher states
elsewhere, or use <code>scapfeed scan</code>, which keeps the root that you gave it.</p>
</section>
</main>
</body>
</html>
`;
}
