import { spawnSync } from 'node:child_process';

/** `oscap oval eval` with its real probes, on a root or in a folder with a manifest: result by definition id. */
export function oscapVerdicts(
  document: string,
  { root, folder }: { root?: string; folder?: string },
): Map<string, string> {
  const run = spawnSync('oscap', ['oval', 'eval', '--skip-validation', document], {
    ...(folder === undefined ? {} : { cwd: folder }),
    env: { ...process.env, ...(root === undefined ? {} : { OSCAP_PROBE_ROOT: root }) },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`oscap oval eval: ${run.stderr.slice(0, 500)}`);
  const results = new Map<string, string>();
  for (const [, id, result] of run.stdout.matchAll(
    /^Definition (.+): (true|false|unknown|error|not (?:applicable|evaluated))$/gm,
  ))
    results.set(id!, result!);
  return results;
}
