import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { figure, measurePair } from './support.mjs';

const cli = join(import.meta.dirname, '../dist/cli.cjs');
const packages = 450;
/** Bytes of a header, so that 450 of them are a database of 20 MB, as a UBI image with some tools has it. */
const headerBytes = 44_000;

/** Inventory of a root file system by each of rpm's three backends, beside a Node that does nothing and each other. */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-inventory-'));
  try {
    const roots = await makeRoots(folder);
    const runs = quick ? 5 : 15;
    const reader = (root) => ({ command: process.execPath, args: [cli, 'inventory', `dir:${root}`] });
    const overNode = await pair(reader(roots.sqlite), { command: process.execPath, args: ['-e', '0'] }, runs);
    const others = {
      'Berkeley DB': await pair(reader(roots.bdb), reader(roots.sqlite), runs),
      NDB: await pair(reader(roots.ndb), reader(roots.sqlite), runs),
    };
    return figures(overNode, others);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function figures({ a: sqlite, b: node }, others) {
  const what = `inventory of ${packages} rpm packages`;
  return [
    figure({
      name: `${what}, 20 MB rpmdb.sqlite, beyond the start of Node`,
      value: (sqlite.wall - node.wall) * 1000,
      unit: 'ms',
      reference: node.wall * 1000,
      referenceName: 'node -e 0',
      target: 60,
      kind: 'absolute',
    }),
    figure({
      name: `${what}, 20 MB rpmdb.sqlite, peak memory`,
      value: sqlite.rss,
      unit: 'MB',
      reference: node.rss,
      referenceName: 'node -e 0',
      target: 70,
      kind: 'absolute',
    }),
    ...Object.entries(others).map(([backend, { b, wallRatio }]) =>
      figure({
        name: `${what}, ${backend}`,
        value: b.wall * wallRatio * 1000,
        unit: 'ms',
        reference: b.wall * 1000,
        referenceName: 'rpmdb.sqlite',
        target: 2,
      }),
    ),
  ];
}

async function pair(a, b, runs) {
  const measured = await measurePair(a, b, { runs });
  if (measured.a.code !== 0) throw new Error(`the inventory failed with exit code ${measured.a.code}`);
  return measured;
}

/** A root for each backend, made by the writers that the tests use. */
async function makeRoots(folder) {
  const writers = join(folder, 'writers.mjs');
  const contents = ['bdb', 'header', 'ndb', 'sqlite']
    .map((name) => `export * from './rpm-${name}.ts';`)
    .join('\n');
  const stdin = { contents, resolveDir: join(import.meta.dirname, '../test/support') };
  await build({
    stdin,
    outfile: writers,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const { rpmBdb, rpmHeader, rpmNdb, rpmSqlite, text } = await import(writers);
  const headers = Array.from({ length: packages }, (_, number) => rpmHeader(specOf(number, text)));
  return {
    sqlite: writeRoot(folder, 'rpmdb.sqlite', rpmSqlite(headers)),
    bdb: writeRoot(folder, 'Packages', rpmBdb(headers)),
    ndb: writeRoot(folder, 'Packages.db', rpmNdb(headers)),
  };
}

function specOf(number, text) {
  const name = `package-${number}`;
  return {
    name,
    version: `1.${number}`,
    release: '1.el9',
    arch: 'x86_64',
    sourceRpm: `${name}-1.${number}-1.el9.src.rpm`,
    vendor: 'Red Hat, Inc.',
    // A real header has about a hundred tags, most of its bytes in the lists of files.
    more: Array.from({ length: 90 }, (_, tag) => text(1200 + tag, 'x'.repeat(headerBytes / 90))),
  };
}

function writeRoot(folder, name, database) {
  const root = join(folder, name.replace('.', '-'));
  mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/os-release'), 'ID="rhel"\nVERSION_ID="9.4"\n');
  writeFileSync(join(root, 'var/lib/rpm', name), database);
  return root;
}
