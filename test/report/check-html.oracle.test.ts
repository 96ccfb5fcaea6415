import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, openWatched } from '../support/browser.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { smallStream } from '../support/small-stream.ts';
import { temporaryFolder } from '../support/temporary.ts';

const weakTexts = readFileSync(new URL('support/weak-texts.js', import.meta.url), 'utf8');

describe.skipIf(!hasOracle('chromium-headless-shell'))('the page of a check in Chromium', () => {
  const folder = temporaryFolder('check-html');
  const address = pathToFileURL(join(folder, 'check.html')).href;
  let browser: Browser;
  let page: Page;
  let requests: string[];
  let complaints: string[];

  beforeAll(async () => {
    cpSync(join(project, 'feeds/sample'), join(folder, 'mirror'), { recursive: true });
    writeFileSync(join(folder, 'ssg-small-ds.xml'), smallStream());
    const entry = { id: 'small', folder, licence: 'BSD-3-Clause', products: ['small'] };
    writeFileSync(join(folder, 'list.json'), JSON.stringify({ content: [entry] }));
    const feed = join(folder, 'feed');
    const args = [
      '--source',
      'debian,kev',
      '--mirror',
      join(folder, 'mirror'),
      '--unsigned-mirror',
      '--no-oval',
    ];
    const places = [
      '--content',
      join(folder, 'list.json'),
      '--snapshots',
      join(folder, 'snapshots'),
      '--out',
      feed,
    ];
    expect(scapfeed(['build', ...args, ...places]).code).toBe(0);
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status':
        stanza('libssl3', '3.0.11-1~deb12u1', { Source: 'openssl' }) +
        stanza('libnghttp2-14', '1.52.0-1', { Source: 'nghttp2' }) +
        stanza('house-tool', '1'),
      'etc/small.conf': 'setting1 = yes\n',
    });
    const judging = ['--max-age', '0', '--profile', 'base', '--allow-uncovered'];
    const out = ['-o', `html=${join(folder, 'check.html')}`];
    const run = scapfeed(['check', `dir:${root}`, '--feed', feed, ...judging, ...out]);
    expect(run, run.err).toMatchObject({ code: 0 });
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    ({ page, requests, complaints } = await openWatched(browser, address, options));
  }
  const titles = () => page.locator('.rule:visible .title').allTextContents();

  it('shows flaws and rules, both counted, and asks nothing of the network', async () => {
    await open();
    const all = await titles();
    expect(all).toContain('CVE-2025-9230 in openssl');
    expect(all[0]).toBe('CVE-2023-44487 in nghttp2, known exploited');
    expect(all.slice(-3).sort()).toEqual(['Setting 1', 'Setting 2', 'Setting 3']);
    expect(await page.locator('.score').first().textContent()).toMatch(/5\s+flaws, 5 with a fix/);
    expect(await page.locator('.score').last().textContent()).toMatch(/33\.3\s+of 100/);
    expect(await page.locator('main').textContent()).toContain('house-tool');
    const flaw = page.locator('.rule', { hasText: 'CVE-2025-9230' });
    await flaw.locator('summary').click();
    expect(await flaw.textContent()).toMatch(/libssl3[\s\S]*Upgrade libssl3 to 3\.0\.17-1~deb12u3/);
    expect([requests, complaints]).toEqual([[address], []]);
  });

  it('one search and one set of filters are for both', async () => {
    await open();
    await page.getByLabel('Search').fill('setting 2');
    expect(await titles()).toEqual(['Setting 2']);
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Flaw with a fix').uncheck();
    expect((await titles()).every((title) => title.startsWith('Setting'))).toBe(true);
    await page.getByLabel('Passed').uncheck();
    expect((await titles()).sort()).toEqual(['Setting 2', 'Setting 3']);
    expect(await page.locator('#shown').textContent()).toBe('2 of 8 entries shown');
  });

  it.each(['light', 'dark'] as const)(
    'has a contrast of at least 4.5 in the %s palette',
    async (colorScheme) => {
      await open({ colorScheme });
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
      const { texts, weak } = await page.evaluate<{ texts: number; weak: string[] }>(weakTexts);
      expect(texts).toBeGreaterThan(80);
      expect(weak).toEqual([]);
    },
  );

  it.each([320, 375])('fits a phone of %i pixels, everything opened', async (width) => {
    await open({ viewport: { width, height: 700 } });
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    expect(await page.evaluate('document.scrollingElement.scrollWidth')).toBe(width);
  });

  it('reads without its script', async () => {
    await open({ javaScriptEnabled: false });
    expect(await page.locator('#filters').isVisible()).toBe(false);
    expect((await titles()).length).toBe(8);
  });
});
