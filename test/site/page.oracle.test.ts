import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrivateCache } from '../../src/io/private-cache.ts';
import type { Platform } from '../../src/model/feed/index.ts';
import { stableImageName } from '../../src/report/scan/words.ts';
import { readSbom } from '../../src/sbom/index.ts';
import { usualMaxAge } from '../../src/tasks/feed-options.ts';
import { flagNames } from '../../src/tasks/outcome.ts';
import { openFeedOver } from '../../src/tasks/remote-feed.ts';
import { type LateScanFormat, lateScanFormats } from '../../src/tasks/scan/formats.ts';
import { scanImage, scanSettings } from '../../src/tasks/scan/run.ts';
import { nginx, pythonServer } from '../jobs/support/web-servers.ts';
import { changeManifest } from '../publish/support/feed-files.ts';
import {
  daysLater,
  type HostileServer,
  makePublisher,
  type Publisher,
  send,
  serve,
} from '../publish/support/publisher.ts';
import { axeFaults, openBrowser, openWatched } from '../support/browser.ts';
import { dataPath, hasData } from '../support/data.ts';
import { openFirefox } from '../support/firefox.ts';
import { hasOracle } from '../support/oracles.ts';
import { pdfText } from '../support/pdf-text.ts';
import { bookworm, trixie, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const now = daysLater(1);
/** The command's name of each form to save, by the ending of its file. */
const exported = {
  json: 'json',
  csv: 'csv',
  sarif: 'sarif',
  'openvex.json': 'openvex',
  'csaf.json': 'csaf',
} as const satisfies Record<string, LateScanFormat>;
const work = temporaryFolder();
const sbom = join(work, 'image.cdx.json');

describe.skipIf(!hasOracle('chromium-headless-shell'))('the page of a published feed in Chromium', () => {
  let browser: Browser;
  let publisher: Publisher;
  let server: HostileServer;
  let built: string;

  /** State kept between one user's scans. */
  const client = {
    folder: join(temporaryFolder(), 'trust'),
    cache: new PrivateCache(temporaryFolder(), { files: 5000, bytes: 2 ** 28 }),
  };

  /** As the command with `--feed URL`, whose files are read by Node. */
  async function byCommand(
    file: string,
    format: LateScanFormat,
    { platform, all = false, from = server.url }: { platform?: string; all?: boolean; from?: string } = {},
  ): Promise<string> {
    const feed = await openFeedOver({
      from,
      chosen: 'option',
      ...client,
      pinned: publisher.root,
      now,
      progress: () => {},
    });
    const { image, inventory } = readSbom(readFileSync(file), basename(file));
    const how = { now, maxAge: usualMaxAge, map: new Map<string, string>(), ...(platform && { platform }) };
    const settings = { ...scanSettings({ feed, how, names: flagNames }, { all }), described: true };
    const subject = { image, name: stableImageName(image.reference), inventory, signed: undefined };
    const { report } = await scanImage(subject, settings);
    return [...(await lateScanFormats[format].one({ report }, { color: false, links: false }))].join('');
  }

  beforeAll(async () => {
    writeFileSync(sbom, JSON.stringify(document_));
    built = changeManifest(feed(), ({ platforms }) => {
      platforms.find(({ id }) => id === oldest)!.updated = '2026-01-01T00:00:00Z';
    });
    publisher = await makePublisher();
    await publisher.publish([built], { blocks: true, page: true });
    server = await serve(publisher.site);
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** Whether a shard of the feed has a statement about it. */
  function shardNames(name: string, id: string): boolean {
    const isShard = /^[a-z]+-[\d.]+\.jsonl$/.test(name);
    return isShard && readFileSync(join(built, 'index', name), 'utf8').includes(JSON.stringify(id));
  }

  async function open(url = server.url, colorScheme: 'light' | 'dark' = 'light', width = 1280) {
    const watched = await openWatched(
      browser,
      `${url}/index.html`,
      { colorScheme, viewport: { width, height: 800 } },
      now,
    );
    await watched.page.locator('#status', { hasText: isOpen }).waitFor();
    return watched;
  }

  it('verifies the feed and shows its platforms, and how to use it under this address', async () => {
    const { page, requests, complaints } = await open();
    expect(await page.locator('#status').textContent()).toContain('Verified');
    expect(await page.locator('#platforms tr').count()).toBe(2 + releases.length);
    expect(await page.locator('#platforms').textContent()).toContain('debian-12');
    const columns = await page.locator('section th').allTextContents();
    const cells = await page.locator('#platforms tr').first().locator('td').all();
    expect(await Promise.all(cells.map((cell) => cell.getAttribute('data-column')))).toEqual(columns);
    expect(await page.locator('#platforms td[data-column=Gates]').first().textContent()).toBe('passed');
    expect(await page.locator('#use').textContent()).toContain(`--feed ${server.url} --trust-root root.json`);
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([]);
    const sizes = requests
      .filter((url) => /index\.html$|\/page\//.test(url))
      .map((url) => gzipSync(readFileSync(join(publisher.site, new URL(url).pathname))).length);
    expect(sizes).toHaveLength(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(120_000);
  });

  it('judges an SBOM as the command does, byte for byte in JSON, CSV, SARIF and VEX', async () => {
    const { page, complaints } = await open();
    await judged(page, sbom);
    expect(await page.locator('#result h2').first().textContent()).toBe('sbom:image.cdx.json');
    expect(await page.locator('.flaw').count()).toBe(2);
    expect(await page.locator('#result').textContent()).toContain('Upgrade 1 source package');
    for (const [ending, format] of Object.entries(exported)) {
      const written = await saved(page, ending);
      expect(written).toBe(await byCommand(sbom, format));
      expect(written).toContain('CVE-2024-0001');
    }
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  it('judges an inventory that is dropped anywhere on it', async () => {
    const { image, inventory } = readSbom(readFileSync(sbom), basename(sbom));
    const file = join(work, 'inventory.json');
    writeFileSync(file, JSON.stringify({ image, ...inventory }));
    const { page } = await open();
    const text = JSON.stringify(readFileSync(file, 'utf8'));
    const dataTransfer = await page.evaluateHandle(
      `{ const dropped = new DataTransfer(); dropped.items.add(new File([${text}], 'inventory.json')); dropped; }`,
    );
    await page.dispatchEvent('body', 'drop', { dataTransfer });
    await page.locator('#status', { hasText: 'Judged' }).waitFor();
    expect(await page.locator('.flaw').count()).toBe(2);
    expect(await saved(page, 'json')).toBe(await byCommand(file, 'json'));
  });

  it('asks for the distribution of a list that is pasted, and judges it as the command does', async () => {
    const list = 'libssl3:amd64 3.0.11-1 amd64 openssl 3.0.11-1 installed\n';
    const file = join(work, 'pasted.txt');
    writeFileSync(file, list);
    const { page } = await open();
    await page.fill('#pasted', list);
    await page.click('#judge-pasted');
    await page.locator('#status', { hasText: 'Choose it above' }).waitFor();
    expect(await page.locator('#result').textContent()).toBe('');
    await page.selectOption('#platform', 'debian-12');
    await page.locator('#status', { hasText: 'Judged' }).waitFor();
    expect(await page.locator('.flaw').count()).toBe(1);
    expect(await page.locator('#result').textContent()).toContain('as you chose it');
    await expectNoOptions(page);
    expect(await saved(page, 'json')).toBe(await byCommand(file, 'json', { platform: 'debian-12' }));
    await page.fill('#pasted', 'libssl3:amd64\t3.0.11-1\nx\n');
    await page.click('#judge-pasted');
    await page.locator('#status', { hasText: 'pasted.txt:2' }).waitFor();
    expect(await page.locator('.flaw').count()).toBe(0);
  });

  it('asks before it judges by data that the command refuses for its age', async () => {
    const { page } = await open();
    await page.fill('#pasted', 'libssl3:amd64 3.0.11-1 amd64 openssl 3.0.11-1 installed\n');
    await page.click('#judge-pasted');
    await page.locator('#status', { hasText: 'Choose it above' }).waitFor();
    await page.selectOption('#platform', oldest);
    await page.locator('#status', { hasText: 'FEED_STALE' }).waitFor();
    expect(await page.locator('.flaw').count()).toBe(0);
    await page.click('#any-age');
    await page.locator('#status', { hasText: 'Judged' }).waitFor();
    expect(await page.locator('.flaw').count()).toBe(1);
  });

  it('shows what each platform states about a vulnerability, an advisory or a package, and what nothing names', async () => {
    const { page, requests, complaints } = await open(server.url, 'dark', 390);
    const find = async (name: string) => {
      await page.fill('#searched', name);
      await page.keyboard.press('Enter');
      await page.locator('#status', { hasText: `Searched ${name}` }).waitFor();
      return (await page.locator('#result').textContent()) ?? '';
    };
    const flaw = await find('cve-2024-0001');
    expect(flaw).toContain('<img src=x onerror=alert(1)> & more');
    expect(flaw).toContain('not in this feed');
    const platforms = readdirSync(join(built, 'index')).filter(
      (name) => name.endsWith('.jsonl') && shardNames(name, 'CVE-2024-0001'),
    );
    expect(platforms.length).toBeGreaterThan(10);
    expect(await page.locator('#result tbody tr').count()).toBe(platforms.length);
    const debian = page.locator('#result tbody tr', { hasText: 'debian-12' });
    expect(await debian.textContent()).toMatch(/openssl.*fixed in 3\.0\.12-1.*high/s);
    expect(await axeFaults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await debian.getByRole('link', { name: 'openssl' }).click();
    await page.locator('#status', { hasText: 'Searched openssl' }).waitFor();
    expect(await page.locator('#result').textContent()).toContain('CVE-2024-0001');
    await page.goBack();
    await page.locator('#result', { hasText: 'fixed in' }).waitFor();
    expect(await find('CVE-2024-0002')).toContain('affected, none yet');
    expect(await find('CVE-1999-9999')).toContain('No statement of this feed names it');
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([]);
  });

  it('has no fault of axe, in light and dark, on a phone too, and is used by keyboard', async () => {
    for (const [scheme, width] of [
      ['dark', 1280],
      ['light', 390],
    ] as const) {
      const { page } = await open(server.url, scheme, width);
      await judged(page, sbom);
      await page.locator('.flaw summary').first().focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('.flaw').first().getAttribute('open')).toBe('');
      expect(await axeFaults(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
    const { page } = await open();
    await judged(page, sbom);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#drop').isVisible()).toBe(false);
    expect(await page.locator('.flaw').first().isVisible()).toBe(true);
  });

  it('prints each flaw, and all that is known of those that are open', async () => {
    const { page } = await open(server.url, 'dark');
    await judged(page, sbom);
    await page.locator('.flaw', { hasText: 'CVE-2024-0001' }).locator('summary').click();
    const print = async () =>
      pdfText(await page.pdf({ format: 'A4' }))
        .normalize('NFKC')
        .replace(/\s+/g, '');
    const printed = await print();
    for (const text of [
      'CVE-2024-0001',
      'CVE-2024-0002',
      'fixed in 3.0.12-1',
      '<img src=x onerror=alert(1)>',
    ])
      expect(printed).toContain(text.replace(/\s+/g, ''));
    for (const part of ['header', '.notice', '#flaws']) {
      const text = (await page.locator(`#result ${part}`).first().textContent())!;
      expect(printed).toContain(text.normalize('NFKC').replace(/\s+/g, '').slice(0, 80));
    }
    expect(printed).not.toContain('SaveJSON');
  });

  it.skipIf(!hasData('sboms'))(
    'reads real SBOMs as the command does, or refuses them with its code',
    async () => {
      const { page } = await open();
      const results = { judged: 0, refused: 0 };
      for (const name of realSboms) {
        const file = join(work, basename(name));
        cpSync(dataPath('sboms', name), file);
        const expected = await byCommand(file, 'json').catch(({ code }) => `[${code}]`);
        const [code] = /^\[\w+\]$/.exec(expected) ?? [];
        results[code === undefined ? 'judged' : 'refused'] += 1;
        await judged(page, file);
        if (code === undefined) expect(await saved(page, 'json')).toBe(expected);
        else expect(await page.locator('#status').textContent()).toContain(code);
      }
      expect(results.judged).toBeGreaterThanOrEqual(20);
    },
  );

  it.each([
    ['in several pieces', 'UTF-8', 'x'.repeat(1_500_000), '</bom>', undefined],
    ['in another encoding', 'ISO-8859-1', 'é', '</bom>', undefined],
    ['without its end', 'UTF-8', 'x', '', 'SBOM_MALFORMED'],
  ])('reads a document of XML %s as the command does', async (_, encoding, text, end, code) => {
    const file = join(work, 'image.cdx.xml');
    const url = purl('libssl3', '3.0.11-1', 'openssl').replaceAll('&', '&amp;');
    const component = `<component type="library"><name>libssl3</name><version>3.0.11-1</version><description>${text}</description><purl>${url}</purl></component>`;
    const xml = `<?xml version="1.0" encoding="${encoding}"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>${component}</components>${end}`;
    writeFileSync(file, Buffer.from(xml, 'latin1'));
    const { page } = await open();
    await judged(page, file);
    if (code === undefined) expect(await saved(page, 'json')).toBe(await byCommand(file, 'json'));
    else expect(await page.locator('#status').textContent()).toContain(code);
  });

  it('computes less than 2 s to the first verdict over a link of 10 Mbit/s, and less than 5 s for 3,000 packages with 6,000 flaws', async () => {
    const large = join(work, 'large.cdx.json');
    const packages = Array.from({ length: 3000 }, (_, at) => ({
      ...{ type: 'library', name: `p${at}`, version: '1', purl: purl(`p${at}`, '1', `p${at}`) },
    }));
    writeFileSync(
      large,
      JSON.stringify({ ...document_, components: [...document_.components, ...packages] }),
    );
    const { page } = await open();
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    const link = { latency: 20, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };
    await session.send('Network.emulateNetworkConditions', { offline: false, ...link });
    await session.send('Performance.enable');
    // The process of the page has the time of other tests too.
    const before = await processorSeconds(session);
    await page.goto(`${server.url}/index.html`);
    await judged(page, sbom);
    const between = await processorSeconds(session);
    await judged(page, large);
    const [first, many] = [between - before, (await processorSeconds(session)) - between];
    expect(first).toBeGreaterThan(0);
    await session.detach();
    expect(await page.locator('#result').textContent()).toContain('3003 packages');
    expect(await page.locator('.flaw').count()).toBe(6002);
    expect(await page.locator('#shown').textContent()).toBe('6002 of 6002 flaws shown');
    expect(first).toBeLessThan(2);
    expect(many).toBeLessThan(5);
    // A flaw's details are made when it is opened, or when a search needs all of them.
    expect(await page.locator('.flaw .body > *').count()).toBe(0);
    const flaw = page.locator('.flaw', { hasText: 'CVE-2023-15999' });
    await flaw.locator('summary').click();
    await flaw.locator('table', { hasText: 'pkg:deb/debian/p2999@1' }).waitFor();
    expect(await page.locator('.flaw .body table').count()).toBe(1);
    await page.fill('[name=text]', 'pkg:deb/debian/p2998@1');
    await page.locator('#shown', { hasText: '2 of 6002 flaws shown' }).waitFor();
    // It prints what the filter leaves, whatever of it has been on the screen.
    await page.fill('[name=text]', 'CVE-2023-159');
    await page.locator('#shown', { hasText: '100 of 6002' }).waitFor();
    const printed = pdfText(await page.pdf({ format: 'A4' }));
    const ids = manyFlaws.map(({ vulnerability }) => vulnerability);
    expect(ids.filter((id) => printed.includes(id))).toEqual(ids.slice(5900));
  });

  it('lists what it has left out by a button, and saves it as the command does with --all', async () => {
    const { page } = await open();
    await judged(page, sbom);
    expect(await page.locator('#result').textContent()).toContain(
      '1 flaw not yet looked into by the vendor; “List what is left out” lists them',
    );
    for (const [pressed, flaws] of [
      ['true', 3],
      ['false', 2],
    ] as const) {
      await page.click('#all');
      await page.locator(`#all[aria-pressed=${pressed}]`).waitFor();
      await page.locator('#status', { hasText: 'Judged' }).waitFor();
      expect(await page.locator('.flaw').count()).toBe(flaws);
      const options = { all: pressed === 'true' };
      expect(await saved(page, 'csv')).toBe(await byCommand(sbom, 'csv', options));
    }
  });

  it('filters by severity and text', async () => {
    const { page } = await open();
    await judged(page, sbom);
    await page.fill('[name=text]', 'CVE-2024-0002');
    expect(await page.locator('.flaw:visible').count()).toBe(1);
    expect(await page.locator('#shown').textContent()).toBe('1 of 2 flaws shown');
  });

  it('shows no verdicts of the file before for one that it cannot read', async () => {
    const { page } = await open();
    const gone = join(temporaryFolder(), 'gone.json');
    writeFileSync(gone, JSON.stringify(document_));
    await judged(page, gone);
    rmSync(gone);
    await page.locator('#file').dispatchEvent('change');
    await page.locator('#status', { hasText: 'No verdict: gone.json cannot be read' }).waitFor();
    expect(await page.locator('#result').textContent()).toBe('');
  });

  it('runs no script but its own, and asks no other server, whatever gets into it', async () => {
    const other = await serve(temporaryFolder());
    try {
      const { page, complaints } = await open();
      const tried = (await page.evaluate(`(${intrusion})(${JSON.stringify(other.url)})`)) as {
        failed: string[];
        title: string;
        base: string;
      };
      expect(tried.title).toBe('Security feed');
      expect(tried.base).toContain(server.url);
      expect([...new Set(tried.failed)].sort()).toEqual([
        ...['base-uri', 'connect-src', 'form-action', 'frame-src', 'img-src', 'object-src'],
        ...['script-src', 'script-src-attr', 'script-src-elem', 'style-src-attr', 'style-src-elem'],
      ]);
      expect(complaints.filter((text) => text.includes('violates')).length).toBeGreaterThan(5);
      expect(page.url()).toContain(server.url);
      expect(other.requests).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('says that it cannot verify where there is no WebCrypto, as by plain http', async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      Object.defineProperty(Object.getPrototypeOf(crypto), 'subtle', { value: undefined });
    });
    const page = await context.newPage();
    await page.goto(`${server.url}/index.html`);
    await page.locator('#status', { hasText: isOpen }).waitFor();
    expect(await page.locator('#status').textContent()).toMatch(
      /^No verdict: .*not https or localhost.*`scapfeed scan --feed`/,
    );
    await context.close();
  });

  it('says as a file that its script does not run there', async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(publisher.site, 'index.html')).href);
    expect(await page.locator('#status').textContent()).toMatch(/^No verdict: .*not from a file/);
    await page.close();
  });

  it.skipIf(!hasOracle('nginx', 'python3'))(
    'works from a subfolder of nginx, which compresses on the fly, and of Python; one that labels blocks as compressed withholds them',
    async () => {
      const root = temporaryFolder();
      cpSync(publisher.site, join(root, 'a/feed'), { recursive: true });
      const types = 'include /etc/nginx/mime.types; gzip on; gzip_types *; gzip_min_length 1;';
      for (const url of [await nginx(root, types), await pythonServer(root)]) {
        const { page } = await open(`${url}/a/feed`);
        await judged(page, sbom);
        expect(await page.locator('.flaw').count()).toBe(2);
        expect(await page.locator('#use').textContent()).toContain(`--feed ${url}/a/feed --trust-root`);
      }
      const labels = 'location ~ [.]gz$ { add_header Content-Encoding gzip; }';
      const { page } = await open(`${await nginx(root, types, labels)}/a/feed`);
      expect(await page.locator('#status').textContent()).toMatch(/^No verdict: .*without Content-Encoding/);
    },
  );

  it.skipIf(!hasOracle('firefox-esr'))('judges in Firefox as the command does, and searches', async () => {
    const root = temporaryFolder();
    cpSync(publisher.site, join(root, 'a/feed'), { recursive: true });
    const from = hasOracle('nginx') ? `${await nginx(root)}/a/feed` : server.url;
    const firefox = await openFirefox();
    try {
      await firefox.open(`${from}/index.html`, now);
      const status = "document.querySelector('#status').textContent";
      await firefox.until(`${isOpen}.test(${status})`);
      expect(await firefox.textOf(status)).toContain('Verified');
      await firefox.chooseFile('#file', sbom);
      await firefox.until(`/Judged|No verdict:/.test(${status})`);
      expect(await firefox.textOf("document.querySelectorAll('.flaw').length")).toBe('2');
      // A download asks for a folder: what would be saved is read in the page instead.
      await firefox.textOf(
        `[HTMLAnchorElement.prototype.click = () => {}, URL.createObjectURL = (blob) => {
          blob.text().then((text) => { globalThis.savedText = text; });
          return 'data:,';
        }]`,
      );
      await firefox.textOf("document.querySelector('[data-save=json]').click()");
      await firefox.until('globalThis.savedText');
      expect(await firefox.textOf('globalThis.savedText')).toBe(await byCommand(sbom, 'json', { from }));
      await firefox.textOf("(location.hash = '#/CVE-2024-0001')");
      await firefox.until(`/Searched|No answer/.test(${status})`);
      expect(await firefox.textOf("document.querySelector('#result').textContent")).toContain(
        'fixed in 3.0.12-1',
      );
    } finally {
      await firefox.close();
    }
  });

  it('verifies by a script of its own where WebCrypto lacks Ed25519, and by no other script', async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      const importKey = crypto.subtle.importKey.bind(crypto.subtle);
      Object.assign(Object.getPrototypeOf(crypto.subtle), {
        importKey(...given: Parameters<typeof importKey>) {
          if ((given[2] as { name?: string }).name === 'Ed25519')
            return Promise.reject(new DOMException('Unrecognized name', 'NotSupportedError'));
          return importKey(...given);
        },
      });
    });
    const statusAt = async (url: string) => {
      const page = await context.newPage();
      await page.clock.setFixedTime(now);
      await page.goto(`${url}/index.html`);
      await page.locator('#status', { hasText: isOpen }).waitFor();
      const text = await page.locator('#status').textContent();
      await page.close();
      return text;
    };
    const index = readFileSync(join(publisher.site, 'index.html'), 'utf8');
    const [, script = ''] = /data-ed25519="([^"]+)"/.exec(index) ?? [];
    const timestamp = readFileSync(join(publisher.site, 'metadata/timestamp.json'), 'utf8');
    const forged = timestamp.replace(/"version":\d+/, '"version":9');
    const liar = 'globalThis.scapfeedEd25519 = () => true;';
    const hostile = [
      { 'metadata/timestamp.json': send(Buffer.from(forged)) },
      { 'metadata/timestamp.json': send(Buffer.from(forged)), [script]: send(Buffer.from(liar)) },
    ];

    expect(await statusAt(server.url)).toContain('Verified');
    for (const [at, answers] of hostile.entries()) {
      const mirror = await serve(publisher.site, answers);
      try {
        expect(await statusAt(mirror.url)).toMatch(
          at === 0 ? /TRUST_SIGNATURE_WRONG/ : /does not come as this page names it/,
        );
      } finally {
        await mirror.close();
      }
    }
    await context.close();
  });

  it('follows a publication while it is open, and refuses an older state than this browser has seen', async () => {
    const site = join(temporaryFolder(), 'site');
    cpSync(publisher.site, site, { recursive: true });
    const older = readFileSync(join(site, 'metadata/timestamp.json'));
    const mirror = await serve(site);
    try {
      const { page } = await open(mirror.url);
      expect(await page.locator('#status').textContent()).toContain('Verified');
      await publisher.publish([feed('3.0.13-1')], { blocks: true, page: true, date: now, keep: 1 });
      // The blocks that the page knows of are gone.
      rmSync(site, { recursive: true });
      cpSync(publisher.site, site, { recursive: true });
      await judged(page, sbom);
      expect(await page.locator('#result').textContent()).toContain('3.0.13-1');
      writeFileSync(join(site, 'metadata/timestamp.json'), older);
      await page.reload();
      await page.locator('#status', { hasText: isOpen }).waitFor();
      expect(await page.locator('#status').textContent()).toContain('[TRUST_ROLLBACK]');
    } finally {
      await mirror.close();
    }
  });
});

/** The page has verified the feed, or not; what its HTML says before its script runs is something else. */
const isOpen = /Verified|No verdict: (?!the script)/;

/** Processor time of the page's process, which other work of the machine does not change as it does the clock. */
async function processorSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'ProcessTime')!.value;
}

