import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { figure, measurePair } from './support.mjs';

/** Inside the project, so that a bundle finds the packages that it leaves outside. */
const cache = join(import.meta.dirname, '../node_modules/.cache/scapfeed');
const packages = 450;
/** Bytes of a header, so that 450 of them are a database of 20 MB, as a UBI image with some tools has it. */
const headerBytes = 44_000;

/** Inventory of a root file system by each of rpm's three backends, beside a Node that does nothing and each other. */
export async function run({ quick }) {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'bench-inventory-'));
  try {
    const roots = await makeRoots(folder);
    const command = await bundleReader(folder);
    const runs = quick ? 5 : 15;
    const reader = (root) => ({ command: process.execPath, args: [command, root] });
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

/** The same modules that the command is made of, bundled as it is, without a feed to judge against. */
async function bundleReader(folder) {
  const contents = `
    import { openImage } from './src/image/index.ts';
    import { inventoryWanted, readInventory } from './src/inventory/index.ts';
    const image = await openImage('dir:' + process.argv[2], { wanted: inventoryWanted });
    const { packages } = readInventory(image.files);
    image.close();
    if (packages.length !== ${packages}) process.exitCode = 1;
  `;
  await bundle({ contents, resolveDir: join(import.meta.dirname, '..') }, join(folder, 'reader'));
  return join(folder, 'reader', 'stdin.mjs');
}

/** A root for each backend, made by the writers that the tests use. */
async function makeRoots(folder) {
  const contents = `
    export { rpmBdb } from './rpm-bdb.ts';
    export { rpmHeader, text } from './rpm-header.ts';
    export { rpmNdb } from './rpm-ndb.ts';
    export { rpmSqlite } from './rpm-sqlite.ts';
  `;
  await bundle(
    { contents, resolveDir: join(import.meta.dirname, '../test/support') },
    join(folder, 'writers'),
  );
  const { rpmBdb, rpmHeader, rpmNdb, rpmSqlite, text } = await import(join(folder, 'writers', 'stdin.mjs'));
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

function bundle(stdin, outdir) {
  return build({
    stdin,
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
    packages: 'external',
  });
}
