import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import type { Inventory, Judgement, JudgeOptions, Manifest, SortedLines } from '../../src/runtime/index.ts';
import { judge, openFeed } from '../../src/runtime/node.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';

const now = new Date('2026-11-21T00:00:00Z');

it('runs where there is nothing of Node, with the verdicts of Node', async () => {
  const folder = writeSmallFeed([
    {
      platform: bookworm,
      data: { roster: new Map(['openssl', 'zlib'].map((name) => [name, { version: '1', binaries: [] }])) },
      statements: [
        { vulnerability: 'CVE-2024-0001', package: 'openssl', status: 'fixed', fixed: '3.0.12-1' },
        { vulnerability: 'CVE-2024-0002', package: 'openssl', status: 'affected' },
        { vulnerability: 'CVE-2024-0003', package: 'zlib', status: 'not_affected' },
      ],
    },
  ]);
  const inventory = {
    os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
    packages: [deb('libssl3', '3.0.11-1', 'openssl'), deb('zlib1g', '1.2-1', 'zlib'), deb('own', '1')],
    databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 3 }],
    notes: [],
  } as unknown as Inventory;
  const feed = openFeed(folder);
  const expected = judge(feed, inventory, { now, all: true });
  feed.close();
  expect(expected.verdicts).toHaveLength(3);
  expect(await judgedInBrowser(folder, inventory, { now, all: true })).toEqual(
    JSON.parse(JSON.stringify(expected)),
  );
});

/** By a bundle for browsers, in a context that has the language and what a browser adds for text. */
async function judgedInBrowser(
  folder: string,
  inventory: Inventory,
  options: JudgeOptions,
): Promise<Judgement> {
  const { outputFiles } = await build({
    entryPoints: ['src/runtime/index.ts'],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'runtime',
    logLevel: 'silent',
    write: false,
  });
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const lines = (path: string): SortedLines | undefined => {
    if (!manifest.outputs.some((output) => output.path === path)) return undefined;
    const all = readFileSync(join(folder, path), 'utf8').split('\n');
    return {
      find: (key, field) =>
        all.find((line) => (field === undefined ? line === key : line.startsWith(`{"${field}":"${key}"`))),
    };
  };
  const given = { TextDecoder, TextEncoder, manifest, files: { lines, table: lines }, inventory, options };
  const context = createContext(given);
  const judged: string = runInContext(
    `${outputFiles[0]!.text}; JSON.stringify(runtime.judge(runtime.feedOf(manifest, files), inventory, options))`,
    context,
  );
  return JSON.parse(judged);
}
