import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianRelease, stanza } from '../../support/cli.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { ecKeys, publicPem } from './sigstore-instance.ts';

/** An image with bash, in which it has a flaw by `feedWithFlaw`. */
export const bashFiles = {
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('bash', '5.2.15-2'),
  'var/lib/dpkg/info/bash.list': '/.\n',
};

/** A feed by which bash has a flaw without a fix. */
export function feedWithFlaw(): string {
  const roster = new Map([['bash', { version: '1', binaries: [] }]]);
  const flaw = { vulnerability: 'CVE-2022-3715', package: 'bash', severity: 'high' } as const;
  const statements = [{ ...flaw, status: 'affected', fixState: 'none_yet' }] as const;
  return writeSmallFeed([{ platform: bookworm, data: { roster }, statements }]);
}

/** A folder with a key that signs, one that does not, and the trusted root of an instance. */
export function trustFolder(
  name: string,
  publicKey: Parameters<typeof publicPem>[0],
  { trustedRoot }: { trustedRoot: string },
): string {
  const folder = temporaryFolder(name);
  writeFileSync(join(folder, 'root.json'), trustedRoot);
  writeFileSync(join(folder, 'key.pub'), publicPem(publicKey));
  writeFileSync(join(folder, 'other.pub'), publicPem(ecKeys().publicKey));
  return folder;
}
