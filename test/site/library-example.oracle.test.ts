import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pythonServer } from '../jobs/support/web-servers.ts';
import { openBrowser, openWatched } from '../support/browser.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { installedPackage } from '../support/installed-package.ts';
import { hasOracle } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The program of docs/library.md for other people's pages, as it stands there. */
function example(): string {
  const text = readFileSync(join(project, 'docs/library.md'), 'utf8');
  const [, code = ''] = /### In a browser\n[\s\S]*?```js\n([\s\S]*?)```/.exec(text) ?? [];
  return code;
}

it.skipIf(!hasOracle('chromium-headless-shell', 'python3'))(
  'the example of docs/library.md judges in a page of others as the command does, by the package that npm installs',
  async () => {
    const keys = temporaryFolder();
    const root = temporaryFolder();
    const image = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('openssl', '3.0.11-1') + stanza('zlib', '1') + stanza('own', '1'),
    });
    run('keys', 'make', '--keys', keys);
    run('publish', '--feed', feed(), '--to', join(root, 'feed'), '--keys', keys, '--blocks');
    run('inventory', image, '-o', `json=${join(root, 'inventory.json')}`);
    cpSync(join(installedPackage().folder, 'node_modules/scapfeed'), join(root, 'scapfeed'), {
      recursive: true,
    });
    const pinned = join(root, 'root.json');
    cpSync(join(root, 'feed/metadata/1.root.json'), pinned);
    const url = await pythonServer(root);
    const scan = run(
      'scan',
      image,
      '--feed',
      `${url}/feed/`,
      '--trust-root',
      pinned,
      '--max-age',
      '0',
      '-o',
      'json',
    );
    const expected = JSON.parse(scan) as { verdicts: Verdict[]; uncovered: { name: string }[] };
    writeFileSync(join(root, 'index.html'), page(`${url}/feed/`));

    const browser = await openBrowser();
    try {
      const { page, requests, complaints } = await openWatched(browser, `${url}/index.html`);
      await page.waitForFunction('document.title !== ""');
      expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
      const judged = JSON.parse(await page.title()) as Judged;
      expect(judged.verdicts).toEqual(expected.verdicts.map(said));
      expect(judged.verdicts).toHaveLength(3);
      expect(judged.uncovered).toEqual(expected.uncovered.map(({ name }) => name));
      expect(judged.uncovered).toEqual(['own']);
      expect(judged.known).toBe('a flaw in openssl');
      // Nothing of Node is asked for, and what is sent is the address alone.
      const modules = requests.filter((address) => address.includes('/scapfeed/'));
      expect(modules.length).toBeGreaterThan(0);
      for (const address of modules)
        expect(readFileSync(join(root, new URL(address).pathname), 'utf8')).not.toMatch(/["']node:/);
      expect(requests.filter((address) => !/^(?:data:|http:..127)/.test(address))).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);

interface Verdict {
  vulnerability: string;
  package: { name: string };
  status: string;
  severity: string;
}

interface Judged {
  verdicts: ReturnType<typeof said>[];
  uncovered: string[];
  known: string;
}

function said({ vulnerability, package: { name }, status, severity }: Verdict) {
  return { vulnerability, name, status, severity };
}

/** The example with this address, and what it leaves to its reader: the root and the inventory that come with the page. */
function page(url: string): string {
  const { exports } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    exports: Record<string, { default: string }>;
  };
  const imports = { 'scapfeed/runtime/web': `/scapfeed/${exports['./runtime/web']!.default}` };
  const code = example();
  expect(code).toContain('https://feeds.example/feed/');
  return `<!doctype html><title></title><script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
const pinnedRoot = await (await fetch('/root.json')).text();
const inventory = await (await fetch('/inventory.json')).json();
${code.replace('https://feeds.example/feed/', url)}
const said = ${said};
const names = uncovered.map(({ package: { name } }) => name);
document.title = JSON.stringify({ verdicts: verdicts.map(said), uncovered: names, known: known.description });
</script>`;
}

function run(...args: string[]): string {
  const { code, out, err } = scapfeed(args, { SCAPFEED_PASSPHRASE: 'a passphrase of tests' });
  expect([0, 1, 4], err).toContain(code);
  return out;
}

function feed(): string {
  const roster = new Map(['openssl', 'zlib'].map((name) => [name, { version: '1', binaries: [] }]));
  const [openssl, zlib] = [{ package: 'openssl' }, { package: 'zlib' }];
  return writeSmallFeed([
    {
      platform: bookworm,
      data: { roster },
      statements: [
        { ...openssl, vulnerability: 'CVE-2023-5363', status: 'fixed', fixed: '3.0.12-1', severity: 'high' },
        { ...openssl, vulnerability: 'CVE-2024-0001', status: 'affected', fixState: 'none_yet' },
        { ...zlib, vulnerability: 'CVE-2024-0002', status: 'affected', fixState: 'none_yet' },
      ],
      vulnerabilities: [{ id: 'CVE-2023-5363', description: 'a flaw in openssl' }],
    },
  ]);
}
