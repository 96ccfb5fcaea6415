import { basename } from 'node:path';
import { readNamed } from '../../io/read-at-most.ts';
import { openBundle } from '../../publish/bundle/open-bundle.ts';
import { writeBundle } from '../../publish/bundle/write-bundle.ts';
import { newestRootFile, openKeyStore } from '../../publish/keys/key-store.ts';
import { line } from '../../report/printable.ts';
import { shellWord } from '../../report/shell-word.ts';
import { bundleOptions } from '../../tasks/publish/pull-options.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { registryAccess } from '../options/registry-access.ts';
import { keyFolder } from '../options/signing-date.ts';
import type { Terminal } from '../terminal.ts';

export const bundle = defineCommand({
  name: 'bundle',
  operands: [],
  options: bundleOptions,
  isLong: true,
  mainOption: 'from',
  notes: `The bundle is a tar of the signed metadata and the files that it lists. \`scapfeed pull --from feed.bundle\` makes
the same checks as on a server. Its signatures expire as on the server, three days after publish unless publish --expires
says otherwise; after that, pull needs a maximum age for the bundle: --max-age 30d.`,
  examples: ['scapfeed bundle --from public --platform debian-12 --out feed.bundle'],
  run,
});

async function run(
  { options: given }: Arguments<typeof bundleOptions, []>,
  terminal: Terminal,
): Promise<number> {
  const { from, out, platform: platforms } = given;
  const {
    file,
    size,
    platforms: packed,
    expires,
  } = await writeBundle({
    from,
    file: out,
    oval: !given['no-oval'],
    content: !given['no-content'],
    ...(platforms === undefined ? {} : { platforms }),
    ...(given.without === undefined ? {} : { without: given.without }),
    ...registryAccess(given, terminal.env),
    progress: terminal.progress,
  });
  terminal.out(
    `${file}: ${size.toLocaleString('en-US')} bytes, ${packed.join(', ')}\n` +
      `signatures expire ${expires}; from then on, pull needs --max-age, such as --max-age 30d\n` +
      nextText(file, newestRootFile(openKeyStore(keyFolder(undefined, terminal.env)))),
  );
  return 0;
}

/** The root must not come from where the bundle comes from: it is named only if it is at its place on this machine. */
function nextText(file: string, root: string): string {
  const words = ['scapfeed', 'pull', '--from', file];
  const isOurs = isRootOf(file, root);
  return [
    line(
      `next: on the other side, ${[...words, ...(isOurs ? ['--trust-root', root] : [])].map(shellWord).join(' ')}`,
    ),
    line(
      isOurs
        ? `      give ${root} to the other side by another way than the bundle`
        : "      a first pull there also needs --trust-root FILE, the publisher's root, which comes by another way than the bundle",
    ),
  ].join('');
}

function isRootOf(file: string, root: string): boolean {
  const bundle = openBundle(file);
  try {
    return bundle.read(`metadata/${basename(root)}`, maxRoot)?.equals(readNamed(root, maxRoot)) === true;
  } catch {
    // The bundle is written, whatever is at that place.
    return false;
  } finally {
    bundle.close();
  }
}

/** More bytes than a root has. */
const maxRoot = 1 << 20;
