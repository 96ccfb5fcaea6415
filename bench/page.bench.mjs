// The page of a published feed, and a scan of the feed at its address, over whole real data: what they fetch, and how long a person waits at 10 Mbit/s.
import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { certificate, privateKey } from '../test/image/support/tls.ts';
import { figure } from './support.mjs';

const data = process.env.SCAPFEED_TEST_DATA ?? resolve(import.meta.dirname, '../../shared/data');
const cli = resolve(import.meta.dirname, '../dist/cli.cjs');
const env = { ...process.env, SCAPFEED_PASSPHRASE: 'a long enough passphrase for a bench' };
const quickSources = ['debian', 'epss', 'kev'];
const sources = ['almalinux', 'alpine', 'rocky', 'redhat', ...quickSources];
/** 10 Mbit/s and 40 ms to the server and back. */
const link = { offline: false, latency: 40, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };

/** A quick run has Debian alone; a whole one five vendors. Both have KEV and a day's scores of EPSS. */
export async function run({ quick }) {
  if (!existsSync(join(data, 'real/mirror-real.tar.zst'))) throw new Error(`no ${join(data, 'real')}`);
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-page-'));
  try {
    return await figures(folder, quick ? quickSources : sources, quick ? 2 : 5);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figures(folder, wanted, runs) {
  const mirror = join(folder, 'mirror');
  mkdirSync(mirror);
  unpack('mirror-real', mirror);
  const site = publish(folder, wanted);
  const documents = writeDocuments(folder);
  const server = await serve(site, createServer);
  const secure = await serve(site, (answer) =>
    createSecureServer({ key: privateKey, cert: certificate, allowHTTP1: true }, answer),
  );
  const browser = await chromium.launch({
    executablePath: '/usr/lib/chromium/chromium-headless-shell',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    return [
      ...pageSize(site),
      ...(await scans(folder, site, secure, documents.usual)),
      ...(await waits(browser, server, documents, runs)),
      ...(await searches(browser, server)),
    ];
  } finally {
    await browser.close();
    await server.close();
    await secure.close();
  }
}

/** The vendors' documents of some time ago, as if they were of today: data of more than a week is asked about. */
function publish(folder, wanted) {
  const [mirror, feed, site, keys] = ['mirror', 'feed', 'site', 'keys'].map((name) => join(folder, name));
  const scores = 'epss.empiricalsecurity.com';
  mkdirSync(join(mirror, scores));
  copyFileSync(
    join(data, 'mirror', scores, 'epss_scores-2026-01-30.csv.gz'),
    join(mirror, scores, 'epss_scores-current.csv.gz'),
  );
  const from = ['--mirror', mirror, '--unsigned-mirror', '--snapshots', join(folder, 'snapshots')];
  scapfeed(['build', '--no-oval', '--source', wanted.join(), ...from, '--out', feed]);
  const manifest = join(feed, 'manifest.json');
  const built = JSON.parse(readFileSync(manifest, 'utf8'));
  const today = `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
  for (const platform of built.platforms) platform.updated = today;
  writeFileSync(manifest, JSON.stringify(built));
  scapfeed(['keys', 'make', '--keys', keys]);
  const to = ['--feed', feed, '--to', site, '--keys', keys];
  const terms = wanted.includes('alpine') ? ['--accept-terms', 'alpine'] : [];
  scapfeed(['publish', ...to, '--blocks', '--site', ...terms]);
  return site;
}

function scapfeed(args) {
  execFileSync('node', [cli, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
}

function unpack(name, target) {
  execFileSync('tar', ['--zstd', '-xf', join(data, 'real', `${name}.tar.zst`), '-C', target]);
}

/**
 * 150 packages of a real image of Debian 11, and 3,000: the sources that Debian's tracker has for it, each at a version that repaired
 * a flaw of it: the last one, or in every thirtieth the first one.
 */
function writeDocuments(folder) {
  unpack('sboms', folder);
  const text = readFileSync(join(folder, 'sboms/0121-syft.json'), 'utf8');
  const usual = [...new Set(text.match(/pkg:deb\/[^"\\]*distro=debian-11[^"\\]*/g))].slice(0, 150);
  const tracker = join(folder, 'mirror/security-tracker.debian.org/tracker/data/json');
  const large = [];
  for (const [name, flaws] of Object.entries(JSON.parse(readFileSync(tracker, 'utf8')))) {
    const states = Object.values(flaws).flatMap(({ releases }) => releases.bullseye ?? []);
    const fixes = states.flatMap(({ fixed_version: fixed }) => fixed ?? []);
    if (states.length > 0) large.push(purl(name, fixes.at(large.length % 30 === 0 ? 0 : -1) ?? '1'));
  }
  for (let at = 0; large.length < 3000; at++) large.push(purl(`own-${at}`, '1'));
  return { usual: writeDocument(folder, 'usual', usual), large: writeDocument(folder, 'large', large) };
}

function purl(name, version) {
  const [source, of] = [name, version].map(encodeURIComponent);
  return `pkg:deb/debian/${source}@${of}?arch=amd64&distro=debian-11&upstream=${source}`;
}

function writeDocument(folder, name, purls) {
  const components = purls.map((purl) => {
    const [, packageName, version] = /^pkg:deb\/debian\/([^@]+)@([^?]+)/.exec(purl);
    const part = { name: decodeURIComponent(packageName), version: decodeURIComponent(version) };
    return { type: 'library', ...part, purl };
  });
  const system = { type: 'operating-system', name: 'debian', version: '11' };
  const document_ = { bomFormat: 'CycloneDX', specVersion: '1.5', components: [system, ...components] };
  const path = join(folder, `${name}.cdx.json`);
  writeFileSync(path, JSON.stringify(document_));
  return path;
}

/** A static server that counts connections, requests and the bytes of bodies. */
async function serve(site, create) {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
  const counted = { connections: 0, requests: 0, bytes: 0 };
  const server = create(({ url }, response) => {
    const path = join(site, decodeURIComponent(new URL(url, 'http://host').pathname));
    counted.requests += 1;
    if (!existsSync(path)) return response.writeHead(404).end();
    const type = types[extname(path)];
    const plain = readFileSync(path);
    const bytes = type ? gzipSync(plain) : plain;
    counted.bytes += bytes.length;
    const head = { 'content-type': type ?? 'application/octet-stream', 'content-length': bytes.length };
    return response.writeHead(200, type ? { ...head, 'content-encoding': 'gzip' } : head).end(bytes);
  });
  server.on('connection', () => {
    counted.connections += 1;
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `${create === createServer ? 'http' : 'https'}://127.0.0.1:${server.address().port}`,
    /** What `work` asked for. */
    async counting(work) {
      const before = { ...counted };
      await work();
      return Object.fromEntries(Object.entries(counted).map(([name, count]) => [name, count - before[name]]));
    },
    close: () => new Promise((done) => server.close(done)),
  };
}

function pageSize(site) {
  const page = readFileSync(join(site, 'index.html'), 'utf8');
  const named = [...page.matchAll(/ (?:href|src)="(page\/[^"]+)"/g)].map(([, path]) => path);
  const sizes = ['index.html', ...named].map((path) => gzipSync(readFileSync(join(site, path))).length);
  const value = sizes.reduce((sum, size) => sum + size, 0) / 1000;
  return [figure({ name: 'page, script and style, gzip', value, unit: 'kB', target: 120, kind: 'absolute' })];
}

/** A scan by the command over https: with nothing at hand, again, and by a user of a report that has descriptions. */
async function scans(folder, site, server, file) {
  const root = join(site, 'metadata/1.root.json');
  const authority = join(folder, 'authority.pem');
  writeFileSync(authority, certificate);
  const args = ['scan', `sbom:${file}`, '--feed', server.url, '--trust-root', root];
  const scan = (user, format) =>
    server.counting(async () => {
      const home = join(folder, user);
      const own = { XDG_DATA_HOME: join(home, 'data'), XDG_CACHE_HOME: join(home, 'cache') };
      const { stdout } = await promisify(execFile)('node', [cli, ...args, '-o', format], {
        env: { ...env, ...own, NODE_EXTRA_CA_CERTS: authority },
        maxBuffer: 2 ** 28,
      }).catch((error) => {
        // Debian 11 is past its end of life.
        if (error.code === 4) return error;
        throw error;
      });
      if (!stdout.includes('CVE-')) throw new Error(`no verdicts: ${stdout}`);
    });
  const cold = await scan('user', 'table');
  const warm = await scan('user', 'table');
  const described = await scan('reader', 'json');
  return [
    ...traffic('scan of 150 packages with EPSS, cold', cold, { connections: 1, requests: 12, bytes: 400 }),
    ...traffic('the same, warm', warm, { connections: 1, requests: 1, bytes: 3 }),
    ...traffic('the same, cold, with descriptions (JSON)', described),
  ];
}

function traffic(name, found, target = {}) {
  const values = { ...found, bytes: found.bytes / 1000 };
  return Object.entries(values).map(([what, value]) =>
    figure({
      ...{ name: `${name}: ${what}`, value, unit: what === 'bytes' ? 'kB' : '' },
      ...{ target: target[what], kind: 'absolute' },
    }),
  );
}

/** The least of several runs: other work of the machine can only lengthen one. */
async function waits(browser, server, { usual, large }, runs) {
  const made = [];
  for (let at = 0; at < runs; at++) made.push(await wait(browser, server, usual, large));
  const least = (of) => Math.min(...made.map(of));
  const note = `the least of ${runs}`;
  const [{ fetched, flaws }] = made;
  return [
    figure({
      name: 'the page at 10 Mbit/s and 40 ms: from its address to the first verdict on 150 packages',
      ...{ value: least(({ first }) => first), unit: 's', target: 2, kind: 'absolute', note },
    }),
    figure({
      name: 'to all of the report',
      ...{ value: least(({ whole }) => whole), unit: 's', kind: 'absolute', note },
    }),
    figure({
      name: 'fetched for that, the page itself included',
      ...{ value: fetched.bytes / 1000, unit: 'kB', kind: 'absolute', note: `${fetched.requests} requests` },
    }),
    figure({
      name: 'an SBOM of 3,000 packages in the page then, to the verdict',
      ...{ value: least(({ many }) => many), unit: 's', target: 5, kind: 'absolute', note },
    }),
    figure({
      name: 'to all of the report',
      ...{
        value: least(({ manyWhole }) => manyWhole),
        unit: 's',
        kind: 'absolute',
        note: `${note}; ${flaws} flaws`,
      },
    }),
  ];
}

async function wait(browser, server, usual, large) {
  const page = await newPage(browser);
  const made = {};
  const start = performance.now();
  made.fetched = await server.counting(async () => {
    await page.goto(`${server.url}/index.html`);
    made.first = (await judge(page, usual, '#result .card')) - start;
    made.whole = (await ended(page)) - start;
  });
  const between = performance.now();
  made.many = (await judge(page, large, '#result .card')) - between;
  made.manyWhole = (await ended(page)) - between;
  made.flaws = await page.locator('.flaw').count();
  await page.context().close();
  const seconds = Object.entries(made).map(([name, value]) => [
    name,
    ['fetched', 'flaws'].includes(name) ? value : value / 1000,
  ]);
  return Object.fromEntries(seconds);
}

/** A page that nothing is at hand for. */
async function newPage(browser) {
  const page = await (await browser.newContext()).newPage();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', link);
  return page;
}

/** When the page shows `selector` of the document. */
async function judge(page, file, selector) {
  await page.locator('#result').evaluate((result) => result.replaceChildren());
  await page.setInputFiles('#file', file);
  await page.locator(selector).waitFor();
  return performance.now();
}

async function ended(page) {
  await page.locator('#status', { hasText: /Judged|No verdict:/ }).waitFor({ timeout: 120_000 });
  const status = await page.locator('#status').textContent();
  if (!status.startsWith('Judged')) throw new Error(status);
  return performance.now();
}

/** What a search costs in a page that is open, without the lists of another one and with them. */
async function searches(browser, server) {
  const page = await newPage(browser);
  await page.goto(`${server.url}/index.html`);
  await page.locator('#status', { hasText: 'Verified' }).waitFor();
  const found = [];
  for (const [what, name] of [
    ['a vulnerability, the first', 'CVE-2023-0286'],
    ['a package', 'openssl'],
    ['another vulnerability', 'CVE-2022-0778'],
    ['what nothing names', 'CVE-1999-9999'],
  ]) {
    const { requests, bytes } = await server.counting(async () => {
      await page.fill('#searched', name);
      await page.keyboard.press('Enter');
      await page.locator('#status', { hasText: `Searched ${name}` }).waitFor({ timeout: 60_000 });
    });
    const rows = await page.locator('#result tbody tr').count();
    found.push(
      figure({
        ...{ name: `search of ${what} (${name})`, value: bytes / 1000, unit: 'kB', kind: 'absolute' },
        note: `${requests} requests, ${rows} rows`,
      }),
    );
  }
  await page.context().close();
  return found;
}
