import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { project } from '../support/cli.ts';

/** Makes live objects and others that die late, and says how large the heap becomes while it grows slowly, and after that. */
const program = `
import { releaseMemory, whileHeapGrowsSlowly } from '${pathToFileURL(join(project, 'src/io/memory.ts'))}';
const live = Array.from({ length: 600_000 }, (_, at) => ({ at, pair: [at, at] }));
function peak() {
  releaseMemory();
  const ring = [];
  let most = 0;
  for (let at = 0; at < 4_000_000; at++) {
    ring[at % 200_000] = { at, pair: [at] };
    if (at % 20_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
  }
  return most + live.length * 0;
}
const slowly = await whileHeapGrowsSlowly(40, async () => peak());
console.log(JSON.stringify({ slowly, after: peak() }));
`;

it('a heap grows slowly during some work, and as before when it is done', () => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  const { slowly, after } = JSON.parse(stdout) as { slowly: number; after: number };
  expect(slowly).toBeLessThan(250_000_000);
  // The V8 of Node 24 lets this heap grow no faster by itself.
  if (Number.parseInt(process.versions.node, 10) < 24) expect(after).toBeGreaterThan(slowly * 1.25);
});