/** Attempts of an injected text, each with the directive of the page's policy that stops it. Another page has the types of this. */
const intrusion = `async (strange) => {
  const failed = [];
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => failed.push(effectiveDirective));
  const result = document.querySelector('#result');
  result.innerHTML = '<img src=x onerror="document.title=1"><a href="javascript:document.title=1">x</a>' +
    '<p style="position:fixed">x</p><iframe src="' + strange + '"></iframe><object data="' + strange + '"></object>' +
    '<form action="' + strange + '"><button>x</button></form>';
  result.querySelector('a').click();
  for (const script of [{ textContent: 'document.title=1' }, { src: strange + '/a.js' }])
    document.head.append(Object.assign(document.createElement('script'), script));
  document.head.append(Object.assign(document.createElement('base'), { href: strange }));
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: strange + '/a.css' }));
  new Image().src = strange + '/a.png';
  await fetch(strange).catch(() => {});
  try { setTimeout('document.title=1'); } catch {}
  result.querySelector('button').click();
  const wanted = 11;
  for (let at = 0; at < 100 && new Set(failed).size < wanted; at++) await new Promise((done) => requestAnimationFrame(done));
  return { failed, title: document.title, base: document.baseURI };
}`;

async function saved(page: Page, ending: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.click(`[data-save="${ending}"]`),
  ]);
  return readFileSync((await download.path())!, 'utf8');
}

