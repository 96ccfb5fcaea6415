import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compileContent, type LoadedContent, openContent, readContentFile } from '../../src/comply/index.ts';
import { securityGuide } from '../support/oracles.ts';
import { type Comparison, compareProfile, profileNames } from './compare.ts';
import { type Flavour, flavours, type Product, products, rootOf } from './roots.ts';

export function streamOf(product: Product): string {
  return join(securityGuide, `ssg-${product}-ds.xml`);
}

/** A stream as users evaluate it: compiled, and opened again. */
export function compiledStream(product: Product): LoadedContent {
  const { content, bytes } = readContentFile(streamOf(product));
  const path = join(mkdtempSync(join(tmpdir(), 'scapfeed-prove-comply-')), `${product}.json`);
  writeFileSync(path, compileContent(content, { source: { name: `${product}.xml`, bytes }, tool: 'prove' }));
  return openContent(path);
}

/**
 * `npm run prove:comply [-- --product rhel9] [--flavour host] [--profile stig]`: rule results of every profile of six
 * streams, by compiled content, beside those of `oscap xccdf eval` on the same roots. Exits 1 when a difference has no
 * known cause. Needs root, oscap, mmdebstrap and the SCAP Security Guide; all of it takes about half an hour.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      product: { type: 'string', multiple: true, default: [...products] },
      flavour: { type: 'string', multiple: true, default: [...flavours] },
      profile: { type: 'string', multiple: true },
    },
  });
  const total = emptyTotal();
  console.log('stream      root        profiles  compared  applicable     equal  explained  unexplained');
  for (const product of products.filter((each) => values.product.includes(each))) {
    const content = compiledStream(product);
    for (const flavour of flavours.filter((each) => values.flavour.includes(each))) {
      const found = await compareAll(content, product, flavour, values.profile);
      printRow(product, flavour, found);
      for (const text of found.unexplained) console.log(`  ! ${text}`);
      add(total, found);
    }
  }
  printRow('all', '', total);
  for (const [cause, count] of total.explained) console.log(`explained: ${count} by ${cause}`);
  if (total.unexplained.length > 0) process.exitCode = 1;
}

interface Total extends Comparison {
  profiles: number;
}

function emptyTotal(): Total {
  return { profiles: 0, compared: 0, applicable: 0, equal: 0, explained: new Map(), unexplained: [] };
}

async function compareAll(
  content: LoadedContent,
  product: Product,
  flavour: Flavour,
  chosen: readonly string[] | undefined,
): Promise<Total> {
  const total = emptyTotal();
  for (const profile of profileNames(content)) {
    if (chosen && !chosen.includes(profile)) continue;
    const found = await compareProfile(content, streamOf(product), rootOf(product, flavour), profile);
    add(total, {
      ...found,
      profiles: 1,
      unexplained: found.unexplained.map((text) => `${profile}: ${text}`),
    });
  }
  return total;
}

function add(total: Total, { profiles, compared, applicable, equal, explained, unexplained }: Total): void {
  total.profiles += profiles;
  total.compared += compared;
  total.applicable += applicable;
  total.equal += equal;
  total.unexplained.push(...unexplained);
  for (const [cause, count] of explained)
    total.explained.set(cause, (total.explained.get(cause) ?? 0) + count);
}

function printRow(product: string, flavour: string, found: Total): void {
  const explained = [...found.explained.values()].reduce((sum, count) => sum + count, 0);
  const cells = [
    found.profiles,
    found.compared,
    found.applicable,
    found.equal,
    explained,
    found.unexplained.length,
  ];
  const widths = [8, 10, 12, 10, 11, 13];
  const numbers = cells.map((cell, at) => String(cell).padStart(widths[at] ?? 0)).join('');
  console.log(`${product.padEnd(12)}${flavour.padEnd(12)}${numbers}`);
}

if (process.argv[1] === import.meta.filename) await main();
