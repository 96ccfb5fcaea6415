import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  daysLater,
  endless,
  makePublisher,
  type Publisher,
  send,
  serve,
} from '../publish/support/publisher.ts';
import { copyOf } from '../publish/support/two-nights.ts';
import { openBrowser, openWatched } from '../support/browser.ts';
import { openFirefox } from '../support/firefox.ts';
import { hasOracle } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const now = daysLater(1);
const sbom = join(temporaryFolder(), 'image.cdx.json');
/** The page has verified the feed, or not; what its HTML says before its script runs is something else. */
const isOpen = /Verified|No verdict: (?!the script)/;
const isRefused = /^No verdict: (?!the script)/;

let publisher: Publisher;
/** The folder as it was before the flaw was known. */
let older: string;
let newer: string;

beforeAll(async () => {
  publisher = await makePublisher();
  await publisher.publish([night('3.0.11-1')], { blocks: true, page: true });
  older = copyOf(publisher.site);
  await publisher.publish([night('3.0.12-1')], { blocks: true, page: true, date: now });
  newer = publisher.site;
  writeFileSync(sbom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', components }));
}, 60_000);

/** Parts of a published folder that a mirror may lie about. */
const parts = {
  roles: (path: string) => /^metadata\/\d+\.(?:snapshot|feed)\.json$/.test(path),
  lists: (path: string) => path.startsWith('targets/feed/blocks/'),
  blocks: (path: string) => /^blocks\/..\/|^targets\/[^/]+\/index\/.*\.gz$/.test(path),
  descriptions: (path: string, bytes: Buffer) =>
    parts.blocks(path) && gunzipSync(bytes).includes('"description"'),
};

type Part = keyof typeof parts;

/** An answer in place of a signed file, by its bytes and those of the night before. */
type Lie = (bytes: Buffer, before: Buffer) => Answer;

const nightBefore: Lie = (_, before) => send(before);
const absent: Lie = () => (response) => response.writeHead(404).end();
const half: Lie = (bytes) => send(bytes.subarray(0, bytes.length >> 1));
const silent: Lie = () => (response) => void response.writeHead(200).write('x');
/** Pieces of a byte, each in time for the next one. */
const trickling: Lie = () => (response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write('x'), 20);
  response.on('close', () => clearInterval(timer));
};
/** In an encoding that the answer names, which browsers undo. */
const labelled =
  (encode: (bytes: Buffer) => Buffer): Lie =>
  (bytes) =>
  (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(encode(bytes));
const otherBytes = (bytes: Buffer) => Buffer.alloc(bytes.length, 0x41);

const otherNight = /TRUST_SWAPPED|TRUST_TRUNCATED|FETCH_TOO_LARGE/;
const lies: [lie: string, of: Part[], lie: Lie, code: RegExp][] = [
  ['the snapshot and the role of the night before', ['roles'], nightBefore, otherNight],
  ['lists of the night before', ['lists'], nightBefore, otherNight],
  ['blocks of the night before', ['blocks'], nightBefore, otherNight],
  ['lists and blocks of the night before', ['lists', 'blocks'], nightBefore, otherNight],
  ['all of the night before but the timestamp', ['roles', 'lists', 'blocks'], nightBefore, otherNight],
  ['no lists', ['lists'], absent, /TRUST_SWAPPED/],
  ['no blocks', ['blocks'], absent, /TRUST_SWAPPED/],
  ['half of each list', ['lists'], half, /TRUST_TRUNCATED/],
  ['half of each block', ['blocks'], half, /TRUST_TRUNCATED/],
  ['other bytes as blocks', ['blocks'], (bytes) => send(otherBytes(bytes)), /TRUST_SWAPPED/],
  ['gzip of gzip', ['blocks'], (bytes) => send(gzipSync(bytes)), otherNight],
  ['other bytes in gzip', ['blocks'], labelled((bytes) => gzipSync(otherBytes(bytes))), /TRUST_SWAPPED/],
  ['a bomb in gzip', ['lists'], labelled(() => gzipSync(Buffer.alloc(2 ** 25))), /FETCH_TOO_LARGE/],
  ['gzip that is none', ['blocks'], labelled(otherBytes), /FETCH_FAILED/],
  ['blocks that do not end', ['blocks'], () => endless, /FETCH_TOO_LARGE/],
];

/** By path. */
function answersOf(of: readonly Part[], lie: Lie): Record<string, Answer> {
  const files = (site: string) =>
    readdirSync(site, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(site.length + 1))
      .sort();
  const before = new Map(files(older).map((path) => [nameOf(path), readFileSync(join(older, path))]));
  const blocks = [...before].filter(([name]) => name.startsWith('blocks/'));
  const answers: Record<string, Answer> = {};
  for (const path of files(newer)) {
    const bytes = readFileSync(join(newer, path));
    if (!of.some((part) => parts[part](path, bytes))) continue;
    const other = before.get(nameOf(path)) ?? blocks[0]![1];
    answers[path] = lie(bytes, other.equals(bytes) ? blocks.find(([name]) => name !== path)![1] : other);
  }
  expect(Object.keys(answers)).not.toEqual([]);
  return answers;
}

/** Without the night: neither a version nor a digest; blocks have no other name. */
function nameOf(path: string): string {
  return path.startsWith('blocks/') ? path : path.replace(/(?<=\/)(?:\d+|[0-9a-f]{64})\./, '');
}

function forged(bytes: Buffer): Answer {
  return send(bytes.toString().replace(/"version":\d+/, '"version":9'));
}

/** Header fields of each request, but for those of what a browser accepts and how it asks. */
const usual = ['accept', 'cache-control', 'connection', 'host', 'pragma', 'user-agent'];
const ofPages = ['cookie', 'upgrade-insecure-requests'];

describe.skipIf(!hasOracle('chromium-headless-shell'))('a hostile mirror, in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  async function open(url: string, at = now): Promise<Page> {
    const { page } = await openWatched(browser, `${url}/index.html`, {}, at);
    await page.locator('#status', { hasText: isOpen }).waitFor();
    return page;
  }

  it('that serves what was signed, as it is or in gzip, gets the same verdicts and answers', async () => {
    const seen: (string | null)[] = [];
    for (const answers of [{}, answersOf(['roles', 'lists', 'blocks'], labelled(gzipSync))]) {
      const mirror = await serve(newer, answers);
      try {
        const page = await open(mirror.url);
        await judge(page);
        seen.push(await page.locator('#result').textContent());
        expect(await searched(page, 'CVE-2024-0001')).toContain('fixed in 3.0.12-1');
        expect(await searched(page, 'CVE-2024-9999')).toContain('No statement of this feed names it');
      } finally {
        await mirror.close();
      }
    }
    expect(seen[0]).toContain('CVE-2024-0001');
    expect(seen[1]).toBe(seen[0]);
  });

  it.each(lies)(
    'that sends %s gets no verdict and no answer, and the page says why',
    async (_, of, lie, code) => {
      const mirror = await serve(newer, answersOf(of, lie));
      try {
        const page = await open(mirror.url);
        await judge(page);
        await expectNothing(page, 'No verdict: ', code);
        // What nothing names would look as harmless as what is not affected.
        for (const name of ['CVE-2024-0001', 'CVE-2024-9999']) {
          await searched(page, name);
          await expectNothing(page, 'No answer: ', code);
        }
      } finally {
        await mirror.close();
      }
    },
  );

  it.each([
    ['an endless root', 'metadata/1.root.json', () => endless, 'FETCH_TOO_LARGE'],
    ['another root', 'metadata/1.root.json', () => send('{}'), 'TRUST_TRUNCATED'],
    ['an endless timestamp', 'metadata/timestamp.json', () => endless, 'FETCH_TOO_LARGE'],
    ['a timestamp of its own', 'metadata/timestamp.json', forged, 'TRUST_SIGNATURE_WRONG'],
    ['another script', 'script', () => send('document.title = 1'), 'the script of this page has not run'],
  ] as const)('that sends %s gets no verdict', async (_, path, lie, says) => {
    const index = readFileSync(join(newer, 'index.html'), 'utf8');
    const [, script = ''] = /<script src="([^"]+)"/.exec(index) ?? [];
    const file = path === 'script' ? script : path;
    const mirror = await serve(newer, { [file]: lie(readFileSync(join(newer, file))) });
    try {
      const { page } = await openWatched(browser, `${mirror.url}/index.html`, {}, now);
      await page.locator('#status', { hasText: says }).waitFor();
      expect(await page.locator('#status').textContent()).toMatch(/^No verdict: /);
      expect(await page.locator('#result').textContent()).toBe('');
    } finally {
      await mirror.close();
    }
  });

  it('sees GET of files of the feed, and nothing of the document, of a search or of this browser', async () => {
    const cookie: Answer = (response) =>
      response
        .writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'who=you' })
        .end(readFileSync(join(newer, 'index.html')));
    const mirror = await serve(newer, { 'index.html': cookie });
    try {
      const page = await open(mirror.url);
      await judge(page);
      await searched(page, 'CVE-2024-0001');
      await searched(page, 'CVE-2024-9999');
      expect(mirror.requests.filter((path) => path.startsWith('blocks/'))).not.toEqual([]);
      for (const { method, url = '', headers } of mirror.heads) {
        const path = url.slice(1);
        const isFile = existsSync(join(newer, path)) || path === 'metadata/2.root.json';
        expect([method, path, isFile]).toEqual(['GET', path, true]);
        const isPage = /^index\.html$|^page\//.test(path);
        const names = Object.keys(headers).filter((name) => !/^(?:accept|sec)-/.test(name));
        expect([...usual, ...(isPage ? ofPages : [])]).toEqual(expect.arrayContaining(names));
        expect(JSON.stringify(headers)).not.toMatch(/libssl|openssl|CVE-/);
      }
    } finally {
      await mirror.close();
    }
  });

  it('that keeps descriptions back has the verdicts taken back', async () => {
    const mirror = await serve(newer, answersOf(['descriptions'], absent));
    try {
      const page = await open(mirror.url);
      await judge(page);
      await expectNothing(page, 'No verdict: ', /TRUST_SWAPPED/);
    } finally {
      await mirror.close();
    }
  });

  it('that serves the whole of the night before gets no verdict once that has expired', async () => {
    const mirror = await serve(older);
    try {
      const page = await open(mirror.url, daysLater(10));
      await judge(page);
      await expectNothing(page, 'No verdict: ', /TRUST_EXPIRED/);
    } finally {
      await mirror.close();
    }
  });

  it('that expires while its verdicts are shown saves nothing more', async () => {
    const mirror = await serve(newer);
    try {
      const page = await open(mirror.url);
      await judge(page);
      await page.clock.setFixedTime(daysLater(10));
      await page.click('[data-save=json]');
      await page.locator('#status', { hasText: /^Not saved: .*\[TRUST_EXPIRED\]/ }).waitFor();
    } finally {
      await mirror.close();
    }
  });

  it.each([
    ['nothing after the first byte of blocks', ['blocks'], silent],
    ['blocks byte by byte', ['blocks'], trickling],
    ['lists byte by byte', ['lists'], trickling],
    ['the role byte by byte', ['roles'], trickling],
  ] as const)('that sends %s is given up', async (_, of, lie) => {
    const answers = answersOf(of, lie);
    const mirror = await serve(newer, answers);
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.clock.install({ time: now });
      await page.goto(`${mirror.url}/index.html`);
      await page.setInputFiles('#file', sbom);
      const lied = () => mirror.requests.filter((path) => path in answers).length;
      const isGivenUp = async () => isRefused.test((await page.locator('#status').textContent())!);
      // The page opens the feed anew and tries once more. Each answer has 20 s, and as long as its bytes take.
      for (let before = 0; !(await isGivenUp()); before = lied()) {
        await expect.poll(async () => lied() > before || (await isGivenUp()), { timeout: 30_000 }).toBe(true);
        expect(await page.locator('#result').textContent()).toBe('');
        await page.clock.fastForward(30_000);
      }
      await expectNothing(page, 'No verdict: ', /FETCH_TIMEOUT/);
    } finally {
      await context.close();
      await mirror.close();
    }
  });
});

