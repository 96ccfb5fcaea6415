import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { JarBrowser, type JarPage } from '../support/jar-browser.ts';
import { openTestProvider } from '../support/openid-provider.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { freePort } from './support/free-port.ts';
import { newMachine } from './support/machine.ts';

const release = 'PRETTY_NAME="Debian 12"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
const installed = 'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n';

it('people sign in at their provider: a team sees and waives its own, an admin all, and the audit log has names', async () => {
  const machine = newMachine();
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  await using provider = await openTestProvider({
    address,
    accounts: {
      bob: { email: 'bob@example.org', groups: ['payments'] },
      sue: { email: 'sue@example.org', groups: ['shop'] },
      ann: { email: 'ann@example.org', groups: ['fleet-admins'] },
      tom: { email: 'tom@example.org', groups: ['others'] },
    },
  });
  for (const name of ['pay', 'shop']) {
    const root = join(machine.home, name);
    for (const folder of ['etc', 'var/lib/dpkg']) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'etc/os-release'), release);
    writeFileSync(join(root, 'var/lib/dpkg/status'), installed);
  }
  const statement = { package: 'a', status: 'affected', fixState: 'none_yet', severity: 'high' } as const;
  const feed = writeSmallFeed([
    { platform: bookworm, statements: [{ ...statement, vulnerability: 'CVE-2024-0001' }] },
  ]);
  writeFileSync(
    join(machine.home, 'scapfeed.yaml'),
    'owners:\n  - { owner: payments, names: "**/pay" }\n  - { owner: shop, names: "**/shop" }\n',
  );
  writeFileSync(join(machine.home, 'oidc-secret'), provider.client.clientSecret);
  machine.does(`scapfeed fleet add dir:pay dir:shop && scapfeed fleet run --feed ${feed} --max-age 0`);
  machine.does('scapfeed fleet owners --policy scapfeed.yaml');

  const server = spawn(
    'scapfeed',
    [
      ...['fleet', 'serve', '--listen', `127.0.0.1:${port}`, '--feed', feed, '--max-age', '0'],
      ...['--oidc-issuer', provider.issuer, '--oidc-client', provider.client.clientId],
      ...['--oidc-secret-file', 'oidc-secret', '--oidc-address', address],
      ...['--oidc-scopes', 'openid email groups', '--oidc-role', 'fleet-admins=admin'],
      ...['--oidc-role', 'payments=team:payments', '--oidc-role', 'shop=team:shop'],
    ],
    {
      ...{ cwd: machine.home, stdio: ['ignore', 'ignore', 'pipe'] },
      env: { PATH: `${inject('installation')}/bin:${process.env['PATH']}`, HOME: machine.home },
    },
  );
  try {
    expect(await firstWords(server)).toContain(`at ${address}`);

    const stranger = new JarBrowser();
    const door = await stranger.open(`${address}/images`);
    expect(door.url).toBe(`${address}/sign-in?next=%2Fimages`);
    expect(door.text).toContain(`Sign in at ${new URL(provider.issuer).host}`);
    const refused = await stranger.signIn(address, 'tom');
    expect([refused.status, refused.text]).toEqual([
      403,
      expect.stringContaining('no group that has a role here'),
    ]);

    const bob = new JarBrowser();
    const images = await bob.signIn(address, 'bob', '/images');
    expect(images.url).toBe(`${address}/images`);
    expect(seen(images)).toEqual(['pay']);
    const flaw = `${address}/vulnerabilities/CVE-2024-0001`;
    const page = await bob.open(flaw);
    expect(page.text).toContain(`action="/vulnerabilities/CVE-2024-0001/waivers"`);
    const waived = await bob.submit(`${flaw}/waivers`, { reason: 'not reachable' });
    expect([waived.status, waived.url]).toEqual([200, flaw]);
    expect((await bob.open(`${address}/waivers`)).text).toContain('bob@example.org');

    const sue = new JarBrowser();
    expect(seen(await sue.signIn(address, 'sue', '/images'))).toEqual(['shop']);
    expect((await sue.open(`${address}/waivers`)).text).not.toContain('bob@example.org');
    const ann = new JarBrowser();
    const all = await ann.signIn(address, 'ann', '/images');
    expect(seen(all)).toEqual(['pay', 'shop']);

    const copy = new JarBrowser();
    copy.cookies.set('scapfeed', bob.cookies.get('scapfeed')!);
    const out = await bob.submit(`${address}/sign-out`, {});
    expect(out.text).toContain('This browser is signed out of the fleet');
    for (const browser of [bob, copy])
      expect((await browser.open(`${address}/images`)).url).toBe(`${address}/sign-in?next=%2Fimages`);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }

  const who = `bob@example.org (bob at ${new URL(provider.issuer).host})`;
  const acts = machine.does(`scapfeed fleet audit --actor '${who}' --kind change -o csv`);
  expect(acts.split('\r\n').map((line) => line.split(',').slice(3).join(','))).toEqual([
    'kind,act',
    'change,signed out',
    expect.stringMatching(/^change,.*CVE-2024-0001/),
    'change,signed in as team payments',
    '',
  ]);
  expect(machine.does('scapfeed fleet audit --kind refused -o csv')).toContain(`tom@example.org (tom at`);
  expect(machine.does('scapfeed fleet waivers -o csv')).toContain(who);
}, 240_000);

/** Names of images on a page. */
function seen({ text }: JarPage): string[] {
  return [...text.matchAll(/<wbr>(pay|shop)<\/a>/g)].map(([, name = '']) => name).sort();
}

/** The first line of a server's output. */
async function firstWords(server: ChildProcess): Promise<string> {
  let text = '';
  for await (const part of server.stderr!) {
    text += String(part);
    if (text.includes('\n')) break;
  }
  return text;
}
