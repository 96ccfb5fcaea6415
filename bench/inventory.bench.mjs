import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRpmRoots } from './rpm-roots.mjs';
import { figure, measurePair } from './support.mjs';

const cli = join(import.meta.dirname, '../dist/cli.cjs');
const packages = 450;

/** Inventory of a root file system by each of rpm's three backends, beside a Node that does nothing and each other. */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-inventory-'));
  try {
    const roots = await makeRpmRoots(
      folder,
      Array.from({ length: packages }, (_, number) => ({
        name: `package-${number}`,
        version: `1.${number}`,
        release: '1.el9',
      })),
    );
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
