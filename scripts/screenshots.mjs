// `npm run screenshots`: the pictures of the README and the documentation, from the sample: docs/images/report.png,
// terminal.png and page.png. Needs Chromium (npm run oracles) and pngquant.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { writeSampleImage } from './sample-image.mjs';
import { smallPng } from './small-png.mjs';

const cli = join(import.meta.dirname, '../dist/cli.cjs');
const images = resolve(process.argv[2] ?? join(import.meta.dirname, '../docs/images'));
const work = mkdtempSync(join(tmpdir(), 'scapfeed-screenshots-'));
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--font-render-hinting=none',
];

mkdirSync(images, { recursive: true });
try {
  writeSampleImage(join(work, 'image'));
  run('build', '--mirror', 'sample:', '--out', 'feed');
  const scan = ['scan', 'oci:image:sample', '--feed', 'feed', '--max-age', '0'];
  run(...scan, '-o', 'html=report.html');
  const text = run(...scan);
  const browser = await chromium.launch({
    executablePath: '/usr/lib/chromium/chromium-headless-shell',
    args: quiet,
  });
  const report = await browser.newPage({ viewport: { width: 1200, height: 860 }, colorScheme: 'light' });
  await report.goto(pathToFileURL(join(work, 'report.html')).href);
  await report.screenshot({ path: join(images, 'report.png') });
  const terminal = await browser.newPage({ viewport: { width: 760, height: 400 } });
  await terminal.setContent(
    terminalPage(`$ scapfeed scan IMAGE --fail-on high\n${shortened(text.replaceAll(work, '~'))}`),
  );
  await terminal.locator('pre').screenshot({ path: join(images, 'terminal.png') });
  await shootPage(browser);
  await browser.close();
  for (const name of ['report.png', 'terminal.png', 'page.png']) {
    smallPng(join(images, name));
    console.log(`${join(images, name)}: ${readFileSync(join(images, name)).length} bytes`);
  }
} finally {
  rmSync(work, { recursive: true });
}

/** The page of a published feed with the SBOM of the sample, on the day after that of its data. */
async function shootPage(browser) {
  run('build', '--source', 'debian', '--no-ratings', '--mirror', 'sample:', '--out', 'debian');
  run('inventory', 'oci:image:sample', '-o', 'cyclonedx=image.cdx.json');
  const { platforms } = JSON.parse(readFileSync(join(work, 'debian/manifest.json'), 'utf8'));
  const newest = Math.max(...platforms.map(({ updated }) => Date.parse(updated)));
  const now = new Date(newest + 86_400_000);
  process.env.SOURCE_DATE_EPOCH = String(now.getTime() / 1000);
  process.env.SCAPFEED_PASSPHRASE = 'a picture, not a secret';
  run('keys', 'make', '--keys', 'keys', '--root-keys', 'root-keys');
  run('publish', '--feed', 'debian', '--keys', 'keys', '--to', 'public', '--blocks', '--site');
  const server = createServer(({ url }, answer) => {
    const file = join(work, 'public', new URL(url, 'http://localhost').pathname);
    if (!existsSync(file)) return answer.writeHead(404).end();
    const type = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }[extname(file)];
    return answer
      .writeHead(200, { 'content-type': type ?? 'application/octet-stream' })
      .end(readFileSync(file));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const viewport = { width: 1160, height: 880 };
  const page = await browser.newPage({ viewport, deviceScaleFactor: 0.75, colorScheme: 'light' });
  await page.clock.setFixedTime(now);
  await page.goto(`http://127.0.0.1:${server.address().port}/index.html`);
  await page.setInputFiles('#file', join(work, 'image.cdx.json'));
  await page.locator('#status', { hasText: 'Judged' }).waitFor();
  await page.locator('#result').evaluate((result) => result.scrollIntoView());
  await page.screenshot({ path: join(images, 'page.png') });
  server.close();
}

function run(...args) {
  const env = { ...process.env, FORCE_COLOR: '1', COLUMNS: '88', XDG_CACHE_HOME: join(work, 'cache') };
  try {
    return execFileSync(process.execPath, [cli, ...args], { cwd: work, env, encoding: 'utf8' });
  } catch (error) {
    // Gaps in the sample's data must not prevent a picture.
    if (error.status === 4 || error.status === 1) return error.stdout;
    throw error;
  }
}

/** The first flaws and the totals. */
function shortened(text) {
  const lines = text.trimEnd().split('\n');
  return [...lines.slice(0, 22), '…', ...lines.slice(-6)].join('\n');
}

/** Text with colours of ECMA-48 as a page. */
function terminalPage(text) {
  const styles = {
    1: 'font-weight:700',
    2: 'opacity:.7',
    31: 'color:#ff7b72',
    32: 'color:#7ee787',
    33: 'color:#e3b341',
    34: 'color:#79c0ff',
    35: 'color:#d2a8ff',
    36: 'color:#76e3ea',
  };
  let depth = 0;
  const body = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/\u001b\[([\d;]*)m/g, (_, codes) => {
      const wanted = codes.split(';').flatMap((code) => styles[Number(code)] ?? []);
      if (wanted.length === 0) {
        const closed = '</span>'.repeat(depth);
        depth = 0;
        return closed;
      }
      depth += 1;
      return `<span style="${wanted.join(';')}">`;
    });
  return `<body style="margin:0"><pre style="margin:0;padding:18px;display:inline-block;background:#161b22;color:#e6edf3;font:13px/1.45 'DejaVu Sans Mono',monospace">${body}</pre>`;
}
