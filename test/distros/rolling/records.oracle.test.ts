import { join } from 'node:path';
import { expect, it } from 'vitest';
import { definitionId } from '../../../src/oval/document/document.ts';
import { flawKey, inventoryKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { Random } from '../../prove/random.ts';
import { scapfeed } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { fixRecord, writeCleanstartMirror } from './records-world.ts';
import { rollingRoot } from './world.ts';

interface Scanned {
  platform: { id: string };
  verdicts: { vulnerability: string }[];
}

it.skipIf(!hasOracle('oscap')).each(['cleanstart', 'clnstrt'])(
  'ID=%s: oscap says by the OVAL what scan says by the index, of packages around the bounds of OSV records',
  (id) => {
    const random = new Random(11);
    const installed: string[] = [];
    const records: object[] = [];
    for (let at = 0; at < 120; at++) {
      const bound = random.pick(['1.2.3-r4', '1.10_rc2-r0', '2.39-r10']);
      installed.push(`part${at} ${random.pick([bound, '1.2-r9', '1.10-r0', '3-r0'])} source${at}`);
      const flaw = `CVE-2026-${10_000 + at}`;
      records.push(fixRecord(at, `source${at}`, bound, [flaw]));
      // A second record of some, whose fix decides where it is the higher one.
      if (at % 3 === 0) records.push(fixRecord(at + 1000, `source${at}`, '2.0-r0', [flaw, `${flaw}0`]));
    }
    const home = temporaryFolder();
    const feed = join(home, 'feed');
    const built = scapfeed([
      ...['build', '--source', 'cleanstart', '--mirror', writeCleanstartMirror(records), '--out', feed],
      ...['--snapshots', join(home, 'snapshots')],
    ]);
    expect(built, built.err).toMatchObject({ code: 0 });
    const root = rollingRoot(id, installed);
    const scanned = scapfeed(['scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '-o', 'json']);
    const { platform, verdicts } = JSON.parse(scanned.out) as Scanned;
    expect(platform.id).toBe(`${id}-rolling`);
    const oval = oscapVerdicts(join(feed, `oval/${id}-rolling.oval.xml`), { root });
    const of = (key: string) => oval.get(definitionId(ovalNamespace(`${id}-rolling`), key));
    expect(of(inventoryKey)).toBe('true');
    const byOval = installed.flatMap((_, at) =>
      [`CVE-2026-${10_000 + at}`, `CVE-2026-${10_000 + at}0`].filter(
        (flaw) => of(flawKey('fixed', flaw, `source${at}`)) === 'true',
      ),
    );
    expect(byOval.length).toBeGreaterThan(30);
    expect(byOval.sort()).toEqual(verdicts.map(({ vulnerability }) => vulnerability).sort());
  },
);