async function judged(page: Page, file: string): Promise<void> {
  // Otherwise the status of the last document would be taken for that of this one.
  await page.locator('#status').evaluate((status) => {
    status.textContent = '';
  });
  await page.setInputFiles('#file', file);
  await page.locator('#status', { hasText: /Judged|No verdict/ }).waitFor();
  await expectNoOptions(page);
}

/** A page has buttons where a command has options. Whole commands, between backquotes, are for who made the document. */
async function expectNoOptions(page: Page): Promise<void> {
  const texts = await page.locator('#status, #result').allTextContents();
  expect(texts.join('\n').replace(/`[^`]*`/g, '')).not.toMatch(/--[a-z]/);
}

const realSboms: readonly string[] = hasData('sboms')
  ? readdirSync(dataPath('sboms'), { recursive: true, encoding: 'utf8' })
      .filter(
        (file) => /\.(?:json|xml|spdx)$/.test(file) && /made-here|sbom-insecure|spdx-popular/.test(file),
      )
      .sort()
      .filter((file, at) => /made-here.*debian|\.xml$|alpine/.test(file) || at % 2 === 0)
  : [];

/** Its data is older than the command accepts. */
const oldest = 'debian-8';

/** Releases of real SBOMs. */
const releases: readonly Platform[] = [
  ...['3.3', '3.8', '3.10', '3.13', '3.14', '3.16', '3.17'].map(
    (version) => ['alpine', version, 'apk'] as const,
  ),
  ...['8', '9', '10', '11'].map((version) => ['debian', version, 'deb'] as const),
  ...['18.04', '20.04', '22.04', '22.10'].map((version) => ['ubuntu', version, 'deb'] as const),
  ...['7', '8', '9'].map((version) => ['rhel', version, 'rpm'] as const),
].map(([id, version, packaging]) => ({
  ...bookworm,
  ...{ id: `${id}-${version}`, aliases: [], name: `${id} ${version}`, os: { id, version }, packaging },
}));

/** Two in each of the packages of a large SBOM. */
const manyFlaws = Array.from({ length: 6000 }, (_, at) => ({
  ...{
    vulnerability: `CVE-2023-${10_000 + at}`,
    package: `p${at >> 1}`,
    status: 'fixed' as const,
    fixed: '2',
  },
}));

function feed(fixed = '3.0.12-1'): string {
  const statements = [
    { vulnerability: 'CVE-2024-0001', package: 'openssl', status: 'fixed', fixed, severity: 'high' },
    { vulnerability: 'CVE-2024-0002', package: 'zlib', status: 'affected', fixState: 'none_yet' },
    { vulnerability: 'CVE-2024-0003', package: 'zlib', status: 'under_investigation' },
  ] as const;
  const roster = new Map(['openssl', 'zlib'].map((name) => [name, { version: '1', binaries: [] }]));
  const vulnerabilities = [{ id: 'CVE-2024-0001', description: '<img src=x onerror=alert(1)> & more' }];
  return writeSmallFeed([
    { platform: bookworm, data: { roster }, statements: [...statements, ...manyFlaws], vulnerabilities },
    { platform: trixie, statements: statements.slice(0, 1) },
    ...releases.map((platform) => ({ platform, statements })),
  ]);
}

const purl = (name: string, version: string, source: string) =>
  `pkg:deb/debian/${name}@${version}?arch=amd64&distro=debian-12&upstream=${source}`;
const document_ = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  metadata: { component: { type: 'container', name: 'image' } },
  components: [
    { type: 'operating-system', name: 'debian', version: '12' },
    { type: 'library', name: 'libssl3', version: '3.0.11-1', purl: purl('libssl3', '3.0.11-1', 'openssl') },
    { type: 'library', name: 'zlib1g', version: '1:1.2.13', purl: purl('zlib1g', '1%3A1.2.13', 'zlib') },
    { type: 'library', name: 'own', version: '1', purl: purl('own', '1', 'own') },
  ],
};
