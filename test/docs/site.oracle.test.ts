import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { errorTable } from '../../src/cli/manual/error-table.ts';
import { pageName } from '../../src/cli/manual/markdown-page.ts';
import * as library from '../../src/library/index.ts';
import { errorCodes } from '../../src/model/error.ts';
import { axeFaults, colourRules, openBrowser, openWatched } from '../support/browser.ts';
import { project } from '../support/cli.ts';
import { type Behaviour, serve, type TestServer } from '../support/http-server.ts';
import { miss } from '../support/missing.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const types: Record<string, string> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.png': 'image/png',
};

const site = temporaryFolder('html');

// Made once for all tests of it: TypeDoc reads the whole library.
beforeAll(() => {
  // Its exit code is 1 if a link or an anchor leads nowhere, or if TypeDoc has a warning.
  execFileSync(process.execPath, [join(project, 'scripts/docs.mjs'), site], { cwd: project });
}, 600_000);

function hasTypeDoc(): boolean {
  const folder = join(project, 'scripts/api-docs/node_modules');
  if (existsSync(join(folder, 'typedoc'))) return true;
  miss({ kind: 'data', name: `${folder} (npm ci)` });
  return false;
}

describe('the site of the documentation', () => {
  const read = (path: string) => readFileSync(join(site, path), 'utf8');
  const pages = () =>
    readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'));

  it('has every page of docs, every example and every command', () => {
    const written = readdirSync(join(project, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => path.replace(/\.md$/, '.html'));
    const every = commands.flatMap((entry) => [entry, ...(entry.subcommands ?? [])]);
    const generated = every.map(({ name }) => `reference/${pageName(name)}.html`);
    expect([...written, ...generated].filter((path) => !existsSync(join(site, path)))).toEqual([]);
    expect(read('examples/jenkins/Jenkinsfile.html')).toMatch(/scapfeed@[\d.]+ scan/);
  });

  it('has every page in the navigation or linked from a page', () => {
    const linked = new Set(
      pages().flatMap((path) =>
        [...read(path).matchAll(/<a [^>]*href="([^"#:]+)/g)].map(([, href]) =>
          new URL(href!, `file:///${path}`).pathname.slice(1),
        ),
      ),
    );
    expect(pages().filter((path) => !linked.has(path))).toEqual([]);
  });

  it('names every option of a command and every code of an error', async () => {
    const { options } = await commands.find(({ name }) => name === 'scan')!.load();
    const scan = read('reference/scan.html');
    expect(Object.keys(options).filter((name) => !scan.includes(`--${name}`))).toEqual([]);
    expect(Object.keys(errorTable)).toEqual(Object.keys(errorCodes));
    const errors = read('reference/errors.html');
    expect(Object.keys(errorCodes).filter((code) => !errors.includes(`<code>${code}</code>`))).toEqual([]);
  });

  it.runIf(hasTypeDoc())(
    'has a page of every function of the library below the reference, and every page leads to it',
    () => {
      expect(read('library.html')).toContain('<a href="reference/api/index.html">API of the library</a>');
      const functions = Object.entries(library).filter(
        ([name, value]) => typeof value === 'function' && name !== 'ScapfeedError',
      );
      const own = functions.map(([name]) => `${name}.html`);
      expect(readdirSync(join(site, 'reference/api/functions')).sort()).toEqual(own.sort());
    },
  );

  it('loads nothing from elsewhere', () => {
    const loaded = pages().flatMap((path) =>
      [...read(path).matchAll(/<(?:script|link|img|iframe)\b[^>]*(?:src|href)="([^"]+)"/g)].map(
        ([, address]) => address!,
      ),
    );
    expect(loaded.filter((address) => /^(?:\w+:)?\/\//.test(address))).toEqual([]);
  });

  it('is not built with a link or an anchor that leads nowhere', () => {
    const copy = temporaryFolder();
    for (const name of ['docs', 'examples', 'scripts', 'src', 'templates', 'schemas', 'feeds'])
      cpSync(join(project, name), join(copy, name), { recursive: true });
    for (const name of readdirSync(project).filter((name) => /\.(md|yml|json)$/.test(name)))
      cpSync(join(project, name), join(copy, name));
    execFileSync('ln', ['-s', join(project, 'node_modules'), join(copy, 'node_modules')]);
    writeFileSync(
      join(copy, 'docs/vex.md'),
      '# VEX\n\n[a](nowhere.md) [b](sbom.md#no-such-heading) [c](sbom.md)\n',
    );
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(copy, 'scripts/docs.mjs'), join(copy, 'out/site'), '--without-api'],
      { cwd: copy, encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stderr).toContain('vex.html: no file for nowhere.md');
    expect(stderr).toContain('vex.html: no heading for sbom.html#no-such-heading');
  });
});

describe.skipIf(!hasOracle('chromium-headless-shell'))('the site of the documentation in Chromium', () => {
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  let requests: string[];
  let complaints: string[];

  beforeAll(async () => {
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

  async function open(address: string, options: BrowserContextOptions = {}): Promise<void> {
    ({ page, requests, complaints } = await openWatched(browser, address, options));
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
    const before = page.url();
    await page.keyboard.press('Enter');
    await page.waitForURL(({ href }) => href !== before);
    expect(requests.filter((url) => !url.startsWith(server.origin) && !url.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['a task', 'verify webhook signature', /^Fleets: Verify the signature of a webhook$/],
    ['a product with a hyphen', 'dependency-track', /: SBOMs and VEX$|^examples\/dependency-track\//],
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
      expect(await axeFaults(page, colorScheme === 'dark' ? colourRules : {}), colorScheme).toEqual([]);
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
