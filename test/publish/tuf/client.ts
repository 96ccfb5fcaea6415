#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { sha256 } from '../../../src/publish/feed/lines.ts';
import { fetchTarget } from '../../../src/publish/pull/fetch-target.ts';
import { openOrigin } from '../../../src/publish/pull/open-origin.ts';
import { refreshTrust } from '../../../src/publish/pull/trust.ts';

const text = { type: 'string' } as const;
const options = {
  'metadata-dir': text,
  'metadata-url': text,
  'target-base-url': text,
  'target-dir': text,
  'target-name': { type: 'string', multiple: true },
} as const;

/**
 * `scapfeed pull` of a feed's metadata and targets, behind the command line that tuf-conformance asks of a client:
 * `init ROOT`, `refresh` and `download`. The metadata folder is the folder of a client's trust. Throws the errors of `pull`.
 */
export async function tufClient(args: string[], now: Date): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const given = (name: keyof typeof options) => {
    const value = values[name];
    if (typeof value !== 'string') throw new Error(`--${name} is missing`);
    return value;
  };
  const [command, root] = positionals;
  const folder = given('metadata-dir');
  if (command === 'init') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'root.json'), readFileSync(root!), { mode: 0o600 });
    return;
  }
  const site = siteOf(given('metadata-url'), 'metadata');
  const origin = await openOrigin(site, { http: { env: {}, limits: { retries: 0 } } }, folder);
  try {
    const trusted = await refreshTrust({ folder, origin, now });
    if (command !== 'download') return;
    if (siteOf(given('target-base-url'), 'targets') !== site) throw new Error('a feed is below one address');
    const targetFolder = given('target-dir');
    for (const name of values['target-name'] ?? []) {
      // The role of a feed's target is the first part of its name.
      const targets = await trusted.targets(name.slice(0, name.indexOf('/')));
      const info = targets[name];
      if (!info) throw Object.assign(new Error(`no target ${name}`), { code: 'NO_TARGET' });
      const file = join(targetFolder, encodeURIComponent(name));
      if (existsSync(file) && sha256(readFileSync(file)) === info.hashes.sha256) continue;
      const bytes = await fetchTarget(origin, name, info);
      mkdirSync(targetFolder, { recursive: true });
      writeFileSync(file, bytes);
    }
  } finally {
    await origin.close();
  }
}

function siteOf(url: string, folder: string): string {
  const site = url.replace(/\/+$/, '');
  if (!site.endsWith(`/${folder}`))
    throw new Error(`expected an address that ends with /${folder}, found ${url}`);
  return site.slice(0, -folder.length - 1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await tufClient(process.argv.slice(2), new Date()).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