describe.skipIf(!hasOracle('firefox-esr'))('a hostile mirror, in Firefox', () => {
  it('gets no verdict, and the page says why', async () => {
    const firefox = await openFirefox();
    try {
      for (const [, of, lie, code] of lies.filter((_, at) => at % 4 === 0)) {
        const mirror = await serve(newer, answersOf(of, lie));
        try {
          await firefox.open(`${mirror.url}/index.html`, now);
          const status = "document.querySelector('#status').textContent";
          await firefox.until(`${isOpen}.test(${status})`);
          await firefox.textOf("(document.querySelector('#status').textContent = '')");
          await firefox.chooseFile('#file', sbom);
          await firefox.until(`/Judged|No verdict:/.test(${status})`);
          expect(await firefox.textOf(status)).toMatch(new RegExp(`^No verdict: .*\\[(?:${code.source})\\]`));
          expect(await firefox.textOf("document.querySelector('#result').textContent")).toBe('');
        } finally {
          await mirror.close();
        }
      }
    } finally {
      await firefox.close();
    }
  });
});

async function judge(page: Page): Promise<void> {
  await page.locator('#status').evaluate((status) => {
    status.textContent = '';
  });
  await page.setInputFiles('#file', sbom);
  await page.locator('#status', { hasText: /Judged|No verdict/ }).waitFor();
}

