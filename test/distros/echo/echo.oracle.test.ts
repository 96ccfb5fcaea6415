import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { definitionId } from '../../../src/oval/document/document.ts';
import { flawKey, inventoryKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { Random } from '../../prove/random.ts';
import { trivyFindings } from '../../prove-exports/trivy.ts';
import { scapfeed } from '../../support/cli.ts';
import { hasOracle, npmCommand } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type EchoWorld, echoRoot, writeEchoMirror } from './world.ts';

describe.skipIf(!hasOracle('oscap'))('Echo', () => {
  it('oscap by the OVAL and real Trivy by the export say what scan says by the index, around the bounds of fixes', () => {
    const random = new Random(1);
    const packages: string[] = [];
    const world: Record<string, EchoWorld[string]> = {};
    for (let at = 0; at < 200; at++) {
      const bound = random.pick(['1.2-3', '1:1.2-10', '1.2~rc1-3', '1.2-3+e1']);
      const build = random.pick([bound, `${bound}~`, `${bound}.1`, '1.2-2', '2:0']);
      packages.push(`bin${at} ${build} src${at} ${build}`);
      const said = random.pick([
        { fixed_version: bound },
        { fixed_version: bound },
        {},
        { fixed_version: '0' },
      ]);
      world[`src${at}`] = { [`CVE-2026-${10_000 + at}`]: said };
    }
    const out = join(temporaryFolder('feed'), 'out');
    const built = scapfeed([
      ...['build', '--source', 'echo', '--mirror', writeEchoMirror(world)],
      ...['--snapshots', join(out, '../snapshots'), '--out', out],
    ]);
    expect(built, built.err).toMatchObject({ code: 0 });
    const root = echoRoot(packages);
    const scanned = scapfeed(['scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json']);
    const { verdicts } = JSON.parse(scanned.out) as {
      verdicts: { vulnerability: string; package: { source: { name: string } }; fixState: string }[];
    };
    const told = (fixState: string) =>
      verdicts.flatMap((each) => (each.fixState === fixState ? [each.vulnerability] : [])).sort();
    for (const [suffix, kind, fixState] of [
      ['oval', 'fixed', 'available'],
      ['unfixed.oval', 'unfixed', 'none_yet'],
    ] as const) {
      const oval = oscapVerdicts(join(out, `oval/echo-1.${suffix}.xml`), { root });
      const of = (key: string) => oval.get(definitionId(ovalNamespace('echo-1'), key));
      expect(of(inventoryKey)).toBe('true');
      const byOval = packages.flatMap((_, at) =>
        of(flawKey(kind, `CVE-2026-${10_000 + at}`, `src${at}`)) === 'true'
          ? [`CVE-2026-${10_000 + at}`]
          : [],
      );
      expect(byOval.sort()).toEqual(told(fixState));
      expect(byOval.length).toBeGreaterThan(20);
    }
    if (npmCommand('trivy') === undefined) return;
    const exported = scapfeed(['export', '--feed', out, '--to', 'trivy', '--out', join(out, '../exports')]);
    expect(exported, exported.err).toMatchObject({ code: 0 });
    const byTrivy = trivyFindings(join(out, '../exports'), root, temporaryFolder('trivy'));
    expect(byTrivy.map((each) => each.VulnerabilityID).sort()).toEqual(
      [...told('available'), ...told('none_yet')].sort(),
    );
  });
});
