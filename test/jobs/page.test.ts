import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScanResult } from '../../src/model/verdict/index.ts';
import { openBrowser, openWatched } from '../support/browser.ts';
import { dataPath, hasData, unpackData } from '../support/data.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { pythonServer } from './support/web-servers.ts';

const canRun =
  isRoot() &&
  hasData('real', 'mirror-real.tar.zst') &&
  hasData('real', 'package-lists.tar.zst') &&
  hasData('rpm', 'synth-rootfs') &&
  hasOracle('chromium-headless-shell', 'dpkg-query', 'python3', 'rpm', 'tar', 'zstd');
const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };
/** Files that the page saves, by the command's name of the format. */
const endings = {
  json: 'json',
  csv: 'csv',
  sarif: 'sarif',
  openvex: 'openvex.json',
  csaf: 'csaf.json',
};

/** A publisher with the packed command and somebody else's server; a visitor with a browser, and one with the command, who get the same. */
describe.skipIf(!canRun)('a feed that is a website, in a subfolder of a server of others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-website-'));
  let user: Machine;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    const mirror = join(folder, 'mirror');
    unpackData('real/mirror-real.tar.zst', mirror);
    const publisher = newMachine();
    publisher.does(
      `scapfeed build --source almalinux,alpine,debian --no-oval --mirror ${mirror} --unsigned-mirror --snapshots snapshots --out feed`,
    );
    publisher.does('scapfeed keys make', passphrase);
    // Of 2025: AlmaLinux's data is taken for frozen on its first day too.
    const dated = "--accept frozen --reason 'data of one day of 2025'";
    publisher.does(
      `scapfeed publish --feed feed --to www/tools/feed --site --accept-terms alpine ${dated}`,
      passphrase,
    );
    url = `${await pythonServer(join(publisher.home, 'www'))}/tools/feed`;
    user = newMachine();
    user.does(`cp ${publisher.home}/www/tools/feed/metadata/1.root.json root.json`);
    writeLists(folder, user.home);
    user.does(`scapfeed inventory dir:${debianRoot(folder)} -o cyclonedx > image.cdx.json`);
    browser = await openBrowser();
  }, 3_600_000);
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['dpkg.txt', 'debian-12'],
    ['dpkg-query.txt', 'debian-12'],
    ['rpm.txt', 'almalinux-8'],
    ['rpm-sources.txt', 'almalinux-8'],
    ['apk.txt', 'alpine-3.16'],
    ['apk-list.txt', 'alpine-3.16'],
  ])('%s gets the verdicts of the command', async (file, platform) => {
    const { page, complaints } = await open();
    await page.setInputFiles('#file', join(user.home, file));
    await page.locator('#status', { hasText: 'Choose it above' }).waitFor();
    await page.selectOption('#platform', platform);
    await judged(page);
    const expected = byCommand(file, 'json', `--platform ${platform}`);
    expect(await saved(page, 'json')).toBe(expected);
    const { judged: count, uncovered } = JSON.parse(expected) as ScanResult;
    expect(count + uncovered.length).toBeGreaterThan(10);
    expect(complaints.filter(isFault)).toEqual([]);
  });

  it('an SBOM gets them too, and each form that is saved is the file that the command writes', async () => {
    const { page, requests, complaints } = await open();
    await page.setInputFiles('#file', join(user.home, 'image.cdx.json'));
    await judged(page);
    for (const [format, ending] of Object.entries(endings))
      expect(await saved(page, ending)).toBe(byCommand('image.cdx.json', format));
    expect(await page.locator('.flaw').count()).toBeGreaterThan(10);
    expect(complaints.filter(isFault)).toEqual([]);
    expect(requests.filter((each) => !each.startsWith(`${url}/`) && !/^(?:data|blob):/.test(each))).toEqual(
      [],
    );
  });

  it('a vulnerability, its package and its advisory are found, with what the command says of them', async () => {
    const platform = 'almalinux-8';
    const list = byCommand('rpm-sources.txt', 'json', `--platform ${platform}`);
    const { verdicts } = JSON.parse(list) as ScanResult;
    const {
      vulnerability,
      package: pkg,
      advisories,
      fixedVersion,
    } = verdicts.find((verdict) => verdict.fixState === 'available' && verdict.advisories.length > 0)!;
    const { page } = await open();
    for (const name of [vulnerability, pkg.source.name, ...advisories]) {
      await page.fill('#searched', name);
      await page.keyboard.press('Enter');
      await page.locator('#status', { hasText: `Searched ${name}` }).waitFor();
      const rows = page.locator('#result tbody tr', { hasText: platform });
      const found = await rows.filter({ hasText: pkg.source.name }).allTextContents();
      const own = found.filter((text) => text.includes(vulnerability) || name === vulnerability);
      expect([name, own.join('\n')]).toEqual([name, expect.stringContaining(`fixed in ${fixedVersion}`)]);
    }
  });

  async function open() {
    const watched = await openWatched(browser, `${url}/`);
    await watched.page.locator('#status', { hasText: /Verified|No verdict/ }).waitFor();
    return watched;
  }

  /** By a user who has the command and the publisher's root. The data is of years ago, which the page asks about. */
  function byCommand(file: string, format: string, options = ''): string {
    const scan = `scapfeed scan sbom:${file} --feed ${url} --trust-root root.json --max-age 0`;
    const { code, out, err } = user.run(`${scan} -o ${format} ${options}`);
    expect([file, code === 0 || code === 4, err]).toEqual([file, true, err]);
    return out;
  }
});