/** The page shows of a name what it returns. */
async function searched(page: Page, name: string): Promise<string> {
  await page.locator('#status').evaluate((status) => {
    status.textContent = '';
  });
  await page.fill('#searched', name);
  await page.keyboard.press('Enter');
  await page.locator('#status', { hasText: /Searched|No answer/ }).waitFor();
  return (await page.locator('#result').textContent())!;
}

async function expectNothing(page: Page, head: string, code: RegExp): Promise<void> {
  expect(await page.locator('#status').textContent()).toMatch(
    new RegExp(`^${head}.*\\[(?:${code.source})\\]`),
  );
  expect(await page.locator('#result').textContent()).toBe('');
}

const components = [
  { type: 'operating-system', name: 'debian', version: '12' },
  {
    ...{ type: 'library', name: 'libssl3', version: '3.0.11-1' },
    purl: 'pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl',
  },
];

/** A feed by which libssl3 3.0.11-1 has a flaw if it is fixed later. */
function night(fixed: string): string {
  return writeSmallFeed([
    {
      platform: bookworm,
      data: { roster: new Map([['openssl', { version: fixed, binaries: [] }]]) },
      statements: ['CVE-2024-0001', `CVE-2023-${fixed.replaceAll(/\D/g, '')}`].map((vulnerability) => ({
        ...{ vulnerability, package: 'openssl', status: 'fixed' as const, fixed },
      })),
      vulnerabilities: [{ id: 'CVE-2024-0001', description: `Flaw of ${fixed}` }],
    },
  ]);
}
