// Root file systems of RHEL with rpm databases, made by the writers that the tests use.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bytes of a header, so that 450 of them are a database of 20 MB, as a UBI image with some tools has it. */
const headerBytes = 44_000;

/**
 * RSAHEADER as Red Hat's packages have it, up to the numbers of the signature itself: version 4, with the fingerprint of
 * release key 2, the time, and the key id (RFC 9580, 5.2.3). It stands behind all else, as rpm puts it there.
 */
const signature = Buffer.concat([
  Buffer.from('89023d04000108001d', 'hex'),
  Buffer.from('162104567e347ad0044ade55ba8a5f199e2f91fd431d51', 'hex'),
  Buffer.from('050260000000', 'hex'),
  Buffer.from('000a0910199e2f91fd431d51', 'hex'),
  Buffer.alloc(526, 1),
]);

/** File of each of rpm's backends. */
const files = { sqlite: 'rpmdb.sqlite', bdb: 'Packages', ndb: 'Packages.db' };

/** A root for each of the backends, by its name. `packages`: `{ name, version, release, source }`. */
export async function makeRpmRoots(folder, packages, backends = Object.keys(files)) {
  const { binary, rpmBdb, rpmHeader, rpmNdb, rpmSqlite, text } = await writers(folder);
  const names = packages.map(({ name }) => name);
  const write = { sqlite: (headers) => rpmSqlite(headers, undefined, names), bdb: rpmBdb, ndb: rpmNdb };
  const headers = packages.map(({ name, version, release, source = name }) =>
    rpmHeader({
      name,
      version,
      release,
      arch: 'x86_64',
      sourceRpm: `${source}-${version}-${release}.src.rpm`,
      vendor: 'Red Hat, Inc.',
      // A real header has about a hundred tags, most of its bytes in the lists of files.
      more: [
        ...Array.from({ length: 90 }, (_, tag) => text(1200 + tag, 'x'.repeat(headerBytes / 90))),
        binary(268, signature),
      ],
    }),
  );
  return Object.fromEntries(
    backends.map((backend) => [backend, writeRoot(folder, files[backend], write[backend](headers))]),
  );
}

async function writers(folder) {
  const outfile = join(folder, 'writers.mjs');
  const contents = ['bdb', 'header', 'ndb', 'sqlite']
    .map((name) => `export * from './rpm-${name}.ts';`)
    .join('\n');
  const stdin = { contents, resolveDir: join(import.meta.dirname, '../test/support') };
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' });
  return import(outfile);
}

function writeRoot(folder, name, database) {
  const root = join(folder, `root-${name}`);
  mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
  mkdirSync(join(root, 'etc'));
  writeFileSync(
    join(root, 'etc/os-release'),
    'NAME="Red Hat Enterprise Linux"\nID="rhel"\nVERSION_ID="9.6"\n',
  );
  writeFileSync(join(root, 'var/lib/rpm', name), database);
  return root;
}
