import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../src');

/** What each folder of src may import, besides itself. ARCHITECTURE.md shows the same table. */
const allowed: Record<string, readonly string[]> = {
  model: [],
  versions: ['model'],
  io: ['model'],
  sources: ['model', 'versions', 'io'],
  compile: ['model', 'versions', 'io'],
  oval: ['model', 'versions', 'io'],
  xccdf: ['model', 'versions', 'io', 'oval'],
  validate: ['model', 'versions', 'io'],
  registry: ['model', 'io'],
  image: ['model', 'io', 'registry'],
  inventory: ['model', 'io', 'versions'],
  scan: ['model', 'versions'],
  scap: ['model', 'versions', 'io'],
  comply: ['model', 'versions', 'io', 'scap', 'inventory'],
  verify: ['model', 'versions', 'io', 'inventory'],
  report: ['model'],
  publish: ['model', 'versions', 'io', 'registry', 'compile', 'scan'],
};

/** External packages a folder may import. The runtime needs nothing but Node. */
const packages: Record<string, readonly string[]> = {
  io: ['undici', 'xz-decompress'],
  sources: ['p-limit', 'openpgp'],
  validate: ['ajv', 'libxml2-wasm', 'saxes'],
  image: ['p-limit'],
  scap: ['saxes'],
  comply: ['yaml'],
  publish: ['tuf-js', '@tufjs/models'],
};

const imports = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .flatMap((file) => importsOf(file).map((target) => ({ file, target })));

describe('the import table', () => {
  it('covers every folder of src', () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const known = [...Object.keys(allowed), 'commands'];
    expect(folders.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('is kept by every import of our own files', () => {
    const broken = imports.filter(({ file, target }) => {
      if (!target.startsWith('.')) return false;
      const from = folderOf(file);
      const to = folderOf(relative(src, resolve(src, dirname(file), target)));
      if (from === to || from === 'commands' || (from === '' && to === 'commands')) return false;
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
      return !(packages[folderOf(file)] ?? []).includes(name);
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

function folderOf(path: string): string {
  return path.includes('/') ? path.split('/')[0]! : '';
}

function vendorOf(path: string): string | undefined {
  return /^sources\/([^/]+)\//.exec(path)?.[1];
}
