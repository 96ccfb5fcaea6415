import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, openWatched } from '../support/browser.ts';
import { scapfeed } from '../support/cli.ts';
import { hasOracle, hasSecurityGuide, securityGuide } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Boxes of the list of contents with their numbers, and of the texts in them. */
const contents = `[...document.querySelectorAll('nav li')].map(item => {
  const { left, right, top, bottom } = item.getBoundingClientRect();
  const texts = [...item.querySelector('a').getClientRects()];
  return { number: left - 2 * 16, left, right, top, bottom, texts: texts.map(({ left, right, top, bottom }) => ({ left, right, top, bottom })) };
})`;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

describe.skipIf(!hasOracle('chromium-headless-shell') || !hasSecurityGuide())('the guide in Chromium', () => {
  let browser: Browser;
  const address = pathToFileURL(join(temporaryFolder('guide'), 'guide.html'));
  beforeAll(async () => {
    const made = scapfeed([
      ...['guide', join(securityGuide, 'ssg-debian12-ds.xml'), '--profile', 'standard'],
      ...['-o', `html=${fileURLToPath(address)}`],
    ]);
    expect(made, made.err).toMatchObject({ code: 0 });
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it.each([390, 800, 1280])('has a list of contents whose numbers lie on no text, %i wide', async (width) => {
    const { page, complaints } = await openWatched(browser, address.href, {
      viewport: { width, height: 900 },
    });
    const items = await page.evaluate<(Box & { number: number; texts: Box[] })[]>(contents);
    expect(items.length).toBeGreaterThan(5);
    const texts = items.flatMap((item) => item.texts);
    const covered = items.filter(({ number, texts: [own] }) =>
      texts.some(
        (text) =>
          text.left < own!.left && text.right > number && text.top < own!.bottom && text.bottom > own!.top,
      ),
    );
    expect(covered).toEqual([]);
    expect(await page.evaluate('document.scrollingElement.scrollWidth')).toBe(width);
    expect(complaints).toEqual([]);
  });
});
