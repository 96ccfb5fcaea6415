import { appendFileSync, cpSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePublisher } from '../publish/support/publisher.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { newEmbedded } from '../support/fleet.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const flaw = (vulnerability: string) =>
  ({ vulnerability, package: 'a', status: 'affected', fixState: 'none_yet', severity: 'high' }) as const;

describe('fleet run --pull', { timeout: 300_000 }, () => {
  it('brings the feed; one that is refused leaves the last good one, which judges, and is told', async () => {
    const hour = 3_600_000;
    const publisher = await makePublisher(new Date(Date.now() - 2 * hour));
    const first = writeSmallFeed([{ platform: bookworm, statements: [flaw('CVE-2024-0001')] }]);
    await publisher.publish([first]);
    const home = temporaryFolder();
    const root = join(home, 'root.json');
    writeFileSync(root, publisher.root);
    const image = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1'),
    });
    const env = { SCAPFEED_DATABASE: await newEmbedded(), XDG_DATA_HOME: home, HOME: home };
    const fleet = (name: string, ...args: string[]) => scapfeed(['fleet', name, ...args], env);
    const pull = ['--pull', '--from', publisher.site, '--max-age', '0'];

    fleet('add', image);
    expect(fleet('run', ...pull)).toMatchObject({ code: 3, err: expect.stringContaining('--trust-root') });
    const good = fleet('run', ...pull, '--trust-root', root);
    expect(good, good.err).toMatchObject({ code: 0 });
    expect(good.out).toContain(`the feed is from ${publisher.site}\n`);
    expect(fleet('list').out).toMatch(/debian-12 +0 +1 /);

    const second = writeSmallFeed([
      { platform: bookworm, statements: [flaw('CVE-2024-0001'), flaw('CVE-2024-0002')] },
    ]);
    await publisher.publish([second], { date: new Date(Date.now() - hour) });
    const damaged = join(temporaryFolder(), 'site');
    cpSync(publisher.site, damaged, { recursive: true });
    damage(damaged);
    const bad = fleet('run', '--pull', '--from', damaged, '--max-age', '0');
    expect(bad).toMatchObject({ code: 3 });
    expect(bad.out).toMatch(/^the last good feed judges, because no new one came: [A-Z_]+: /);
    expect(fleet('status').out).toContain('the last good feed judges');
    expect(fleet('news').out).toContain('Newer data is held back');
    expect(fleet('list').out).toMatch(/debian-12 +0 +1 /);

    const mended = fleet('run', '--pull', '--max-age', '0', '--fail-on-new', 'high', '--allow-unrated');
    expect(mended, mended.out + mended.err).toMatchObject({ code: 1 });
    expect(mended.err).toContain(`from ${publisher.site}, as in the last pull`);
    expect(mended.out).toContain('Data is not held back any more');
    expect(fleet('list').out).toMatch(/debian-12 +0 +2 /);
    expect(fleet('run', '--from', publisher.site)).toMatchObject({ code: 2 });
  });
});

/** Changes a byte of everything that a publication has but its oldest metadata. */
function damage(site: string): void {
  for (const name of readdirSync(site, { recursive: true, encoding: 'utf8' })) {
    const file = join(site, name);
    if (statSync(file).isFile() && !/root/.test(name)) appendFileSync(file, 'x');
  }
}
