// `node scripts/fleet-screenshots.mjs [--all DIR]`: writes docs/images/fleet.png, from a fleet that is the same each time; --all
// writes every kind of page into DIR, light, dark and on a phone.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/fleet/store/open-database.ts';
import { openBrowser } from '../test/support/browser.ts';
import { openPageServer } from '../test/support/page-server.ts';
import { makeSampleFleet, sampleMorning } from '../test/support/sample-fleet.ts';
import { smallPng } from './small-png.mjs';

const { values } = parseArgs({ options: { all: { type: 'string' } } });
const folder = mkdtempSync(join(tmpdir(), 'scapfeed-screenshots-'));
const place = join(folder, 'store');
try {
  await makeSampleFleet(place, folder);
  const database = await openDatabase(place, sampleMorning);
  const server = await openPageServer(database, () => sampleMorning);
  const browser = await openBrowser();
  try {
    if (values.all === undefined) await picture(browser, server.origin);
    else await everything(browser, server.origin, database, values.all);
  } finally {
    await browser.close();
    await server.close();
    await database.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The picture of the README: what a person sees first. */
async function picture(browser, origin) {
  const target = join(import.meta.dirname, '../docs/images/fleet.png');
  const page = await browser.newPage({ viewport: { width: 1200, height: 840 }, colorScheme: 'light' });
  await page.goto(origin);
  await page.screenshot({ path: target });
  smallPng(target);
  console.log(target);
}

async function everything(browser, origin, database, target) {
  mkdirSync(target, { recursive: true });
  const [{ digest }] = await database.query(
    `SELECT digest FROM fleet.images JOIN fleet.name_images ON image = images.id JOIN fleet.names ON names.id = name
     WHERE reference = 'registry.example/shop/cart:stable' AND until IS NULL`,
  );
  const [{ vulnerability }] = await database.query(
    'SELECT vulnerability FROM fleet.verdicts WHERE exploited AND to_run IS NULL LIMIT 1',
  );
  const image = `/images/${digest}`;
  const views = ['changes', 'gaps', 'layers', 'files', 'rules', 'signatures', 'history', 'compare'];
  const profile = '/profiles/cis_level1_server';
  const addresses = [
    ...[
      '/',
      '/images',
      image,
      '/vulnerabilities',
      `/vulnerabilities/${vulnerability}`,
      '/packages',
      '/packages/openssl',
    ],
    ...[
      '/profiles',
      profile,
      `${profile}?view=images`,
      `${profile}?view=matrix`,
      '/news',
      '/waivers',
      '/feed',
    ],
    ...['/search?q=shop', '/sign-in', '/nowhere'],
    ...views.map((view) => `${image}?view=${view}`),
  ];
  const looks = [
    ['light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
    ['dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 844 }, colorScheme: 'light' }],
  ];
  for (const [look, options] of looks) {
    const page = await browser.newPage(options);
    for (const address of addresses) {
      await page.goto(origin + address);
      const name = address.replace(digest, 'cart').replace(/[^a-zA-Z0-9-]+/g, '_');
      await page.screenshot({ path: join(target, `${look}${name}.png`), fullPage: true });
    }
    await page.close();
  }
}
