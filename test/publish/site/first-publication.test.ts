import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { nowhere, temporaryFolder } from '../../support/temporary.ts';
import { runCli } from '../support/cli.ts';
import { makePublisher, type Publisher, writeNight } from '../support/publisher.ts';

let publisher: Publisher;
const night = writeNight(20);
const exported = join(temporaryFolder(), 'exports');

beforeAll(async () => {
  publisher = await makePublisher(new Date());
  expect((await runCli(['export', '--feed', night, '--to', 'trivy', '--out', exported])).code).toBe(0);
}, 60_000);

function publish(to: string, options: readonly string[] = [], env: Record<string, string> = {}) {
  const keys = ['--keys', publisher.store.directory];
  return runCli(['publish', '--feed', night, '--to', to, ...keys, ...options], { env });
}

const files = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

const failures: [what: string, options: () => string[], env: Record<string, string>, code: string][] = [
  ['whose passphrase is not there', () => ['--passphrase-file', nowhere()], {}, 'KEY_MISSING'],
  [
    'that cannot make its last signature, with exports',
    () => ['--exports', exported],
    { SCAPFEED_PASSPHRASE_TIMESTAMP: 'not that one' },
    'KEY_PASSPHRASE_WRONG',
  ],
];

it('a wrong passphrase of any role is found before the feed is looked at', async () => {
  const feed = temporaryFolder();
  // No publication would be made of it, whatever the passphrase.
  cpSync(night, feed, { recursive: true });
  writeFileSync(join(feed, 'index', readdirSync(join(feed, 'index'))[0]!), 'damaged');
  for (const to of ['site', 'oci://127.0.0.1:9/feed'])
    for (const role of ['TARGETS', 'SNAPSHOT', 'TIMESTAMP']) {
      const keys = ['--keys', publisher.store.directory];
      const env = { [`SCAPFEED_PASSPHRASE_${role}`]: 'not that one' };
      const argv = ['publish', '--feed', feed, '--to', to, '--work', join(feed, 'work'), ...keys];
      const { code, err } = await runCli(argv, { env, cwd: feed });
      expect(code, err).toBe(2);
      expect(err).toContain(`the passphrase does not open the ${role.toLowerCase()} key`);
    }
});

describe('a first publication that fails leaves nothing of its own', () => {
  it.each(failures)('%s', { timeout: 120_000 }, async (_, options, env, code) => {
    const work = temporaryFolder();
    const failed = await publish(join(work, 'a/public'), options(), env);
    expect(failed).toMatchObject({ code: 2, err: expect.stringContaining(`[${code}]`) });
    expect(failed.err).not.toContain('last publication');
    expect(files(work)).toEqual([]);

    const right = await publish(join(work, 'a/public'));
    expect(`${right.code} ${right.err}`).toBe('0 ');
  });

  it('keeps what others have in the folder', async () => {
    const to = join(temporaryFolder(), 'www');
    mkdirSync(join(to, 'exports'), { recursive: true });
    writeFileSync(join(to, 'exports/index.html'), 'a page');
    writeFileSync(join(to, 'robots.txt'), 'all');
    expect((await publish(to, [], { SCAPFEED_PASSPHRASE: 'not that one' })).code).toBe(2);
    expect(files(to)).toEqual(['exports', 'exports/index.html', 'robots.txt']);
  });
});
