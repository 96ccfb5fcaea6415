import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vendorOval } from '../comply/support/vendor-oval.ts';
import { axeFaults, colourRules, openBrowser, openWatched } from '../support/browser.ts';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const weakTexts = readFileSync(new URL('support/weak-texts.js', import.meta.url), 'utf8');
const folder = temporaryFolder('eval-reports');
const root = rootWith({
  'var/lib/dpkg/status': stanza('acme-release', '9.1-1') + stanza('bash', '5.2-2') + stanza('zlib', '1.2-9'),
  'etc/os-release': 'ID=acme\nVERSION_ID=9\n',
});
/** A flaw, a missing patch, one that is fixed, and one whose test the document has not got. */
const document = vendorOval(
  [
    { number: 1001, package: 'bash', below: '0:5.2-3', severity: 'Important' },
    { number: 1002, package: 'bash', below: '0:5.2-1', severity: 'Moderate' },
    { number: 1003, package: 'zlib', below: '0:1.3-1', class: 'patch' },
    { number: 1004, package: 'zlib', below: '0:1.3-1', severity: 'Low' },
  ],
  { type: 'deb' },
).replace('test_ref="oval:com.acme:tst:1004"', 'test_ref="oval:com.acme:tst:404"');
const vendor = join(folder, 'vendor.oval.xml');
writeFileSync(vendor, document);
const foreign = join(folder, 'foreign.oval.xml');
writeFileSync(
  foreign,
  vendorOval([{ number: 1001, package: 'bash', below: '0:9' }], { type: 'deb', major: '8' }),
);

function report(format: string, content = vendor, ...args: string[]): string {
  const file = join(folder, `${basename(content)}${args.join('')}.${format}`);
  scapfeed(['eval', `dir:${root}`, '--content', content, '-o', `${format}=${file}`, ...args]);
  return file;
}

describe.skipIf(!hasOracle('xmllint'))('JUnit of eval, by its schema', () => {
  const schema = new URL('support/junit.xsd', import.meta.url).pathname;

  it.each([
    ['the default view', vendor, []],
    ['every definition', vendor, ['--all']],
    ['content for another system', foreign, []],
  ])('%s', (_, content, args) => {
    const checked = spawnSync('xmllint', ['--noout', '--schema', schema, report('junit', content, ...args)], {
      encoding: 'utf8',
    });

    expect(checked.stderr).toContain('validates');
  });
});

describe.skipIf(!hasOracle('chromium-headless-shell'))('the page of eval in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let requests: string[];
  let complaints: string[];
  const address = pathToFileURL(report('html', vendor, '--all')).href;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    ({ page, requests, complaints } = await openWatched(browser, address, options));
  }
  const titles = () => page.locator('.rule:visible .title').allTextContents();
  const openAll = () =>
    page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');

  it('shows what needs an action first, with its evidence, and asks nothing of the network', async () => {
    await open();
    expect(await page.locator('h1').textContent()).toBe('vendor.oval.xml');
    const counted = await page.locator('.counts').textContent();
    for (const part of [
      '1 vulnerability true',
      '1 vulnerability false',
      '1 vulnerability error',
      '1 patch true',
    ])
      expect(counted).toContain(part);
    const flaw = page.locator('.rule').first();
    await flaw.locator('summary').click();
    const text = await flaw.textContent();
    for (const part of [
      'CVE-2026-1001: bash flaw',
      'high',
      'ACSA-2026:1001',
      'evr: 5.2-2',
      'less than "0:5.2-3"',
    ])
      expect(text).toContain(part);
    expect([requests, complaints]).toEqual([[address], []]);
  });

  it('is searched and filtered', async () => {
    await open();
    expect((await titles()).length).toBe(4);
    await page.getByLabel('Search').fill('zlib');
    expect((await titles()).every((title) => title.includes('zlib'))).toBe(true);
    await page.getByLabel('Search').fill('');
    await page.getByRole('checkbox', { name: /^true/ }).uncheck();
    expect((await titles()).length).toBe(2);
    expect(await page.locator('#shown').textContent()).toBe('2 of 4 definitions shown');
  });

  it.each(['light', 'dark'] as const)(
    'has no fault that axe finds, in the %s palette',
    async (colorScheme) => {
      await open({ colorScheme });
      await openAll();
      const { texts, weak } = await page.evaluate<{ texts: number; weak: string[] }>(weakTexts);
      expect(texts).toBeGreaterThan(40);
      expect(weak).toEqual([]);
      expect(await axeFaults(page, colorScheme === 'dark' ? colourRules : {})).toEqual([]);
    },
  );

  it.each([320, 375])('fits a phone of %i pixels, everything opened', async (width) => {
    await open({ viewport: { width, height: 700 } });
    await openAll();
    expect(await page.evaluate('document.scrollingElement.scrollWidth')).toBe(width);
  });

  it('reads without its script', async () => {
    await open({ javaScriptEnabled: false });
    expect(await page.locator('#filters').isVisible()).toBe(false);
    expect((await titles()).length).toBe(4);
  });
});
