// Whether dist/ is what a build now would make: `npm run demo`, `jobs`, `bench` and others begin with a build of 20 processor seconds.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Every script: those of the page and of undici were left out once, when they became files of their own. */
const inputs = [
  'src',
  'schemas',
  'feeds',
  ...readdirSync('scripts')
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => `scripts/${name}`),
];
const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.types.json'];
/** Of the packages as they are installed. */
const installed = ['node_modules/.package-lock.json'];
const kept = 'out/built';

/** By content of the inputs and of dist/, so that neither an edit nor damage there is taken for what was built. */
export function isBuilt() {
  return existsSync(kept) && readFileSync(kept, 'utf8') === digest();
}

export function keepBuilt() {
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, digest());
}

function digest() {
  const sum = createHash('sha256').update(process.version);
  for (const path of [...inputs, ...settings, ...installed, 'dist'].flatMap(filesOf))
    sum
      .update(`\n${path} ${statSync(path).mode} `)
      .update(createHash('sha256').update(readFileSync(path)).digest());
  return sum.digest('hex');
}

/** Code that V8 compiled is kept in dist/ by the commands that run. */
function filesOf(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  const inside = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = inside.map((entry) => join(entry.parentPath, entry.name));
  return paths.filter((name) => !/\.cache[^/]*$/.test(name)).sort();
}
