import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** The distribution's Chromium without a window; a page of it asks nothing of the network by itself. */
export function openBrowser(): Promise<Browser> {
  const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'];
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--no-first-run', ...quiet.map((name) => `--disable-${name}`)],
  });
}

/** A page with what it asked of the network, and what it complained of. */
export interface WatchedPage {
  page: Page;
  requests: string[];
  complaints: string[];
}

export async function openWatched(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const page = await (await browser.newContext(options)).newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  await page.goto(address);
  return { page, requests, complaints };
}
