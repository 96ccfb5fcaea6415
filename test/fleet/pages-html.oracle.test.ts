import { networkInterfaces } from 'node:os';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import type { OpenServer } from '../../src/fleet/serve/open-server.ts';
import type { Database } from '../../src/fleet/store/database.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { makeToken } from '../../src/fleet/store/tokens.ts';
import type { Assessment } from '../../src/model/feed/index.ts';
import { axeFaults, colourRules, openBrowser, openWatched } from '../support/browser.ts';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { openFleetServer } from '../support/fleet-server.ts';
import { hasOracle } from '../support/oracles.ts';
import { openPageServer } from '../support/page-server.ts';
import { makeSampleFleet, sampleMorning } from '../support/sample-fleet.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const id = 'CVE-2026-20111';

/** A feed with the longest forms of what can be said of a vulnerability. */
const feed = () =>
  writeSmallFeed(
    [
      {
        platform: bookworm,
        statements: [{ vulnerability: id, package: 'openssl', status: 'affected', fixState: 'none_yet' }],
        vulnerabilities: [known],
      },
    ],
    undefined,
    [assessment],
  );

const known = {
  ...{ id, title: 'Out-of-bounds read of a certificate', description: 'A long description. '.repeat(60) },
  ...{ published: '2026-01-05T00:00:00Z', cwe: ['CWE-125'] },
  references: [`https://vendor.example/security/${'advisories/'.repeat(12)}${id}`],
};
const assessment: Assessment = {
  id,
  ratings: [
    {
      ...{ source: 'nvd', version: '3.1', score: 9.8 },
      vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C/CR:H/IR:H/AR:H',
    },
  ],
  exploited: { added: '2026-01-08', due: '2026-01-29', ransomware: true },
  epss: { probability: 0.97, percentile: 0.999 },
};

