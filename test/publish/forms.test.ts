import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { runCli } from './support/cli.ts';
import { makePublisher } from './support/publisher.ts';

function feedOfOne(): string {
  const statement = { package: 'a', vulnerability: 'CVE-2026-1000', status: 'fixed', fixed: '2-1' } as const;
  return writeSmallFeed([{ platform: bookworm, data: { roster: new Map() }, statements: [statement] }]);
}

it('keeps blocks and page night after night, until they are declined', async () => {
  const folder = temporaryFolder();
  const env = { HOME: folder, XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: join(folder, 'config') };
  const feed = feedOfOne();
  const run = (...args: string[]) => runCli(args, { cwd: folder, env });
  const publish = async (...options: string[]) => {
    const { code, err } = await run('publish', '--feed', feed, '--to', 'site', ...options);
    expect(`${code} ${err}`).toMatch(/^0 /);
    return ['blocks', 'index.html', 'page'].filter((name) => existsSync(join(folder, 'site', name)));
  };
  await run('keys', 'make');
  expect(await publish()).toEqual([]);
  expect(await publish('--site')).toEqual(['blocks', 'index.html', 'page']);
  expect(await publish()).toEqual(['blocks', 'index.html', 'page']);
  expect(await publish('--no-site')).toEqual(['blocks']);
  expect(await publish()).toEqual(['blocks']);
  await publish('--site');
  await publish('--no-blocks');
  expect(existsSync(join(folder, 'site', 'index.html'))).toBe(false);
  for (const both of [
    ['--site', '--no-site'],
    ['--blocks', '--no-blocks'],
  ]) {
    const { code, err } = await run('publish', '--feed', feed, '--to', 'site', ...both);
    expect(`${code} ${err}`).toMatch(/^2 .*contradict/s);
  }
  const { code, err } = await run('publish', '--feed', feed, '--to', 'site', '--site', '--no-blocks');
  expect(`${code} ${err}`).toMatch(/^2 .*reads blocks/s);
});

it('knows a page that an earlier version published, which kept no note of blocks', async () => {
  const { site, publish } = await makePublisher();
  const feed = feedOfOne();
  await publish([feed], { page: true });
  const states = readdirSync(join(site, 'state')).map((name) => join(site, 'state', name));
  for (const path of states) {
    const { blocks: _, ...earlier } = JSON.parse(readFileSync(path, 'utf8')) as { blocks?: true };
    writeFileSync(path, `${JSON.stringify(earlier)}\n`);
  }
  await publish([feed]);
  expect(existsSync(join(site, 'index.html'))).toBe(true);
  expect(
    JSON.parse(readFileSync(join(site, 'state', readdirSync(join(site, 'state')).sort().at(-1)!), 'utf8')),
  ).toMatchObject({ blocks: true });
});

it('leaves a page and files that it did not write as they are', async () => {
  const { site, publish } = await makePublisher();
  const feed = feedOfOne();
  const page = join(site, 'index.html');
  mkdirSync(join(site, 'page'), { recursive: true });
  writeFileSync(page, '<!doctype html>\n<title>of our team</title>\n');
  writeFileSync(join(site, 'page/logo.svg'), '<svg/>');
  await publish([feed]);
  await publish([feed], { page: false });
  expect(existsSync(join(site, 'blocks'))).toBe(false);
  await expect(publish([feed], { page: true })).rejects.toMatchObject({
    code: 'OUTPUT_NOT_WRITABLE',
    where: page,
  });
  expect(readFileSync(page, 'utf8')).toContain('of our team');
  renameSync(page, join(site, 'ours.html'));
  await publish([feed], { page: true });
  await publish([feed], { page: true });
  await publish([feed], { page: false });
  expect(existsSync(page)).toBe(false);
  expect(readdirSync(join(site, 'page'))).toEqual(['logo.svg']);
});

it('takes a link in place of the page for no page of its own', async () => {
  const { site, publish } = await makePublisher();
  const feed = feedOfOne();
  await publish([feed], { page: true });
  const page = join(site, 'index.html');
  renameSync(page, join(site, 'kept.html'));
  symlinkSync('kept.html', page);
  await publish([feed], { page: false });
  expect(lstatSync(page).isSymbolicLink()).toBe(true);
  await expect(publish([feed], { page: true })).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
});
