import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OvalCriteria, OvalDocument } from '../../../../src/comply/oval/model.ts';
import { rpmDatabaseMaker, writeRpmDatabase } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import type { RpmPackage } from '../../../prove/trial.ts';
import { documentsIn, type VendorDocument } from '../../../prove-oval/documents.ts';
import { rootWith, scapfeed } from '../../../support/cli.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { almaRoot, keys, realPackages, rpm } from './system.ts';
import { type AlmaErratum, writeAlmaMirror } from './world.ts';

// AlmaLinux's own OVAL, evaluated by oscap and by `scapfeed eval`, beside verdicts by errata of the same facts.

/** A package that a definition wants to be of a version or later. */
interface Wanted {
  advisory: string;
  definition: string;
  name: string;
  evr: string;
  /** `nodejs:18` */
  module?: string;
  cves: readonly string[];
}

/** The packages of every definition, by their own tests: comments may name another version than the state. */
function wantedIn({ document, text }: VendorDocument): Wanted[] {
  return Object.entries(document.definitions).flatMap(([definition, { title = '', criteria }]) => {
    const advisory = /^AL[A-Z]A-\d{4}:\d+/.exec(title)?.[0];
    const from = text.indexOf(`<definition id="${definition}"`);
    const part = text.toString('utf8', from, text.indexOf('</definition>', from));
    const cves = [...new Set([...part.matchAll(/ref_id="(CVE-[^"]+)"/g)].map(([, id]) => id!))];
    if (advisory === undefined || criteria === undefined) return [];
    return packagesOf(criteria, document).map((found) => ({ advisory, definition, cves, ...found }));
  });
}

function packagesOf(
  { children }: OvalCriteria,
  document: OvalDocument,
  outer?: string,
): Pick<Wanted, 'name' | 'evr' | 'module'>[] {
  const tests = children.flatMap(({ test }) => document.tests[test ?? ''] ?? []);
  const named = tests.flatMap(({ comment = '' }) => /^Module (\S+) is enabled/.exec(comment)?.[1] ?? []);
  const module = named[0] ?? outer;
  return children.flatMap(({ criteria, test: id = '' }) => {
    if (criteria) return packagesOf(criteria, document, module);
    const test = document.tests[id];
    const name = document.objects[test?.object ?? '']?.entities.find(
      (entity) => entity.name === 'name',
    )?.value;
    const evr = (test?.states ?? [])
      .flatMap((state) => document.states[state]?.entities ?? [])
      .find((entity) => entity.name === 'evr')?.value;
    return name && evr ? [{ name, evr, ...(module === undefined ? {} : { module }) }] : [];
  });
}

const able =
  existsSync(rpmDatabaseMaker) &&
  hasOracle('oscap', 'python3', 'rpm') &&
  hasData('mirror', 'security.almalinux.org') &&
  hasData('rpm-lists');

const documents = able ? await documentsIn(dataPath('mirror/security.almalinux.org')) : [];
const majorOf = ({ name }: VendorDocument) => /alsa-(\d+)/.exec(name)?.[1] ?? '';
const keyOf: Readonly<Record<string, string>> = { 8: keys.alma8, 9: keys.alma9, 10: keys.alma10 };

describe.skipIf(!able).each(documents.map((document) => ({ document, major: majorOf(document) })))(
  "AlmaLinux $major's own OVAL",
  ({ document, major }) => {
    const wanted = wantedIn(document);
    const folder = temporaryFolder('feed');
    const out = join(folder, 'out');
    const file = join(folder, document.name.replace(/\.xml.*/, '.xml'));
    const real = realPackages(
      major === '8' ? 'CentOS8Modularitylabel' : 'Rockylinux9WithSQLite3',
      keyOf[major]!,
    );

    beforeAll(() => {
      writeFileSync(file, document.text);
      const errata = [...new Set(wanted.map(({ advisory }) => advisory))].map((id): AlmaErratum => {
        const own = wanted.filter(({ advisory }) => advisory === id);
        return {
          id,
          cves: own[0]!.cves,
          packages: own.flatMap(({ name, evr, module }) =>
            ['x86_64', 'aarch64'].map(
              (arch) => `${name}-${evr}.${arch}${module ? ` ${module}:1:c:${arch}` : ''}`,
            ),
          ),
        };
      });
      const built = scapfeed([
        ...['build', '--source', 'almalinux', '--mirror', writeAlmaMirror({ errata: { [major]: errata } })],
        ...['--snapshots', join(folder, 'snapshots'), '--out', out],
      ]);
      expect(built, built.err).toMatchObject({ code: 0 });
    });

    /** The package at its version with an ending. */
    const installed = ({ name, evr, module }: Wanted, ending: string, more: Partial<RpmPackage> = {}) =>
      rpm(`${name}-${evr}${ending}.x86_64`, {
        keyid: keyOf[major]!,
        ...(module === undefined ? {} : { modularitylabel: `${module}:1:c` }),
        ...more,
      });
    const records = (modules: readonly string[]) =>
      Object.fromEntries(
        modules.map((module) => {
          const [name, stream] = module.split(':');
          return [
            `etc/dnf/modules.d/${name}.module`,
            `[${name}]\nname=${name}\nprofiles=\nstate=enabled\nstream=${stream}\n`,
          ];
        }),
      );
    const modules = [...new Set(wanted.flatMap(({ module }) => module ?? []))];
    const rootOf = (packages: readonly RpmPackage[], enabled: readonly string[] = modules) => {
      const names = new Set(packages.map(({ name }) => name));
      const others = real.filter(({ name }) => !names.has(name));
      return almaRoot(`${major}.3`, [...others, ...packages], records(enabled));
    };

    /** Advisories by oscap, and `advisory package` by the index; `scapfeed eval` must say what oscap says. */
    function judged(root: string): { oval: string[]; index: string[] } {
      const oscap = oscapVerdicts(file, { root });
      const evaluated = scapfeed(['eval', `dir:${root}`, '--content', file, '--all', '-o', 'json']);
      const { definitions } = JSON.parse(evaluated.out) as { definitions: { id: string; result: string }[] };
      expect(new Map(definitions.map(({ id, result }) => [id, result]))).toEqual(oscap);
      const { out: text } = scapfeed(['scan', `dir:${root}`, '--feed', out, '-o', 'json', '--max-age', '0']);
      const { verdicts } = JSON.parse(text) as {
        verdicts: { package: { name: string }; advisories: { id: string }[] }[];
      };
      const told = verdicts.flatMap(({ package: { name }, advisories }) =>
        advisories.map((advisory) => `${typeof advisory === 'string' ? advisory : advisory.id} ${name}`),
      );
      const oval = wanted.filter(({ definition }) => oscap.get(definition) === 'true');
      return {
        oval: [...new Set(oval.map(({ advisory }) => advisory))].sort(),
        index: [...new Set(told)].sort(),
      };
    }

    it('says what the index says, for every package of every advisory', () => {
      expect(wanted.length).toBeGreaterThan(0);
      for (const one of wanted) {
        const others = wanted.filter((other) => other.advisory !== one.advisory || other.name !== one.name);
        const rest = others.map((other) => installed(other, ''));
        const root = rootOf([installed(one, '~'), ...rest]);
        expect(judged(root), `${one.advisory} ${one.name}`).toEqual({
          oval: [one.advisory],
          index: [`${one.advisory} ${one.name}`],
        });
        rmSync(root, { recursive: true });
      }
    });

    it.each([
      { of: 'its versions', ending: '' },
      { of: 'later versions', ending: '.1' },
    ])('and is silent on $of', ({ ending }) => {
      const root = rootOf(wanted.map((one) => installed(one, ending)));
      expect(judged(root)).toEqual({ oval: [], index: [] });
    });

    it('and is silent where packages are signed by others', () => {
      const foreign = { keyid: keys.rocky9, vendor: 'Rocky Enterprise Software Foundation' };
      expect(judged(rootOf(wanted.map((one) => installed(one, '~', foreign))))).toEqual({
        oval: [],
        index: [],
      });
    });

    const plain = wanted.find(({ module }) => module === undefined);
    const modular = wanted.find(({ module }) => module !== undefined);

    it.runIf(plain)('differs: packages without a signature or with a key of later', () => {
      for (const keyid of [undefined, '0123456789abcdef', ...(major === '8' ? [keys.alma8of2023] : [])]) {
        const pkg = JSON.parse(
          JSON.stringify(installed(plain!, '~', { keyid: keyid as string })),
        ) as RpmPackage;
        const { oval, index } = judged(rootOf([pkg]));
        expect([oval, index], String(keyid)).toEqual([[], [`${plain!.advisory} ${plain!.name}`]]);
      }
    });

    it.runIf(modular)("differs: a modular build without dnf's record is judged by its label", () => {
      const { oval, index } = judged(rootOf([installed(modular!, '~')], []));
      expect([oval, index]).toEqual([[], [`${modular!.advisory} ${modular!.name}`]]);
    });

    it.runIf(modular)(
      'differs: a build outside modules is not measured by those of a module that is enabled',
      () => {
        const { name, advisory } = modular!;
        const pkg = rpm(`${name}-0:0.9-1.el${major}.x86_64`, { keyid: keyOf[major]! });
        const { oval, index } = judged(rootOf([pkg]));
        expect([oval, index]).toEqual([[advisory], []]);
      },
    );

    it('is false on another rebuild of RHEL, which the index does not judge', () => {
      const root = rootWith({ 'etc/os-release': `ID="rocky"\nVERSION_ID="${major}.3"\n` });
      writeRpmDatabase(join(root, 'var/lib/rpm'), [
        rpm(`rocky-release-${major}.3-1.el${major}.noarch`),
        ...wanted.map((one) => installed(one, '~')),
      ]);
      expect(new Set(oscapVerdicts(file, { root }).values())).toEqual(new Set(['false']));
      const { code, err } = scapfeed(['scan', `dir:${root}`, '--feed', out, '--max-age', '0']);
      expect([code, err]).toEqual([4, expect.stringContaining('PLATFORM_NOT_COVERED')]);
    });
  },
);
