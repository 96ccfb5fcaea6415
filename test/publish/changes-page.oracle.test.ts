import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeKinds, type PlatformChanges } from '../../src/publish/changes/changes.ts';
import { changesPage } from '../../src/publish/changes/page.ts';
import { axeFaults, colourRules, openBrowser, openWatched } from '../support/browser.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const address = pathToFileURL(join(temporaryFolder('html'), 'changes.html')).href;
const none = Object.fromEntries(changeKinds.map((kind) => [kind, 0])) as PlatformChanges['counts'];

/** Fifty platforms, of which two changed. */
const platforms: PlatformChanges[] = Array.from({ length: 50 }, (_, at) => {
  const changed = at === 20 || at === 40;
  return {
    platform: `ubuntu-${at}.04-layered-platform`,
    statements: { before: 123_456, after: changed ? 123_460 : 123_456 },
    counts: { ...none, ...(changed ? { now_affected: 1, fix_version_changed: 1 } : {}) },
    changes: changed
      ? [
          {
            kind: 'now_affected',
            package: 'openssl',
            vulnerability: 'CVE-2024-0001',
            after: { status: 'affected', fixState: 'none_yet' },
          },
          {
            kind: 'fix_version_changed',
            package: 'linux-image-unsigned-6.8.0-1001-oem-with-a-long-name',
            vulnerability: 'CVE-2024-0002',
            before: { status: 'fixed', fixed: '1:2.3-4ubuntu5.6' },
            after: { status: 'fixed', fixed: '1:2.3-4ubuntu5.7' },
          },
        ]
      : [],
  } as PlatformChanges;
});

describe.skipIf(!hasOracle('chromium-headless-shell'))('the page of changes in Chromium', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    writeFileSync(
      new URL(address),
      changesPage({ date: '2026-11-20T00:00:00Z', platforms } as Parameters<typeof changesPage>[0]),
    );
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    ({ page } = await openWatched(browser, address, options));
  }

  it('shows the platforms that changed and their changes, and folds the others', async () => {
    await open({ viewport: { width: 1280, height: 900 } });
    expect(await page.locator('tbody th[scope=row]:visible').allTextContents()).toEqual([
      'ubuntu-20.04-layered-platform',
      'ubuntu-40.04-layered-platform',
    ]);
    expect(await page.locator('summary').textContent()).toBe(
      '48 platforms without changes, with the number of statements',
    );
    expect(await page.locator('.same li').first().isVisible()).toBe(false);
    expect(await page.locator('h2').allTextContents()).toEqual([
      'ubuntu-20.04-layered-platform',
      'ubuntu-40.04-layered-platform',
    ]);
  });

  it('breaks no header inside a word at 1,280 pixels', async () => {
    await open({ viewport: { width: 1280, height: 900 } });
    const broken = await page.evaluate(`[...document.querySelectorAll('thead th')].flatMap((head) => {
      const text = head.firstChild; if (!text) return [];
      return text.data.split(' ').filter((word) => { const range = document.createRange();
        const at = text.data.indexOf(word); range.setStart(text, at); range.setEnd(text, at + word.length);
        return range.getClientRects().length > 1 }) })`);
    expect(broken).toEqual([]);
  });

  it.each([390, 1280])('fits into %d pixels', async (width) => {
    await open({ viewport: { width, height: 900 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    if (width === 390)
      expect(await page.evaluate("getComputedStyle(document.querySelector('td')).display")).toBe('block');
  });

  it.each(['light', 'dark'] as const)('has no fault that axe finds, %s', async (colorScheme) => {
    await open({ colorScheme });
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    const rules = { region: { enabled: false }, 'landmark-one-main': { enabled: false } };
    expect(await axeFaults(page, { rules, ...(colorScheme === 'dark' && colourRules) })).toEqual([]);
  });

  it('prints', async () => {
    await open();
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(5000);
  });
});
