import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rollingSecdb, vendors } from '../distros/rolling/world.ts';
import { project, scapfeedProcess } from './cli.ts';
import { madeOnce } from './made-once.ts';
import { temporaryFolder } from './temporary.ts';

/**
 * A feed of all sources: those of feeds/sample, and Wolfi's, whose licence keeps its documents out of there. Without OVAL; made once in a
 * run of the tests.
 */
export function sampleFeed(): string {
  const folder = madeOnce(join(tmpdir(), 'sample-feed'), (pending) => {
    const mirror = join(temporaryFolder('mirror'), 'sample');
    cpSync(join(project, 'feeds/sample'), mirror, { recursive: true });
    const secdb = join(mirror, vendors.wolfi.definition.secdb.replace('https://', ''));
    mkdirSync(dirname(secdb), { recursive: true });
    writeFileSync(secdb, rollingSecdb('wolfi', { curl: { '8.4.0-r0': ['CVE-2023-38545'] } }));
    const { code, err } = scapfeedProcess(
      [
        ...['build', '--source', 'all,wolfi', '--mirror', mirror, '--unsigned-mirror', '--no-oval'],
        ...['--snapshots', join(pending, 'snapshots'), '--out', join(pending, 'feed')],
      ],
      {},
      project,
    );
    if (code !== 0) throw new Error(err);
  });
  return join(folder, 'feed');
}
