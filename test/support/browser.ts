import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/**
 * The distribution's Chromium without a window; a page of it asks nothing of the network by itself. The whole browser would
 * make its toolbars too.
 */
export function openBrowser(): Promise<Browser> {
  const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'];
  return chromium.launch({
    executablePath: '/usr/lib/chromium/chromium-headless-shell',
    headless: true,
    args: ['--no-sandbox', ...quiet.map((name) => `--disable-${name}`)],
  });
}

/** A page with what it asked of the network, and what it complained of. */
export interface WatchedPage {
  page: Page;
  requests: string[];
  complaints: string[];
}

/** Pages of a browser by the options that a page cannot change. */
const kept = new WeakMap<Browser, Map<string, WatchedPage>>();

/**
 * Loads an address as a new window would, `now`: at this time. It is the last test's page, as a context and a page of its own take five times as long to
 * load one: a test keeps no page for the next one, and closes none.
 */
export async function openWatched(
  browser: Browser,
  address: string,
  { viewport = { width: 1280, height: 720 }, colorScheme = 'light', ...options }: BrowserContextOptions = {},
  now?: Date,
): Promise<WatchedPage> {
  const pages = kept.get(browser) ?? new Map<string, WatchedPage>();
  kept.set(browser, pages);
  const key = JSON.stringify([options, now]);
  const watched = pages.get(key) ?? (await watchedPage(browser, options));
  pages.set(key, watched);
  const { page } = watched;
  await page.goto('about:blank');
  await page.context().clearCookies();
  if (viewport !== null) await page.setViewportSize(viewport);
  await page.emulateMedia({ media: null, colorScheme });
  if (now) await page.clock.setFixedTime(now);
  watched.requests = [];
  watched.complaints = [];
  await page.goto(address);
  return { ...watched };
}

async function watchedPage(browser: Browser, options: BrowserContextOptions): Promise<WatchedPage> {
  const page = await (await browser.newContext(options)).newPage();
  const watched: WatchedPage = { page, requests: [], complaints: [] };
  page.on('request', (request) => watched.requests.push(request.url()));
  page.on('console', (message) => watched.complaints.push(message.text()));
  page.on('pageerror', (error) => watched.complaints.push(error.message));
  page.on('dialog', (dialog) => {
    watched.complaints.push(dialog.message());
    void dialog.dismiss();
  });
  return watched;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rules of axe that depend on colours: the second palette of a page that was judged by all rules is judged by these. */
export const colourRules: object = {
  runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

/** Faults that axe finds on the page as it is now: the rule and the first element of each. `options`: those of axe. */
export async function axeFaults(page: Page, options: object = {}): Promise<string[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe);
  return page.evaluate<string[]>(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))`,
  );
}
