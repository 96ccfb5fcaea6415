import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { documentsIn, type VendorDocument } from '../prove-oval/documents.ts';
import { type Flavour, writeRootFor } from '../prove-oval/roots.ts';
import { scapfeed } from '../support/cli.ts';
import { dataDir } from '../support/data.ts';

/** Platforms of a feed by what the name of a vendor's document says. */
const platforms: readonly [RegExp, string][] = [
  [/rhel-?(\d+)/i, 'rhel-$1'],
  [/bullseye/, 'debian-11'],
  [/jammy/, 'ubuntu-22.04'],
  [/bionic|ubuntu_oval_data/, 'ubuntu-18.04'],
];

const roots: readonly Flavour[] = ['below', 'equal', 'mixed'];

/**
 * `npm run prove:vendors -- --feed DIR [--documents DIR]`: vendors' own OVAL beside the verdicts of a feed, on root file systems
 * with the packages that each document names. Prints how many findings are the same, and the causes of the others, each with
 * an example. Exits 1 when a comparison fails.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { feed: { type: 'string' }, documents: { type: 'string', multiple: true } },
  });
  if (values.feed === undefined) throw new Error('name a feed with --feed DIR: scapfeed build makes one');
  const folders = values.documents ?? ['redhat/oval', 'debian', 'ubuntu'].map((name) => join(dataDir, name));
  const causes = new Map<string, { count: number; example: string }>();
  let compared = 0;
  let same = 0;
  for (const folder of folders) {
    for (const document of await documentsIn(folder)) {
      const platform = platformOf(document.name);
      if (platform === undefined) continue;
      for (const flavour of roots) {
        const found = compareOn(document, flavour, platform, values.feed);
        if (!found) continue;
        compared += 1;
        same += found.same;
        for (const { side, cause, vulnerability, package: name, why } of found.differences) {
          const key = `${side} ${cause}`;
          const known = causes.get(key) ?? {
            count: 0,
            example: `${vulnerability}${name && ` in ${name}`}: ${why}`,
          };
          causes.set(key, { ...known, count: known.count + 1 });
        }
      }
    }
  }
  console.log(`${compared} comparisons: ${same} findings the same`);
  for (const [key, { count, example }] of [...causes].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(count).padStart(7)}  ${key}\n         ${example}`);
}

interface Compared {
  same: number;
  differences: { side: string; cause: string; vulnerability: string; package: string; why: string }[];
}

/** Undefined: the feed does not have the platform. */
function compareOn(
  { document, text }: VendorDocument,
  flavour: Flavour,
  platform: string,
  feed: string,
): Compared | undefined {
  const work = mkdtempSync(join(tmpdir(), 'scapfeed-prove-vendors-'));
  try {
    const root = join(work, 'root');
    mkdirSync(root);
    writeRootFor(document, flavour, root);
    writeFileSync(join(root, 'etc/os-release'), osRelease(platform));
    const file = join(work, 'vendor.xml');
    writeFileSync(file, text);
    const { code, out, err } = scapfeed([
      ...['compare', `dir:${root}`, '--content', file, '--feed', feed, '--max-age', '3650', '-o', 'json'],
    ]);
    // Without a result where the feed does not have the platform; with one where it does not know all of it.
    if (code === 4 && out === '') return undefined;
    if (code !== 0 && code !== 4) throw new Error(err);
    return JSON.parse(out) as Compared;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function platformOf(name: string): string | undefined {
  for (const [pattern, platform] of platforms) {
    const found = pattern.exec(name);
    if (found) return platform.replace('$1', found[1] ?? '');
  }
  return undefined;
}

function osRelease(platform: string): string {
  const [id, version] = platform.split('-');
  return `ID=${id}\nVERSION_ID="${version}"\nPRETTY_NAME="${platform}"\n`;
}

if (process.argv[1] === import.meta.filename) await main();
