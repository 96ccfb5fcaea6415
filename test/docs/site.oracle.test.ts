import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { project } from '../support/cli.ts';
import { type Behaviour, serve, type TestServer } from '../support/http-server.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const types: Record<string, string> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.png': 'image/png',
};

describe.skipIf(!hasOracle('chromium'))('the site of the documentation in Chromium', () => {
  const site = temporaryFolder('html');
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  let requests: string[];
  let complaints: string[];

  beforeAll(async () => {
    execFileSync(process.execPath, [join(project, 'scripts/docs.mjs'), site, '--without-api'], {
      cwd: project,
    });
    server = await serve(
      Object.fromEntries(
        readdirSync(site, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .map((path) => [path.slice(site.length), fileAnswer(path)]),
      ),
    );
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
  });
  afterEach(() => page.context().close());

  async function open(address: string, options: BrowserContextOptions = {}): Promise<void> {
    requests = [];
    complaints = [];
    page = await (await browser.newContext(options)).newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
  }

  async function search(words: string): Promise<string[]> {
    await page.keyboard.press('/');
    await page.keyboard.type(words);
    await page.locator('#found li').first().waitFor();
    return page.locator('#found a').allTextContents();
  }

  it.each([
    ['an option', '--fail-on unrated', /severity|scan|check/i],
    ['a code', 'TRUST_ROLLBACK', /Errors/],
    ['a beginning of a word', 'tailor', /tailor/i],
    ['a word with a slip', 'complience', /[Cc]ompliance/],
  ])('finds %s by the keyboard, and asks no other host', async (_, words, title) => {
    await open(`${server.origin}/index.html`);
    expect((await search(words)).join('\n')).toMatch(title);
    await page.keyboard.press('Enter');
    await page.waitForURL(/html(#|$)/);
    expect(requests.filter((url) => !url.startsWith(server.origin) && !url.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['a task', 'verify webhook signature', /^Fleets: Verify the signature of a webhook$/],
    ['a product with a hyphen', 'dependency-track', /: SBOMs and VEX$/],
    ['a risk to accept, not the changelog', 'ignore a CVE', /^(?!Changelog).*(?:[Pp]olic|[Rr]isk)/],
    ['words of which no section has all', 'webhook yubikey', /[Ww]ebhook|[Nn]ews/],
  ])('finds %s first', async (_, words, title) => {
    await open(`${server.origin}/index.html`);
    expect((await search(words))[0]).toMatch(title);
  });

  it('says so where nothing is found', async () => {
    await open(`${server.origin}/reference/scan.html`);
    await page.fill('#search', 'qqqqzzzz');
    expect(await page.locator('#found li').textContent()).toBe('Nothing found.');
  });

  it('works from a folder without a server', async () => {
    await open(pathToFileURL(join(site, 'reference/scan.html')).href);
    expect((await search('gitlab')).length).toBeGreaterThan(0);
    expect(requests.filter((url) => !/^(?:file|data):/.test(url))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each([
    'index.html',
    'reference/scan.html',
    'reference/errors.html',
    'tutorials/air-gap.html',
    'verdicts.html',
  ])('has no fault on %s that axe finds, light and dark', async (path) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await open(`${server.origin}/${path}`, { colorScheme });
      await search('feed');
      await page.evaluate(axe);
      const faults = await page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))",
      );
      expect(faults, colorScheme).toEqual([]);
      if (colorScheme === 'light') await page.context().close();
    }
  });

  it('fits a telephone: nothing but tables and code scrolls sideways', async () => {
    await open(`${server.origin}/index.html`, { viewport: { width: 390, height: 800 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(await page.locator('nav details').getAttribute('open')).toBeNull();
  });
});

function fileAnswer(path: string): Behaviour {
  return (_, response) => {
    response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
    response.end(readFileSync(path));
  };
}
