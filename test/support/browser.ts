import { type Browser, chromium } from 'playwright-core';

/** The distribution's Chromium without a window; a page of it asks nothing of the network by itself. */
export function openBrowser(): Promise<Browser> {
  const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'];
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--no-first-run', ...quiet.map((name) => `--disable-${name}`)],
  });
}
