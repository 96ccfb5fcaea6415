import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type OvalContent, readOvalContent } from '../../src/comply/index.ts';
import { conformanceRoot } from '../comply/support/roots.ts';
import { compareTrial } from '../prove/compare.ts';
import { makers } from '../prove/main.ts';
import { oscapVerdicts } from '../prove/oscap.ts';
import { dataDir } from '../support/data.ts';
import { type Comparison, compareResults, compiledContent } from './compare.ts';
import { documentsIn, type VendorDocument } from './documents.ts';
import { flavours, writeRootFor } from './roots.ts';

/** Folders of the test data that hold vendors' OVAL. */
const vendorFolders = ['oval', 'mirror', 'redhat/oval', 'debian', 'ubuntu', 'openscap-tests/vuln-feed'];
/** Root file systems of other distributions than the document's. */
const realRoots = ['slim-ctr', 'slim-host', 'rootfs-rhel9'];

/**
 * `npm run prove:oval [-- --documents DIR] [--pairs N]`: results of every definition of vendors' documents, ours beside
 * those of `oscap oval eval`, on real root file systems and on ones made around the versions that the document names; then
 * our own OVAL three ways: index, our engine, oscap. Exits 1 when a difference has no known cause. Needs root and oscap.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      documents: { type: 'string', multiple: true },
      pairs: { type: 'string', default: '20000' },
    },
  });
  const folders = values.documents ?? vendorFolders.map((name) => join(dataDir, name));
  const total = emptyTotal();
  print('document', ['roots', 'compared', 'true', 'equal', 'explained', 'unexplained']);
  const seen = new Set<string>();
  for (const folder of folders) {
    for (const document of await documentsIn(folder)) {
      const key = document.text.toString('latin1');
      if (seen.has(key)) continue;
      seen.add(key);
      const found = compareDocument(document, values.documents === undefined ? realRoots : []);
      printRow(document.name, found);
      add(total, found);
    }
  }
  printRow(`${seen.size} documents of vendors`, total);
  const emitted = emptyTotal();
  for (const platform of ['debian', 'ubuntu', 'rhel']) {
    const found = await compareEmitted(platform, Number(values.pairs) / 3);
    printRow(`our OVAL: ${platform}, three ways`, found);
    add(emitted, found);
  }
  for (const [cause, count] of [...total.explained, ...emitted.explained])
    console.log(`explained: ${count} by ${cause}`);
  if (total.unexplained.length + emitted.unexplained.length > 0) process.exitCode = 1;
}

export interface Total extends Comparison {
  roots: number;
}

export function emptyTotal(): Total {
  return { roots: 0, compared: 0, held: 0, equal: 0, explained: new Map(), unexplained: [] };
}

/** One document on roots made for it, and on real ones. */
export function compareDocument({ name, text, document }: VendorDocument, roots: readonly string[]): Total {
  const work = mkdtempSync(join(tmpdir(), 'scapfeed-prove-oval-'));
  const total = emptyTotal();
  try {
    const file = join(work, 'document.xml');
    writeFileSync(file, text);
    const content = [readOvalContent(text, { name, where: name }), compiledContent(text, name)] as const;
    for (const flavour of flavours) {
      const root = join(work, flavour.replace(' ', '-'));
      mkdirSync(root);
      writeRootFor(document, flavour, root);
      add(total, onRoot(content, file, root, flavour));
    }
    for (const root of roots) add(total, onRoot(content, file, conformanceRoot(root), root));
    return total;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function onRoot(
  content: readonly [OvalContent, OvalContent],
  file: string,
  root: string,
  name: string,
): Total {
  const found = compareResults(...content, root, verdictsOf(file, root));
  return { ...found, roots: 1, unexplained: found.unexplained.map((text) => `${name}: ${text}`) };
}

/** Undefined: oscap ends in an error of its own on this document. */
function verdictsOf(file: string, root: string): ReadonlyMap<string, string> | undefined {
  try {
    return oscapVerdicts(file, { root });
  } catch (error) {
    if (/Assertion|SIGSEGV|oscap oval eval/.test(String(error))) return undefined;
    throw error;
  }
}

/** Our own OVAL on random systems: our engine beside oscap by definition, and the index beside both by verdict. */
export async function compareEmitted(platform: string, pairs: number): Promise<Total> {
  const total = emptyTotal();
  const [make] = makers[platform]!;
  for (let seed = 1; total.compared < pairs; seed++) {
    const trial = make(seed, { packages: 120, flawsPerPackage: 10 });
    const index = await compareTrial(trial, 'system', (document, root, oscap) => {
      const text = readFileSync(document);
      const content = readOvalContent(text, { name: document, where: document });
      const compiled = compiledContent(text, document);
      add(total, { ...compareResults(content, compiled, root, oscap), roots: 1 });
    });
    total.unexplained.push(...index.unexplained);
  }
  return total;
}

export function add(total: Total, found: Total): void {
  total.roots += found.roots;
  total.compared += found.compared;
  total.held += found.held;
  total.equal += found.equal;
  total.unexplained.push(...found.unexplained);
  for (const [cause, count] of found.explained)
    total.explained.set(cause, (total.explained.get(cause) ?? 0) + count);
}

function printRow(name: string, found: Total): void {
  const explained = [...found.explained.values()].reduce((sum, count) => sum + count, 0);
  const { roots, compared, held, equal, unexplained } = found;
  print(name, [roots, compared, held, equal, explained, unexplained.length]);
  for (const text of unexplained.slice(0, 10)) console.log(`  ! ${text}`);
}

function print(name: string, cells: readonly (string | number)[]): void {
  const widths = [7, 10, 9, 10, 11, 13];
  console.log(`${name.padEnd(52)}${cells.map((cell, at) => String(cell).padStart(widths[at]!)).join('')}`);
}

if (process.argv[1] === import.meta.filename) await main();
