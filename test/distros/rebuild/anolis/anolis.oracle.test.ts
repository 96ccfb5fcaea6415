import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { definitionId } from '../../../../src/oval/document/document.ts';
import { flawKey, inventoryKey, ovalNamespace } from '../../../../src/oval/forms/rows.ts';
import { readPatches } from '../../../../src/sources/oval/read-patches.ts';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import { Random } from '../../../prove/random.ts';
import { scapfeed } from '../../../support/cli.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { judgedByOscap } from '../judged-by-oscap.ts';
import { type Ansa, anolisRoot, ansaId, ansaOval, rpm, writeAnolisMirror } from './world.ts';

function build(documents: Parameters<typeof writeAnolisMirror>[0], ...more: readonly string[]): string {
  const out = join(temporaryFolder('feed'), 'out');
  const built = scapfeed([
    ...['build', '--source', 'anolis', '--mirror', writeAnolisMirror(documents), ...more],
    ...['--snapshots', join(out, '../snapshots'), '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
  return out;
}

const able = existsSync(rpmDatabaseMaker) && hasOracle('oscap', 'python3', 'rpm');

describe.skipIf(!able)('Anolis OS', () => {
  it('is judged by scan, and by oscap on its OVAL: packages of its vendor, without a known key', () => {
    const rows = ['bind < 32:9.18.34-1.an23', 'bind-chroot < 32:chroot-9.18.34-1.an23'];
    const out = build({ 23: [{ id: 'ANSA-2025:0186', cves: ['CVE-2024-11187'], rows }] });
    const foreign = rpm('bind-32:9.18.33-1.an23.x86_64', { vendor: 'Somebody' });
    const chroot = rpm('bind-chroot-32:9.18.33-1.an23.x86_64');
    const root = anolisRoot('23.3', [foreign, chroot]);
    const { out: text } = scapfeed(['scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json']);
    const { verdicts, uncovered } = JSON.parse(text) as {
      verdicts: { package: { name: string }; fixedVersion: string; marks: string[] }[];
      uncovered: { name: string; reason: string }[];
    };
    expect(verdicts.map(({ package: { name }, fixedVersion, marks }) => [name, fixedVersion, marks])).toEqual(
      [['bind-chroot', '32:9.18.34-1.an23', ['unsigned']]],
    );
    expect(uncovered).toMatchObject([{ name: 'bind', reason: 'not_covered' }]);
    const oval = oscapVerdicts(join(out, 'oval/anolis-23.oval.xml'), { root });
    const of = (key: string) => oval.get(definitionId(ovalNamespace('anolis-23'), key));
    expect([of(inventoryKey), of(flawKey('fixed', 'CVE-2024-11187', 'bind-chroot'))]).toEqual([
      'true',
      'true',
    ]);
  });

  it("a document in the form of Anolis's says by oscap what the index says, but for builds that begin with a name", async () => {
    const random = new Random(1);
    const bounds = ['1.2-3.an23', '1.2-10.an23', '1.2-3.0.1.an23'];
    const made = Array.from({ length: 600 }, (_, at) => {
      const end = random.chance(40) ? random.pick(['libs', 'utils', 'dnssec-utils']) : undefined;
      const name = end === undefined ? `pkg${at}` : `pkg${at}-${end}`;
      const [epoch, bound] = [random.pick(['0', '2']), random.pick(bounds)];
      const ansa = (below: string): Ansa => ({
        id: `ANSA-2026:${1000 + at}`,
        cves: [`CVE-2024-${10_000 + at}`],
        rows: [`${name} < ${epoch}:${below}`],
      });
      const build = random.pick([`${bound}~`, bound, `${bound}.1`, '1.2-2.an23', '1.2-20.an23']);
      return {
        asWritten: ansa(end === undefined ? bound : `${end}-${bound}`),
        mended: ansa(bound),
        isNamed: end !== undefined,
        installed: rpm(`${name}-${epoch}:${build}.x86_64`),
      };
    });
    const [file, mended] = ['written.xml', 'mended.xml'].map((name) => join(temporaryFolder('oval'), name));
    writeFileSync(
      file!,
      ansaOval(
        made.map(({ asWritten }) => asWritten),
        '23',
      ),
    );
    writeFileSync(
      mended!,
      ansaOval(
        made.map((each) => each.mended),
        '23',
      ),
    );
    const root = anolisRoot(
      '23.3',
      made.map(({ installed }) => installed),
    );
    const feed = build({ 23: made.map(({ asWritten }) => asWritten) }, '--no-oval');
    const judged = async (of: string) =>
      judgedByOscap(of, root, feed, [...(await readPatches(pieces(of), of))]);

    const same = await judged(mended!);
    expect(same.differ).toEqual([]);
    expect(same.affected).toBeGreaterThan(150);
    const named = new Set(made.filter(({ isNamed }) => isNamed).map(({ asWritten: { id } }) => ansaId(id)));
    const { differ } = await judged(file!);
    expect(differ.length).toBeGreaterThan(20);
    expect(differ.filter((id) => !named.has(id))).toEqual([]);
  }, 300_000);
});

async function* pieces(file: string): AsyncGenerator<Buffer> {
  yield readFileSync(file);
}
