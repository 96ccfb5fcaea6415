// `npm run screenshots`: the pictures of the README and the documentation, from the sample: docs/images/report.png and
// terminal.png. Needs Chromium (npm run oracles).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { writeSampleImage } from './sample-image.mjs';

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
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: quiet });
  const report = await browser.newPage({ viewport: { width: 1200, height: 860 }, colorScheme: 'light' });
  await report.goto(pathToFileURL(join(work, 'report.html')).href);
  await report.screenshot({ path: join(images, 'report.png') });
  const terminal = await browser.newPage({ viewport: { width: 760, height: 400 } });
  await terminal.setContent(
    terminalPage(`$ scapfeed scan IMAGE --fail-on high\n${shortened(text.replaceAll(work, '~'))}`),
  );
  await terminal.locator('pre').screenshot({ path: join(images, 'terminal.png') });
  await browser.close();
  for (const name of ['report.png', 'terminal.png'])
    console.log(`${join(images, name)}: ${readFileSync(join(images, name)).length} bytes`);
} finally {
  rmSync(work, { recursive: true });
}

function run(...args) {
  const env = { ...process.env, FORCE_COLOR: '1', COLUMNS: '88', XDG_CACHE_HOME: join(work, 'cache') };
  try {
    return execFileSync(process.execPath, [cli, ...args], { cwd: work, env, encoding: 'utf8' });
  } catch (error) {
    // What the sample has no data of is no reason to have no picture.
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
