import { writeBundle } from '../publish/bundle/write-bundle.ts';
import { type Arguments, type Command, usage } from './command.ts';
import type { Terminal } from './terminal.ts';

export const bundle: Command = {
  name: 'bundle',
  synopsis: '--from DIR [OPTIONS]',
  summary: 'pack a published feed into one file for the other side of an air gap',
  help: `  --from DIR         a folder that publish made
  --platform ID      only this platform; repeatable (default: all)
  --no-oval          index only
  --out FILE         the bundle (default: feed.bundle)

The bundle is a tar with all signatures in it; \`scapfeed pull --from feed.bundle\` makes the same checks as on a server.

Example:
  scapfeed bundle --from public --platform debian-12 --out feed.bundle
`,
  options: {
    from: { type: 'string' },
    platform: { type: 'string', multiple: true },
    'no-oval': { type: 'boolean' },
    out: { type: 'string' },
  },
  positionals: { min: 0, max: 0 },
  run,
};

async function run({ values }: Arguments, terminal: Terminal): Promise<number> {
  const from = values['from'] as string | undefined;
  if (from === undefined) throw usage(bundle, 'expected --from DIR', 'name a folder that publish made');
  const platforms = values['platform'] as string[] | undefined;
  const outcome = writeBundle({
    from,
    file: (values['out'] as string | undefined) ?? 'feed.bundle',
    oval: values['no-oval'] !== true,
    ...(platforms === undefined ? {} : { platforms }),
  });
  terminal.out(
    `${outcome.file}: ${outcome.size.toLocaleString('en-US')} bytes, ${outcome.platforms.join(', ')}\n` +
      `next: on the other side, scapfeed pull --from ${outcome.file} --trust-root root.json\n`,
  );
  return 0;
}
