import { writeBundle } from '../../publish/bundle/write-bundle.ts';
import { shellWord } from '../../report/shell-word.ts';
import { type Arguments, type Command, usage } from '../command.ts';
import { registryAccess, registryHelp, registryOptions } from '../options/registry-access.ts';
import type { Terminal } from '../terminal.ts';

export const bundle: Command = {
  name: 'bundle',
  synopsis: '--from DIR|URL|oci://HOST/NAME [OPTIONS]',
  summary: 'pack a published feed into one file for the other side of an air gap',
  help: `  --from PLACE       a published feed: folder, URL, oci://HOST/NAME[:TAG|@DIGEST] or OCI layout
  --platform ID      only this platform, or all that begin so: 'rhel-*'; repeatable (default: all)
  --no-oval          index only
  --out FILE         the bundle (default: feed.bundle)
${registryHelp}
The bundle is a tar of the signed metadata and of the files that it names. \`scapfeed pull --from feed.bundle\` makes the
same checks as on a server. Its signatures expire as on the server, three days after publish unless publish --expires says
otherwise; after that, pull needs --max-age to say how old the bundle may be: --max-age 30d.

Example:
  scapfeed bundle --from public --platform debian-12 --out feed.bundle
`,
  options: {
    from: { type: 'string' },
    platform: { type: 'string', multiple: true },
    'no-oval': { type: 'boolean' },
    out: { type: 'string' },
    ...registryOptions,
  },
  positionals: { min: 0, max: 0 },
  run,
};

async function run({ values }: Arguments, terminal: Terminal): Promise<number> {
  const from = values['from'] as string | undefined;
  if (from === undefined)
    throw usage(bundle, 'expected --from PLACE', 'name a published folder, URL or oci://HOST/NAME');
  const platforms = values['platform'] as string[] | undefined;
  const {
    file,
    size,
    platforms: packed,
    expires,
  } = await writeBundle({
    from,
    file: (values['out'] as string | undefined) ?? 'feed.bundle',
    oval: values['no-oval'] !== true,
    ...(platforms === undefined ? {} : { platforms }),
    ...registryAccess(values, terminal.env),
    progress: terminal.progress,
  });
  terminal.out(
    `${file}: ${size.toLocaleString('en-US')} bytes, ${packed.join(', ')}\n` +
      `signatures expire ${expires}; from then on, pull needs --max-age, such as --max-age 30d\n` +
      `next: on the other side, scapfeed pull --from ${shellWord(file)} --trust-root root.json\n`,
  );
  return 0;
}
