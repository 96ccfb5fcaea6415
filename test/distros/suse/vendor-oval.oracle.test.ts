import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { scapfeed } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { share } from '../../support/trials.ts';
import { rpm, suseRoot } from './system.ts';
import { type SuseVex, writeSuseMirror } from './world.ts';

// SUSE's own OVAL, evaluated by oscap and by `scapfeed eval`, beside verdicts by CSAF-VEX documents of the same facts. The
// files at hand are cut: definitions are whole, but most tests are not there. Those are written here in the form of the others.

/** A package of a definition: builds before this one are affected. */
interface Told {
  definition: string;
  cve: readonly string[];
  name: string;
  below: string;
}

const product = 'SUSE Linux Enterprise Server 16.0';
const folder = ['mirror', 'ftp.suse.com', 'pub/projects/security/oval'] as const;
const able = existsSync(rpmDatabaseMaker) && hasOracle('oscap', 'python3', 'rpm') && hasData(...folder);
const names = able
  ? readdirSync(dataPath(...folder)).filter((name) => /^suse\.linux\.enterprise\.16-.*\.gz$/.test(name))
  : [];

const build = /^(?<name>.+)-(?<version>[^-\s]+-[^-\s]+) is installed$/;

/** By the definitions' comments, which name the builds. */
function toldBy(text: string): Told[] {
  return [...text.matchAll(/<definition id="([^"]+)"[\s\S]*?<\/definition>/g)].flatMap(
    ([part, definition = '']) => {
      const cve = [...new Set([...part.matchAll(/CVE-\d{4}-\d{4,}/g)].map(([id]) => id))];
      return criteriaOf(part).flatMap(({ comment }) => {
        const { name, version } = build.exec(comment)?.groups ?? {};
        return name && version ? [{ definition, cve, name, below: version }] : [];
      });
    },
  );
}

function criteriaOf(text: string): { test: string; comment: string }[] {
  return [...text.matchAll(/<criterion test_ref="([^"]+)" comment="([^"]+)"\/>/g)].map(
    ([, test = '', comment = '']) => ({ test, comment }),
  );
}

const linux = 'xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux"';

/** The document with the tests that it lacks. */
function completed(text: string): string {
  const missing = new Map(
    criteriaOf(text).flatMap(({ test, comment }) =>
      text.includes(`<rpminfo_test id="${test}"`) ? [] : [[test, comment] as const],
    ),
  );
  let [tests, objects, states] = ['', '', ''];
  for (const [test, comment] of missing) {
    const { name = 'sles-release', version } = build.exec(comment)?.groups ?? {};
    const [object, state] = [test.replace(':tst:', ':obj:9'), test.replace(':tst:', ':ste:9')];
    tests += `<rpminfo_test id="${test}" version="1" comment="${name}" check="at least one" ${linux}><object object_ref="${object}"/><state state_ref="${state}"/></rpminfo_test>`;
    objects += `<rpminfo_object id="${object}" version="1" ${linux}><name>${name}</name></rpminfo_object>`;
    states += `<rpminfo_state id="${state}" version="1" ${linux}>${
      version === undefined
        ? '<version operation="equals">16.0</version>'
        : `<arch datatype="string" operation="pattern match">(aarch64|ppc64le|s390x|x86_64)</arch><evr datatype="evr_string" operation="less than">0:${version}</evr>`
    }</rpminfo_state>`;
  }
  return text
    .replace('</tests>', `${tests}</tests>`)
    .replace('</objects>', `${objects}</objects>`)
    .replace('</states>', `${states}</states>`);
}

describe.skipIf(!able).each(names)("SUSE's own %s", (file16) => {
  const text = completed(gunzipSync(readFileSync(dataPath(...folder, file16))).toString());
  const told = toldBy(text);
  const work = temporaryFolder('feed');
  const out = join(work, 'out');
  const file = join(work, 'vendor.oval.xml');

  beforeAll(() => {
    writeFileSync(file, text);
    const archive = [...new Set(told.flatMap(({ cve }) => cve))].map((id): SuseVex => {
      const own = told.filter(({ cve }) => cve.includes(id));
      return {
        id,
        status: { recommended: own.map(({ name, below }) => `${product}:${name}-${below}` as const) },
      };
    });
    const built = scapfeed([
      ...[
        'build',
        '--source',
        'suse',
        '--mirror',
        writeSuseMirror({ archive }),
        '--unsigned-mirror',
        '--no-oval',
      ],
      ...['--snapshots', join(work, 'snapshots'), '--out', out],
    ]);
    expect(built, built.err).toMatchObject({ code: 0 });
  });

  /** CVEs by oscap's definitions, and by the index; `scapfeed eval` must say what oscap says. */
  function judged(root: string): { oval: string[]; index: string[] } {
    const oscap = oscapVerdicts(file, { root });
    const { out: evaluated } = scapfeed(['eval', `dir:${root}`, '--content', file, '--all', '-o', 'json']);
    const { definitions } = JSON.parse(evaluated) as { definitions: { id: string; result: string }[] };
    expect(new Map(definitions.map(({ id, result }) => [id, result]))).toEqual(oscap);
    const scan = scapfeed(['scan', `dir:${root}`, '--feed', out, '-o', 'json', '--max-age', '0']);
    const { verdicts } = JSON.parse(scan.out) as { verdicts: { vulnerability: string }[] };
    const oval = told.flatMap(({ definition, cve }) => (oscap.get(definition) === 'true' ? cve : []));
    return {
      oval: [...new Set(oval)].sort(),
      index: [...new Set(verdicts.map(({ vulnerability }) => vulnerability))].sort(),
    };
  }

  it('says what the index says, package by package', () => {
    expect(told.length).toBeGreaterThan(0);
    for (const { name, below, cve } of share(told, 4)) {
      const { oval, index } = judged(suseRoot('sles', '16.0', [rpm(`${name}-${below}~.x86_64`)]));
      expect(oval, name).toEqual(index);
      expect(index).toEqual(expect.arrayContaining([...cve]));
    }
  });

  it.each([
    { of: 'the builds that it names', ending: '' },
    { of: 'later builds', ending: '.1' },
  ])('and is silent on $of', ({ ending }) => {
    const packages = told.map(({ name, below }) => rpm(`${name}-${below}${ending}.x86_64`));
    expect(judged(suseRoot('sles', '16.0', packages))).toEqual({ oval: [], index: [] });
  });

  it('differs: an architecture that it does not list is judged, because CSAF-VEX names none', () => {
    const { name, below, cve } = told[0]!;
    const { oval, index } = judged(suseRoot('sles', '16.0', [rpm(`${name}-${below}~.riscv64`)]));
    expect(oval).toEqual([]);
    expect(index).toEqual(expect.arrayContaining([...cve]));
  });
});
