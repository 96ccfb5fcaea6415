import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import { Random } from '../../../prove/random.ts';
import type { RpmPackage } from '../../../prove/trial.ts';
import { scapfeed } from '../../../support/cli.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { share } from '../../../support/trials.ts';
import { type Elsa, elsaOval, keys, moduleRecords, oracleRoot, rpm, writeOracleMirror } from './world.ts';

// One document in the form of Oracle's: evaluated as it is by oscap and by `scapfeed eval`, and compiled to an index. Packages are
// installed around each bound. The index says the same, or one of the classes of docs/oracle.md.

/** A definition with one package, the package as installed, and why the index may say something else. */
interface Case {
  elsa: Elsa;
  installed: RpmPackage;
  class: 'module' | 'same' | 'signature';
}

const module = 'virt:kvm_utils';
const flavours = {
  ksplice: ['2:', '.ksplice1.el8'],
  fips: ['10:', '.el8_fips'],
  plain: ['', '.el8'],
} as const;

function caseOf(random: Random, at: number): Case {
  const name = `pkg${at}`;
  const digits = String(10_000 + at);
  const flavour = random.pick(['plain', 'plain', 'ksplice', 'fips'] as const);
  const modular = flavour === 'plain' && random.chance(20);
  const buildOf = (revision: string, of: keyof typeof flavours, inModule: boolean) => {
    const [epoch, end] = flavours[of];
    return `${epoch}1.2-${revision}${inModule ? '.module+el8.7.0+21037+8ee66348' : end}`;
  };
  const row = (revision: string) =>
    `${name} < ${buildOf(revision, flavour, modular).replace(/^(?!\d+:)/, '0:')}${modular ? ` ${module}` : flavour === 'plain' ? '' : ` ${flavour}`}`;
  const bound = random.pick(['3', '10', '3.0.1']);
  const elsewhere = random.pick([bound, '9']);
  const elsa: Elsa = {
    id: `ELSA-2024-${digits}`,
    cves: [`CVE-2024-${digits}`],
    releases: {
      8: { aarch64: [row(elsewhere)], x86_64: [row(bound)] },
      ...(random.chance(30) ? { 9: { x86_64: [row('99')] } } : {}),
    },
  };
  const inModule = modular && random.chance(85);
  const other = modular || random.chance(75) ? flavour : random.pick(['plain', 'ksplice', 'fips'] as const);
  const [version, ...release] = buildOf(
    random.pick([`${bound}~`, bound, `${bound}.1`, '2', '20']),
    other,
    inModule,
  ).split('-');
  const signature = random.pick([{}, {}, {}, { keyid: keys.ol9 }, { keyid: undefined }]);
  const label = inModule ? { modularitylabel: `${module}:8070020230515000000:abcdef01` } : {};
  const made = {
    ...rpm(`${name}-${version}-${release.join('-')}.${random.pick(['x86_64', 'x86_64', 'i686'])}`),
    ...label,
  };
  return {
    elsa,
    installed: JSON.parse(JSON.stringify({ ...made, ...signature })) as RpmPackage,
    class: 'keyid' in signature ? 'signature' : modular && !inModule ? 'module' : 'same',
  };
}

const able = existsSync(rpmDatabaseMaker) && hasOracle('oscap', 'python3', 'rpm');

describe.skipIf(!able)("a document in the form of Oracle's OVAL", () => {
  it.each(share([1, 2, 3], 1))(
    'says what the index made of it says, for a thousand packages: %s',
    (seed) => {
      const random = new Random(seed);
      const cases = Array.from({ length: 1000 }, (_, at) => caseOf(random, at));
      const elsas = cases.map(({ elsa }) => elsa);
      const folder = temporaryFolder('oval');
      const [file, out] = [join(folder, 'elsa.xml'), join(folder, 'out')];
      writeFileSync(file, elsaOval(elsas));
      const built = scapfeed([
        ...['build', '--source', 'oracle', '--mirror', writeOracleMirror({ 8: elsas }), '--no-oval'],
        ...['--snapshots', join(folder, 'snapshots'), '--out', out],
      ]);
      expect(built, built.err).toMatchObject({ code: 0 });

      const installed = cases.map((each) => each.installed);
      const root = oracleRoot('8.10', installed, moduleRecords([module]));
      const oscap = oscapVerdicts(file, { root });
      const evaluated = scapfeed(['eval', `dir:${root}`, '--content', file, '--all', '-o', 'json']);
      const { definitions } = JSON.parse(evaluated.out) as { definitions: { id: string; result: string }[] };
      expect(new Map(definitions.map(({ id, result }) => [id, result]))).toEqual(oscap);

      const scanned = scapfeed(['scan', `dir:${root}`, '--feed', out, '-o', 'json', '--max-age', '0']);
      const { verdicts } = JSON.parse(scanned.out) as { verdicts: { package: { name: string } }[] };
      const told = new Set(verdicts.map((verdict) => verdict.package.name));
      const unexplained: string[] = [];
      const differ = { module: 0, signature: 0, same: 0 };
      let affected = 0;
      for (const { elsa, installed: pkg, class: kind } of cases) {
        const byOval = oscap.get(`oval:com.oracle.elsa:def:${elsa.id.replace(/\D/g, '')}`) === 'true';
        const byIndex = told.has(pkg.name);
        if (byIndex) affected += 1;
        if (byOval === byIndex) continue;
        differ[kind] += 1;
        // Unsigned packages and those of a key of another release are judged; builds outside modules not by those of one.
        const isClass = kind === 'signature' ? byIndex : kind === 'module' && byOval;
        if (!isClass) unexplained.push(`${elsa.id} ${JSON.stringify(pkg)}`);
      }
      expect(unexplained).toEqual([]);
      expect(affected).toBeGreaterThan(250);
      expect(differ.module).toBeGreaterThan(0);
      expect(differ.signature).toBeGreaterThan(0);
    },
    300_000,
  );
});
