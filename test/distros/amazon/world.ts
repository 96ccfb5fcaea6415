import { channelFiles, type MadeUpdate } from '../../support/updateinfo.ts';
import { newMirror } from '../shared/errata-world.ts';

/** Updates by release and channel: `2 core`, `2 extras docker`, `2023 kernel-livepatch`; a text: the list itself. */
export type AmazonWorld = Readonly<Record<string, readonly (MadeUpdate | string)[] | string | undefined>>;

/** A mirror in the layout that `--mirror` takes. Topics of the catalog are those of the world, `more`, and one without a repository. */
export function writeAmazonMirror(world: AmazonWorld, more: readonly string[] = []): string {
  const { folder, write } = newMirror('amazon');
  const topics = Object.keys(world).flatMap((name) => /^2 extras (.+)$/.exec(name)?.[1] ?? []);
  if (Object.keys(world).some((name) => name.startsWith('2 ')))
    write(
      'cdn.amazonlinux.com/2/extras-catalog.json',
      JSON.stringify({
        topics: ['emacs', ...topics, ...more].map((n) => ({ n, inst: [n], versions: ['stable'] })),
      }),
    );
  for (const [name, updates] of Object.entries(world)) {
    const list = listOf(name);
    const base = list.replace('latest', '2.0').replace(/mirror\.list$/, '0a1b2c3d');
    const host = base.replace('repo.us-west-2.', 'packages.us-west-2.');
    for (const [path, content] of Object.entries(channelFiles(list, host, updates))) write(path, content);
  }
  return folder;
}

function listOf(name: string): string {
  const [release = '', channel = '', topic = ''] = name.split(' ');
  if (release === '2018.03') return 'repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list';
  if (release === '2023') return `cdn.amazonlinux.com/al2023/${channel}/mirrors/latest/x86_64/mirror.list`;
  return `cdn.amazonlinux.com/2/${[channel, topic].filter(Boolean).join('/')}/latest/x86_64/mirror.list`;
}
