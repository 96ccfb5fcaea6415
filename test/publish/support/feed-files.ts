import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../../src/model/feed/index.ts';
import { offsetsOf, offsetsPath, sha256 } from '../../../src/publish/feed/lines.ts';

/** Changes the manifest of a feed directory in its place; returns the directory. */
export function changeManifest(feed: string, change: (manifest: Manifest) => void): string {
  const path = join(feed, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
  return feed;
}

/** Writes a file of a feed, or changes its text, and gives it the digest that the manifest then says. */
export function addOutput(feed: string, path: string, content: string | ((text: string) => string)): string {
  const file = join(feed, path);
  mkdirSync(dirname(file), { recursive: true });
  const text = typeof content === 'string' ? content : content(readFileSync(file, 'utf8'));
  const bytes = Buffer.from(text);
  const written = new Map<string, Buffer>([[path, bytes]]);
  if (path.startsWith('index/')) written.set(offsetsPath(path), offsetsOf(bytes, path));
  for (const [name, body] of written) writeFileSync(join(feed, name), body);
  return changeManifest(feed, (manifest) => {
    const kept = manifest.outputs.filter((output) => !written.has(output.path));
    const made = [...written].map(([name, body]) => ({
      path: name,
      sha256: sha256(body),
      size: body.length,
    }));
    manifest.outputs = [...kept, ...made].sort((a, b) => (a.path < b.path ? -1 : 1));
  });
}
