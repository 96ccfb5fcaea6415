// Bundled by redhat.bench.mjs and run in a process of its own: reading documents beside JSON.parse of the same bytes.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { majorsOf, redHatDefinition } from '../src/distros/redhat/definition.ts';
import { readDocument } from '../src/distros/redhat/document.ts';

const [task, ...paths] = process.argv.slice(2);
const runs = 5;
const majors = majorsOf(redHatDefinition);

if (task === 'one') {
  readDocument(bytesOf(paths[0]), 'redhat-advisories', 'x', majors);
} else {
  let parse = 0;
  let read = 0;
  for (const path of documentsBelow(paths[0])) {
    const bytes = bytesOf(path);
    const [a, b] = bothBest(
      () => JSON.parse(bytes.toString()),
      () => readDocument(bytes, 'redhat-vex', path, majors),
    );
    parse += a;
    read += b;
  }
  console.log(JSON.stringify({ parse, read }));
}

/** The best of some runs each, in turn: the machine is shared. */
function bothBest(first, second) {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let run = 0; run < runs; run++) {
    for (const [at, task] of [first, second].entries()) {
      const start = process.hrtime.bigint();
      task();
      best[at] = Math.min(best[at], Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  return best;
}

/** Real documents, apart from the stubs that peers made for their negative tests. */
function documentsBelow(folder) {
  const names = ['vex', 'vex-new-feed', 'csaf-advisory'].flatMap((kind) =>
    readdirSync(join(folder, kind), { recursive: true }).map((name) => join(folder, kind, name)),
  );
  return names.filter((name) => /\.(?:json|xz)$/.test(name) && !/delete_|invalid\//.test(name));
}

function bytesOf(path) {
  return path.endsWith('.xz')
    ? execFileSync('xz', ['-dc', path], { maxBuffer: 2 ** 28 })
    : readFileSync(path);
}