describe.skipIf(!hasOracle('chromium-headless-shell'))(
  'the pages of a fleet in Chromium',
  { timeout: 240_000 },
  () => {
    let browser: Browser;
    let page: Page;
    let server: OpenServer;
    let database: Database;
    let addresses: string[];
    let requests: string[];
    let complaints: string[];

    beforeAll(async () => {
      const place = await newEmbedded();
      await makeSampleFleet(place, temporaryFolder('sample'), 3);
      database = await openDatabase(place, sampleMorning);
      const folder = feed();
      server = await openPageServer(
        database,
        () => sampleMorning,
        () => openChosenFeed(folder, {}),
      );
      const [{ digest } = { digest: '' }] = await database.query<{ digest: string }>(
        `SELECT images.digest FROM fleet.images JOIN fleet.name_images ON image = images.id AND until IS NULL
       JOIN fleet.names ON names.id = name WHERE reference = 'registry.example/shop/checkout:stable'`,
      );
      const image = `/images/${digest}`;
      addresses = [
        ...[
          '/',
          '/images',
          image,
          '/vulnerabilities',
          `/vulnerabilities/${id}`,
          '/packages',
          '/packages/openssl',
        ],
        ...[
          '/profiles',
          '/news',
          '/waivers',
          '/feed',
          '/search?q=redis',
          '/images/sha256:0',
          '/nowhere',
          '/sign-in',
        ],
        ...['', '?view=images', '?view=matrix'].map((view) => `/profiles/cis_level1_server${view}`),
        ...['changes', 'gaps', 'layers', 'files', 'rules', 'signatures', 'history', 'compare'].map(
          (view) => `${image}?view=${view}`,
        ),
      ];
      browser = await openBrowser();
    }, 240_000);
    afterAll(async () => {
      await browser.close();
      await server.close();
      await database.close();
    });

    async function open(address: string, options: BrowserContextOptions = {}): Promise<void> {
      ({ page, requests, complaints } = await openWatched(browser, server.origin + address, options));
    }

    const firstOf = (selector: string) => page.locator(selector).first();

    // One load of each page: loading takes longer than what is asked of it.
    it('fit into any window, and have no fault that axe finds, light and dark', {
      timeout: 480_000,
    }, async () => {
      await open('/', { bypassCSP: true });
      for (const address of addresses) {
        await page.goto(server.origin + address);
        for (const width of [390, 768, 1024, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          expect(
            await page.evaluate('document.documentElement.scrollWidth'),
            `${address} at ${width}`,
          ).toBeLessThanOrEqual(width);
        }
        await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          const rules = colorScheme === 'dark' ? colourRules : {};
          expect(await axeFaults(page, rules), `${address}, ${colorScheme}`).toEqual([]);
        }
      }
    });

    it.each([390, 1280])(
      'keep their columns within %d pixels with a name as long as feeds may have',
      async (width) => {
        const long = `CVE-2026-${'1'.repeat(180)}`;
        const place = await newEmbedded();
        const fixed = `9.${'9'.repeat(200)}`;
        const feed = writeSmallFeed([
          {
            platform: bookworm,
            statements: [{ vulnerability: long, package: 'a', status: 'fixed', fixed, severity: 'high' }],
          },
        ]);
        const root = rootWith({
          'etc/os-release': debianRelease('12', 'bookworm'),
          'var/lib/dpkg/status': stanza('a', '1'),
        });
        await addImages(place, [`dir:${root}`]);
        await night(place, feed);
        await using other = await openFleetServer(place);
        await open('/', { viewport: { width, height: 800 } });
        await page.goto(`${other.origin}/images`);
        const image = await firstOf('#images tbody a').getAttribute('href');
        for (const address of ['/', image!, '/vulnerabilities', `/vulnerabilities/${long}`, '/packages/a']) {
          await page.goto(other.origin + address);
          expect(await page.textContent('main'), address).toMatch(/1{180}|\ba\b/);
          expect(await page.evaluate('document.documentElement.scrollWidth'), address).toBeLessThanOrEqual(
            width,
          );
        }
      },
    );

    it('are sorted on a phone, and stay so when they are filtered', async () => {
      await open('/images', { viewport: { width: 390, height: 844 } });
      await page.selectOption('select[name=sort]', 'fixable');
      await page.waitForURL('**sort=fixable*');
      await page.selectOption('select[name=platform]', 'debian-12');
      await page.waitForURL('**platform=debian-12*');
      const cells = await page.locator('td[data-column="With a fix"]').allTextContents();
      const known = cells.filter((cell) => cell !== '–').map((cell) => Number(cell.replaceAll(',', '')));
      expect(known.length).toBeGreaterThan(5);
      expect(known).toEqual(known.toSorted((a, b) => b - a));
    });

    it('show on a phone at which page one is', async () => {
      await open('/', { viewport: { width: 390, height: 844 } });
      for (const address of ['/', '/packages', '/news', '/waivers', '/feed']) {
        await page.goto(server.origin + address);
        const { x, width } = (await firstOf('.top nav [aria-current]').boundingBox())!;
        expect([x >= 0, x + width <= 390], address).toEqual([true, true]);
      }
    });

    it('have no fault that axe finds on a phone', async () => {
      await open('/', { viewport: { width: 390, height: 844 }, bypassCSP: true });
      for (const address of ['/', '/images', addresses[2]!]) {
        await page.goto(server.origin + address);
        expect(await axeFaults(page), address).toEqual([]);
      }
    });

    it('load their style and script from this server, and nothing else; nothing complains', async () => {
      await open('/');
      const missing = ['/images/sha256:0', '/nowhere'];
      for (const address of addresses.filter((each) => !missing.includes(each)))
        await page.goto(server.origin + address);
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith(server.origin) && !url.startsWith('data:'))).toEqual(
        [],
      );
    });

    it('are worked by the keyboard: skip link, the field to find things, filters', async () => {
      await open('/images');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.className')).toBe('skip');
      await page.keyboard.press('Enter');
      await page.keyboard.press('/');
      expect(await page.evaluate('document.activeElement.name')).toBe('q');
      await page.keyboard.type('payments');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/images?q=payments*');
      expect(await page.locator('#images tbody tr').count()).toBe(1);
      await firstOf('#images tbody a').press('Enter');
      await page.waitForURL('**/images/inventory:*');
      expect(await page.locator('h1').textContent()).toBe('registry.example/shop/payments:stable');
    });

    it('show a changed filter at once', async () => {
      await open('/images');
      await page.selectOption('select[name=state]', 'uncovered');
      await page.waitForURL('**state=uncovered*');
      expect(await page.locator('#images tbody tr').count()).toBe(1);
    });

    it('are read, filtered and sorted without their script', async () => {
      await open('/images', { javaScriptEnabled: false });
      expect(await page.locator('#images tbody tr').count()).toBe(20);
      await page.fill('main input[type=search]', 'data');
      await page.click('.filters button');
      expect(await page.locator('#images tbody tr').count()).toBe(6);
      await page.click('th a:has-text("Critical")');
      expect(await page.locator('th[aria-sort=descending]').textContent()).toBe('Critical');
    });

    it('print what they show, without the controls', async () => {
      await open('/images');
      await page.emulateMedia({ media: 'print' });
      for (const control of ['.top nav', '.find', '.filters', '.forms'])
        expect(await firstOf(control).isVisible(), control).toBe(false);
      expect(await firstOf('#images tbody tr').isVisible()).toBe(true);
      expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    });

    it('print dark letters on white paper, also for somebody whose screen is dark', async () => {
      await open('/images', { colorScheme: 'dark' });
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      const coloursOf = (selector: string) =>
        page.evaluate(
          `(({ color, backgroundColor }) => color + ' on ' + backgroundColor)(getComputedStyle(document.querySelector('${selector}')))`,
        );
      for (const selector of ['body', '#images table'])
        expect(await coloursOf(selector), selector).toBe('rgb(28, 32, 36) on rgb(255, 255, 255)');
    });

    it('are signed in to and out of at an address of the network without HTTPS, as another machine would', async () => {
      const address = Object.values(networkInterfaces())
        .flat()
        .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
      if (address === undefined) return;
      await using other = await openFleetServer(await newEmbedded(), {
        host: '0.0.0.0',
        before: ({ database: own }) => makeToken(own, { name: 'first', role: 'read' }, sampleMorning),
      });
      const token = await other.token('read');
      await open('/');
      const origin = `http://${address}:${new URL(other.origin).port}`;
      await page.goto(`${origin}/images`);
      expect(new URL(page.url()).pathname).toBe('/sign-in');
      await page.fill('input[name=token]', 'scapfeed_wrong');
      await page.click('button');
      expect(await page.textContent('[role=alert]')).toContain('The token is unknown');
      await page.fill('input[name=token]', token);
      await page.click('button');
      expect(await page.textContent('h1')).toBe('Images');
      await page.click('text=Sign out');
      expect(new URL(page.url()).pathname).toBe('/sign-in');
      await page.goto(`${origin}/images`);
      expect(await page.textContent('h1')).toBe('Sign in');
    });
  },
);
