import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { project, scapfeed } from './cli.ts';
import { smallStream } from './small-stream.ts';
import { temporaryFolder } from './temporary.ts';

/** A feed of the sample of Debian's data with the small benchmark, without OVAL. */
export function feedWithContent(): string {
  const folder = temporaryFolder('content-feed');
  cpSync(join(project, 'feeds/sample'), join(folder, 'mirror'), { recursive: true });
  writeFileSync(join(folder, 'ssg-small-ds.xml'), smallStream());
  const entry = { id: 'small', folder, licence: 'BSD-3-Clause', products: ['small'] };
  writeFileSync(join(folder, 'list.json'), JSON.stringify({ content: [entry] }));
  const feed = join(folder, 'feed');
  const { code, err } = scapfeed([
    ...[
      'build',
      '--source',
      'debian',
      '--no-ratings',
      '--mirror',
      join(folder, 'mirror'),
      '--unsigned-mirror',
      '--no-oval',
    ],
    ...['--content', join(folder, 'list.json'), '--snapshots', join(folder, 'snapshots'), '--out', feed],
  ]);
  if (code !== 0) throw new Error(err);
  return feed;
}
