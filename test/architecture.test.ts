import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../src');

// What each room of src may import, besides itself: a room is a folder, and each folder of a distribution is one, whichever
// distribution's. ARCHITECTURE.md shows the same table.
const allowed: Record<string, readonly string[]> = {
  model: [],
  files: ['model'],
  io: ['model'],
  packaging: ['model', 'files'],
  sources: ['model', 'io'],
  'distros/*/rule': ['model', 'packaging', 'runtime'],
  'distros/*/oval': ['model', 'packaging', 'oval', 'distros/*/rule'],
  'distros/*/image': ['model', 'files', 'packaging'],
  'distros/*/data': ['model', 'packaging', 'io', 'sources', 'distros/*/rule'],
  distros: ['sources', 'distros/*/data'],
  oval: ['model', 'packaging', 'io', 'distros/*/oval', 'distros/*/rule'],
  xccdf: ['model', 'io', 'oval'],
  validate: ['model', 'io'],
  registry: ['model', 'io'],
  image: ['model', 'io', 'registry'],
  inventory: ['model', 'files', 'packaging', 'distros/*/image'],
  runtime: ['model', 'packaging', 'distros/*/rule'],
  scap: ['model', 'packaging', 'io'],
  comply: ['model', 'packaging', 'io', 'scap', 'inventory'],
  verify: ['model', 'files', 'packaging', 'io', 'inventory'],
  report: ['model'],
  feed: ['model', 'packaging', 'io', 'sources', 'oval', 'xccdf', 'validate', 'distros/*/rule', 'cli'],
  publish: ['model', 'io', 'registry', 'feed', 'runtime', 'distros/*/rule'],
};

/** External packages a room may import. The runtime needs nothing but Node. */
const packages: Record<string, readonly string[]> = {
  io: ['undici', 'xz-decompress'],
  sources: ['p-limit', 'openpgp'],
  'distros/*/data': ['p-limit', 'openpgp'],
  validate: ['ajv', 'libxml2-wasm', 'saxes'],
  image: ['p-limit'],
  scap: ['saxes'],
  comply: ['yaml'],
  publish: ['tuf-js', '@tufjs/models'],
};

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();

const imports = sources.flatMap((file) => importsOf(file).map((target) => ({ file, target })));

describe('the import table', () => {
  it('covers every room of src', () => {
    const known = new Set([...Object.keys(allowed), 'cli', '']);
    expect(sources.map(roomOf).filter((room) => !known.has(room))).toEqual([]);
  });

  it('is kept by every import of our own files', () => {
    const broken = imports.filter(({ file, target }) => {
      if (!target.startsWith('.')) return false;
      const from = roomOf(file);
      const to = roomOf(relative(src, resolve(src, dirname(file), target)));
      if (from === to || from === 'cli' || (from === '' && to === 'cli')) return false;
      if (from === '' && (to === 'model' || to === 'report')) return false;
      if (to === '..') return !/schemas|feeds|package\.json/.test(target);
      return !(allowed[from] ?? []).includes(to);
    });
    expect(broken).toEqual([]);
  });

  it('lets no vendor read another', () => {
    const crossed = imports.filter(({ file, target }) => {
      const own = vendorOf(file);
      const other = vendorOf(relative(src, resolve(src, dirname(file), target)));
      return target.startsWith('.') && own !== undefined && other !== undefined && own !== other;
    });
    expect(crossed).toEqual([]);
  });

  it('keeps external packages where they belong', () => {
    const foreign = imports.filter(({ file, target }) => {
      if (target.startsWith('.') || target.startsWith('node:')) return false;
      const name = target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/');
      return !(packages[roomOf(file)] ?? []).includes(name);
    });
    expect(foreign).toEqual([]);
  });
});

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)[^'"]*?from ['"]([^'"]+)['"]|^import ['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm,
  );
  return [...found].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

function roomOf(path: string): string {
  const parts = path.split('/').slice(0, -1);
  const inner = parts[0] === 'distros' && parts.length > 2 ? `distros/*/${parts[2]}` : undefined;
  return inner ?? parts[0] ?? '';
}

function vendorOf(path: string): string | undefined {
  return /^distros\/([^/]+)\//.exec(path)?.[1];
}
