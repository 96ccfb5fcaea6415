import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { htmlReport } from '../../src/report/comply/html.ts';
import { openBrowser, openWatched } from '../support/browser.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { fullResult } from './support/sample-compliance.ts';

const weakTexts = readFileSync(new URL('support/weak-texts.js', import.meta.url), 'utf8');
const address = pathToFileURL(join(temporaryFolder('html'), 'report.html')).href;

const focus = `(() => { const { tagName, className } = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return { name: tagName + ' ' + className, outline: outlineStyle + ' ' + outlineWidth }; })()`;

describe.skipIf(!hasOracle('chromium-headless-shell'))('the compliance page in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let requests: string[];
  let complaints: string[];

  beforeAll(async () => {
    writeFileSync(new URL(address), htmlReport(fullResult()));
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  async function open(options: BrowserContextOptions = {}, hash = ''): Promise<void> {
    ({ page, requests, complaints } = await openWatched(browser, address + hash, options));
  }

  const shownRules = () =>
    page
      .locator('.rule:visible')
      .evaluateAll((rules) => rules.map((rule) => rule.id.replace(/.*rule_of_/, '')));
  const openAll = () =>
    page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');

  it('shows score, counts, and of a rule its evidence, reasons, references and fix', async () => {
    await open();
    expect(await page.locator('.score').textContent()).toMatch(/50\.0 of 100\s+1 Failed.*1 Passed/);
    expect(await page.locator('#shown').textContent()).toBe('7 of 8 rules shown');
    const rule = page.locator('.rule').first();
    await rule.locator('summary').first().click();
    await rule.locator('.fix summary').click();
    const text = await rule.textContent();
    for (const part of ['Failed', 'high', '/etc/fail:4', 'text: a=b', 'and 6 more', 'nothing tells'])
      expect(text).toContain(part);
    for (const part of ['Described', 'because of a reason', 'take care', 'CCE-0', 'REF-0', 'echo fail'])
      expect(text).toContain(part);
  });

  it('is used by keyboard alone: skip, search, filter, open', async () => {
    await open();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the rules');
    await page.keyboard.press('Tab');
    await page.keyboard.type('REF-2 nothing');
    expect(await shownRules()).toEqual(['unknown']);
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await shownRules()).not.toContain('fail');
    expect(await page.locator('#shown').textContent()).toBe('6 of 8 rules shown');
    await page.keyboard.press('Space');
    while (!(await focused()).startsWith('Open all')) await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('A rule that is fail');
    await page.keyboard.press('Enter');
    expect(await page.locator('.rule').first().getAttribute('open')).toBe('');
    while (!(await focused()).startsWith('Fix')) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.locator('.fix pre').first().isVisible()).toBe(true);
  });

  it('skips to the rules, and opens all that are shown', async () => {
    await open();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('A rule that is fail');
    await page.getByRole('button', { name: 'Open all' }).press('Enter');
    expect(await page.locator('.rule[open]').count()).toBe(7);
  });

  it("groups by the benchmark's tree and by framework, and names references with it", async () => {
    await open();
    const heads = () => page.locator('.group:visible').allTextContents();
    await page.selectOption('select[name=group]', 'groups');
    expect(await heads()).toEqual(['in no group', 'System › Access', 'System › Files']);
    await page.selectOption('select[name=group]', 'ANSSI');
    expect(await heads()).toEqual(['ANSSI R34', 'ANSSI R36', 'ANSSI R38', 'ANSSI R40', 'without ANSSI']);
    await page.fill('input[type=search]', 'ansSI R40');
    expect(await shownRules()).toEqual(['fail']);
    expect(await heads()).toEqual(['ANSSI R40']);
    await page.fill('input[type=search]', '');
    await page.selectOption('select[name=group]', '');
    expect(await heads()).toEqual([]);
    expect((await shownRules())[0]).toBe('fail');
  });

  it('counts by severity what is shown, finds by evidence, and says what was looked for', async () => {
    await open();
    const counts = () => page.locator('fieldset:nth-of-type(2) small').allTextContents();
    expect(await counts()).toEqual(['2', '2', '1', '1', '1']);
    await page.uncheck('input[value=fail]');
    expect(await counts()).toEqual(['1', '2', '1', '1', '1']);
    await page.fill('input[type=search]', '/etc/pass:4');
    expect(await shownRules()).toEqual(['pass']);
    await openAll();
    expect(await page.locator('.rule:visible').textContent()).toContain(
      'looked for:filepath equals "/etc/none"',
    );
  });

  it('shows where the focus is, everywhere', async () => {
    await open();
    await openAll();
    const seen: string[] = [];
    const hidden: string[] = [];
    for (let step = 0; step < 40; step++) {
      await page.keyboard.press('Tab');
      const { name, outline } = await page.evaluate<{ name: string; outline: string }>(focus);
      seen.push(name);
      if (!/^solid [23]px$/.test(outline)) hidden.push(`${name}: ${outline}`);
    }
    expect([...new Set(seen.map((name) => name.split(' ')[0]))].sort()).toEqual([
      'A',
      'BUTTON',
      'INPUT',
      'PRE',
      'SELECT',
      'SUMMARY',
    ]);
    expect(hidden).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'has a contrast of at least 4.5 for every text in the %s palette',
    async (colorScheme) => {
      await open({ colorScheme });
      await page.getByLabel('Not applicable').check();
      await openAll();
      const { texts, weak } = await page.evaluate<{ texts: number; weak: string[] }>(weakTexts);
      expect(texts).toBeGreaterThan(200);
      expect(weak).toEqual([]);
    },
  );

  it.each([320, 375])('fits a phone of %i pixels, everything opened', async (width) => {
    await open({ viewport: { width, height: 700 } });
    await openAll();
    expect(await page.evaluate('document.scrollingElement.scrollWidth')).toBe(width);
    expect(await page.locator('td[data-column=Found]').first().isVisible()).toBe(true);
  });

  it('prints what is shown, with the findings of all that does not pass', async () => {
    await open();
    await page.emulateMedia({ media: 'print' });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await page.locator('form').isVisible()).toBe(false);
    expect(await page.locator('.score').isVisible()).toBe(true);
    const opened = await page
      .locator('.rule[open]')
      .evaluateAll((rules) => rules.map(({ id }) => id.replace(/.*rule_of_/, '')));
    expect(opened).toEqual(['fail', 'error', 'unknown', 'notchecked', 'fixed', 'informational']);
    expect(await page.locator('#xccdf_x_rule_of_fail td').first().isVisible()).toBe(true);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await page.locator('.rule[open]').count()).toBe(0);
  });

  it('asks nothing of the network, and its own policy lets it work', async () => {
    await open();
    await openAll();
    expect(requests).toEqual([address]);
    expect(complaints).toEqual([]);
  });

  it('lets no other script run', async () => {
    await open();
    await page.evaluate(
      'const own = document.createElement("script"); own.textContent = "document.title = 1"; document.body.append(own)',
    );
    expect(await page.title()).not.toBe('1');
    expect(complaints.join()).toMatch(/Content Security Policy/);
  });

  it('opens the rule that the address names, hidden or not', async () => {
    await open({}, '#xccdf_x_rule_of_notapplicable');
    const rule = page.locator('#xccdf_x_rule_of_notapplicable');
    expect([await rule.isVisible(), await rule.getAttribute('open')]).toEqual([true, '']);
  });

  it('reads without its script', async () => {
    await open({ javaScriptEnabled: false });
    expect(await shownRules()).toHaveLength(8);
    expect(await page.locator('form').isVisible()).toBe(false);
  });

  function focused(): Promise<string> {
    return page.evaluate('document.activeElement.textContent.trim()');
  }
});
