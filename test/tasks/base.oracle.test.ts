import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, startRegistry } from '../image/support/servers.ts';
import { debianRelease, scapfeed, stanza } from '../support/cli.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ready = hasOracle('podman', 'docker-registry') && isRoot();

describe.skipIf(!ready)('images that podman builds from a base in a registry', () => {
  it('name their base, whose tag is another build by now', async () => {
    const registry = await startRegistry();
    const folder = temporaryFolder('podman');
    const store = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
    const podman = (...args: string[]) => command('podman', ...store, '--storage-driver', 'vfs', ...args);
    const [base, app] = [`${registry.host}/lab/base:1`, `${registry.host}/lab/app:1`];
    const build = async (tag: string, recipe: string, files: Record<string, string>) => {
      const context = temporaryFolder();
      for (const [name, text] of Object.entries(files)) writeFileSync(join(context, name), text);
      writeFileSync(join(context, 'Containerfile'), recipe);
      await podman('build', '-q', '--tls-verify=false', '-t', tag, context);
      await podman('push', '-q', '--tls-verify=false', tag);
    };
    const root = 'COPY release /usr/lib/os-release\nCOPY status /var/lib/dpkg/status\n';
    const release = debianRelease('12', 'bookworm');
    const installed = (version: string) => `${stanza('alpha', version)}${stanza('beta', '1')}`;
    mkdirSync(join(folder, 'run'));
    try {
      await build(base, `FROM scratch\n${root}`, { release, status: installed('1') });
      // Built on another machine: a base that was never pushed has another digest than in the registry.
      await podman('rmi', base);
      const own = `${installed('1')}${stanza('own1', '1')}`;
      await build(app, `FROM ${base}\nCOPY status /var/lib/dpkg/status\n`, { status: own });
      await build(base, `FROM scratch\n${root}`, { release, status: installed('2') });

      const feed = writeSmallFeed([
        {
          platform: bookworm,
          statements: ['alpha', 'beta', 'own1'].map((name, at) => ({
            ...{ vulnerability: `CVE-2026-100${at}`, package: name, status: 'fixed', fixed: '2' },
          })),
        },
      ]);
      const run = ['scan', app, '--feed', feed, '--max-age', '0', '--no-cache', '--base'];
      const { code, out } = scapfeed([...run, 'labels', '-o', 'json']);
      const { bases, verdicts } = JSON.parse(out);

      expect(code).toBe(0);
      expect(bases.base.layers).toBe(2);
      expect(bases.newer.digest).not.toBe(bases.base.digest);
      expect(
        verdicts.map(({ package: { name }, base: found }: { package: { name: string }; base: object }) => [
          name,
          found,
        ]),
      ).toEqual([
        ['alpha', { origin: 'base', rebuild: 'fixes' }],
        ['beta', { origin: 'base', rebuild: 'keeps' }],
        ['own1', { origin: 'own' }],
      ]);
      expect(scapfeed([...run, base]).out).toContain('2 flaws of the base image, 1 of own layers');
    } finally {
      await registry.stop();
    }
  });
});
