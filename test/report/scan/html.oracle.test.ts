import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults, colourRules, openBrowser, openWatched } from '../../support/browser.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { hostileScan } from './support/hostile-scan.ts';
import { sampleScan } from './support/sample-scan.ts';

const folder = temporaryFolder('html');
const sample = sampleScan({}, [
  'Package: strange\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n',
]);

describe.skipIf(!hasOracle('chromium-headless-shell'))('the page of a scan in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let requests: string[];
  let complaints: string[];

  beforeAll(async () => {
    writeFileSync(join(folder, 'sample.html'), sample.scan('-o', 'html', '--fail-on', 'high').out);
    const several = [sampleScan().image, 'missing.tar', '-o', 'html'];
    writeFileSync(join(folder, 'several.html'), sample.scan(...several, '--fail-on', 'high').out);
    writeFileSync(join(folder, 'hostile.html'), hostileScan('-o', 'html').out);
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  async function open(name: string, options: BrowserContextOptions = {}, hash = ''): Promise<void> {
    const address = pathToFileURL(join(folder, `${name}.html`)).href + hash;
    ({ page, requests, complaints } = await openWatched(browser, address, options));
  }

  const shown = () => page.locator('.flaw:visible').evaluateAll((flaws) => flaws.map(({ id }) => id));

  it('has totals, upgrades, what is exploited first, and of each flaw the evidence', async () => {
    await open('sample');
    const text = (await page.locator('body').textContent())!.replaceAll(/\s+/g, ' ');
    for (const part of [
      '4 flaws in 5 packages',
      '2 with a fix to install, 2 without',
      'Upgrade 2 source packages, and 2 flaws go',
      'uncovered packages',
      'The policy fails:2 flaws that --fail-on names',
      '1 flaw rated unimportant; --all lists them',
      'Known to be exploited: act on these first.',
      'Not covered: 1 package',
      'test-input#openssl/CVE-2023-0286'.replace('#', '#/'),
      '7.4 (CVSS 3.1, vendor)',
    ])
      expect(text).toContain(part);
    expect(await shown()).toEqual([
      'CVE-2024-5555-curl',
      'CVE-2023-0286-openssl',
      'CVE-2023-45853-zlib',
      'CVE-2022-3715-bash',
    ]);
  });

  it('has known exploited flaws above everything else, and does not call hidden what --all lists', async () => {
    await open('sample');
    const notices = await page.locator('.notice').evaluateAll((all) => all.map((each) => each.ariaLabel));
    expect(notices[0]).toBe('Known to be exploited');
    expect(sample.scan('-o', 'html', '--all').out).not.toContain('rated unimportant; --all lists them');
  });

  it('prints the totals and upgrades on its first page, no word broken', async () => {
    await open('sample', { viewport: { width: 704, height: 1000 } });
    await page.emulateMedia({ media: 'print' });
    const broken = await page
      .locator('th, td.word, .number')
      .evaluateAll((cells) =>
        cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map(({ textContent }) => textContent),
      );
    expect(broken).toEqual([]);
    // Content of the page of A4 beside its margins.
    const lowest = await page
      .locator('table')
      .first()
      .evaluate((table) => table.getBoundingClientRect().bottom);
    expect(lowest).toBeLessThan(1000);
  });

  it('finds by text and filters by severity and fix', async () => {
    await open('sample');
    await page.fill('input[type=search]', 'certificate openssl');
    expect(await shown()).toEqual(['CVE-2023-0286-openssl']);
    await page.fill('input[type=search]', '');
    await page.uncheck('input[value=available]');
    expect(await shown()).toEqual(['CVE-2023-45853-zlib', 'CVE-2022-3715-bash']);
    await page.uncheck('input[value=low]');
    expect(await page.locator('#shown').textContent()).toBe('1 of 4 flaws shown');
  });

  it('is worked by the keyboard: skip link, search, boxes, flaws', async () => {
    await open('sample');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.parentElement.id')).toBe('CVE-2024-5555-curl');
    await page.keyboard.press('Enter');
    expect(await page.locator('#CVE-2024-5555-curl').evaluate((flaw) => flaw.hasAttribute('open'))).toBe(
      true,
    );
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('A');
  });

  it('opens the flaw that the address names', async () => {
    await open('sample', {}, '#CVE-2023-0286-openssl');
    expect(await page.locator('.flaw[open]').evaluateAll((flaws) => flaws.map(({ id }) => id))).toEqual([
      'CVE-2023-0286-openssl',
    ]);
  });

  it('of several images has their totals, each of them, and searches all', async () => {
    await open('several');
    const text = (await page.locator('body').textContent())!.replaceAll(/\s+/g, ' ');
    for (const part of ['3 images', '8 flaws, 4 different vulnerabilities', 'missing.tar: not scanned'])
      expect(text).toContain(part);
    await page.fill('input[type=search]', 'certificate openssl');
    expect(await shown()).toEqual(['image-1-CVE-2023-0286-openssl', 'image-2-CVE-2023-0286-openssl']);
    expect(await page.locator('#shown').textContent()).toBe('2 of 8 flaws shown');
    await page.click('a[href="#image-2"]');
    expect(complaints).toEqual([]);
  });

  it.each([
    ['sample', 'light'],
    ['sample', 'dark'],
    ['several', 'light'],
    ['several', 'dark'],
  ] as const)('%s has no fault that axe finds, %s, everything open', async (name, colorScheme) => {
    await open(name, { colorScheme, bypassCSP: true });
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    expect(await axeFaults(page, colorScheme === 'dark' ? colourRules : {})).toEqual([]);
  });

  it.each([
    ['sample', 390],
    ['sample', 1280],
    ['several', 390],
    ['several', 1280],
  ] as const)('%s fits into %d pixels', async (name, width) => {
    await open(name, { viewport: { width, height: 800 } });
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it('prints all flaws without the controls', async () => {
    await open('sample');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('form').isVisible()).toBe(false);
    expect(await page.locator('.flaw').first().isVisible()).toBe(true);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
  });

  it('asks for nothing, complains about nothing, and runs without its script', async () => {
    await open('sample');
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    await open('sample', { javaScriptEnabled: false });
    expect(await page.locator('.flaw:visible').count()).toBe(4);
    expect(await page.locator('form').isVisible()).toBe(false);
  });

  it('runs nothing of a stranger', async () => {
    await open('hostile');
    expect(complaints).toEqual([]);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('.flaw').count()).toBe(6);
    const links = await page.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
    expect(links.filter((link) => !/^(?:https:\/\/|#)/.test(link))).toEqual([]);
  });
});

it('the same bytes twice', () => {
  expect(sample.scan('-o', 'html').out).toBe(sample.scan('-o', 'html').out);
});
