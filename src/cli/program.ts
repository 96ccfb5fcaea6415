import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isExecutable, readEmbedded } from '../io/embedded.ts';

/** Identifies the code that runs: another build of this program has other files, even under the same version. */
export function programDigest(): string {
  // Made when the executable was (scripts/package), of everything in it.
  if (isExecutable()) return readEmbedded('digest')!.toString('latin1');
  const folder = dirname(realpathSync(process.argv[1] ?? '.'));
  const files = readdirSync(folder, { withFileTypes: true })
    // Thousands of declarations, which do not run, would take a tenth of a small build.
    .filter(({ name }) => !name.startsWith('types'))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(folder, entry.name), { recursive: true, encoding: 'utf8' }).map((name) =>
            join(entry.name, name),
          )
        : [entry.name],
    )
    .filter((name) => /\.c?js$/.test(name))
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    });
  return createHash('sha256')
    .update(`${folder} ${process.version} ${files.join('\n')}`)
    .digest('hex');
}

export { toolVersion } from '../tasks/tool-version.ts';