function debianRoot(folder: string): string {
  return join(folder, 'package-lists/debian-bookworm-dist-amd64');
}

/** Package lists of real systems, by the package managers themselves. */
function writeLists(folder: string, home: string): void {
  unpackData('real/package-lists.tar.zst', folder);
  const lists = (file: string, command: string, ...args: string[]) =>
    writeFileSync(join(home, file), execFileSync(command, args, { env: { ...process.env, COLUMNS: '400' } }));
  const dpkg = ['--admindir', join(debianRoot(folder), 'var/lib/dpkg')];
  const fields = [
    ...['binary:Package', 'Version', 'Architecture'],
    ...['source:Package', 'source:Version', 'db:Status-Status'],
  ];
  lists('dpkg.txt', 'dpkg-query', ...dpkg, '-l');
  const format = `${fields.map((field) => `\${${field}}`).join(' ')}\n`;
  lists('dpkg-query.txt', 'dpkg-query', ...dpkg, '-W', '-f', format);

  const rpms = join(folder, 'rpm');
  cpSync(dataPath('rpm', 'synth-rootfs/CentOS8Modularitylabel'), rpms, { recursive: true });
  // The signatures of this database are not its vendor's.
  const rpm = ['-qa', '--nosignature', '--nodigest', '--dbpath', join(rpms, 'var/lib/rpm')];
  lists('rpm.txt', 'rpm', ...rpm);
  const sources = '%{NAME}-%{EPOCHNUM}:%{VERSION}-%{RELEASE}.%{ARCH} %{SOURCERPM}\\n';
  lists('rpm-sources.txt', 'rpm', ...rpm, '--qf', sources);

  const alpine = join(folder, 'alpine');
  const archive = dataPath('real', 'rootfs/v3.13-alpine-minirootfs-3.13.12-x86_64.tar.gz');
  execFileSync('sh', ['-c', `mkdir ${alpine} && tar -xzf ${archive} -C ${alpine}`]);
  lists('apk.txt', 'chroot', alpine, '/sbin/apk', 'info', '-v');
  lists('apk-list.txt', 'chroot', alpine, '/sbin/apk', 'list', '--installed');
}

/** The next root is asked for, which is not there. */
function isFault(complaint: string): boolean {
  return !complaint.includes('404');
}

/** Data of years ago is asked about first. */
async function judged(page: Page): Promise<void> {
  const status = page.locator('#status', { hasText: /Judged|No verdict/ });
  await page.locator('#status', { hasText: /FEED_STALE|Judged|No verdict:/ }).waitFor();
  if ((await status.textContent())?.includes('FEED_STALE')) await page.click('#any-age');
  await page.locator('#status', { hasText: 'Judged' }).waitFor();
}

async function saved(page: Page, ending: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.click(`[data-save="${ending}"]`),
  ]);
  return readFileSync((await download.path())!, 'utf8');
}
