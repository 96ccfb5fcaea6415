import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../support/temporary.ts';

/** A root file system of the given files, by path without the leading slash. */
export function rootOf(files: Record<string, string>): string {
  const root = temporaryFolder('root');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

export const bookwormRelease =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n';
export const forkyRelease =
  'PRETTY_NAME="Debian GNU/Linux forky/sid"\nNAME="Debian GNU/Linux"\nVERSION_CODENAME=forky\nID=debian\n';

/** `oscap oval eval` on a root: result by definition id. */
export function oscapEval(document: string, root: string): Map<string, string> {
  const out = execFileSync('oscap', ['oval', 'eval', '--skip-validation', document], {
    env: { ...process.env, OSCAP_PROBE_ROOT: root },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const results = new Map<string, string>();
  for (const [, id, result] of out.matchAll(/^Definition (\S+): (.+)$/gm)) results.set(id!, result!);
  return results;
}

/** XSD validity by libxml2's own tool; the text of the errors, empty when valid. */
export function xsdErrors(document: string, schema: string): string {
  try {
    execFileSync('xmllint', ['--huge', '--noout', '--schema', schema, document], { stdio: 'pipe' });
    return '';
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr);
  }
}
