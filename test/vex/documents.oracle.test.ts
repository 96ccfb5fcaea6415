import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isScapfeedError } from '../../src/model/error.ts';
import { applyVex, readVexPlace } from '../../src/vex/index.ts';
import { dataPath, hasData } from '../support/data.ts';
import { deb } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe.skipIf(!hasData('vex'))('real VEX documents', () => {
  const root = dataPath('vex');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );

  it('are read, and each statement is used or told; SBOMs and lists of files beside them are refused', async () => {
    const verdict = {
      vulnerability: 'CVE-2023-0286',
      platform: 'debian-12',
      package: deb('libssl3', '3.0.7-1', 'openssl'),
      status: 'affected',
      fixState: 'none_yet',
      severity: 'high',
      advisories: [],
      marks: [],
      evidence: 'x',
    } as const;
    const formats = new Map<string, number>();
    const refused: string[] = [];
    for (const name of files) {
      try {
        const { documents } = await readVexPlace(join(root, name));
        const { uses } = applyVex([verdict], documents, { reference: 'dir:/', os: null }, new Date(0));
        for (const { format, statements, used, unused } of uses) {
          expect(used + unused.length, name).toBe(statements);
          formats.set(format, (formats.get(format) ?? 0) + 1);
        }
      } catch (error) {
        if (!isScapfeedError(error) || error.code !== 'VEX_INVALID') throw error;
        refused.push(name);
      }
    }

    expect([...formats.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(90);
    expect([...formats.keys()].sort()).toEqual(
      expect.arrayContaining(['CSAF 2.0', 'CSAF 2.1', 'OpenVEX 0.0.1', 'OpenVEX 0.2.0']),
    );
    expect(
      refused.filter((name) => !/bom(?:-\d)?\.json|manifest|index|vex-repository|unknown/.test(name)),
    ).toEqual([]);
  });

  it('a folder of them is read at once', async () => {
    const { documents, skipped } = await readVexPlace(root);
    expect(documents.length + skipped.length).toBe(files.length);
  });
});

/** OASIS' own cases for validators: each names documents that fail a mandatory test, and documents that do not. */
interface ValidatorCase {
  id: string;
  group: string;
  failures?: { name: string }[];
  valid?: { name: string }[];
}

/** Outcomes of failed tests by id: the table of the documents. A row of 6.1.27 is about all of its parts. */
const outcomes = new Map(
  readFileSync(join(import.meta.dirname, '../../docs/accuracy.md'), 'utf8')
    .split('\n')
    .flatMap((line): [string, string][] => {
      const [, ids = '', outcome = ''] =
        /^\| (6\.1\.[\d., ]+?) +\|.*\| (refused|not applied|read) +\|/.exec(line) ?? [];
      return ids.split(', ').flatMap((id) => (id === '' ? [] : [[id, outcome]]));
    }),
);

const outcomeOf = (id: string) => outcomes.get(id) ?? outcomes.get(id.split('.').slice(0, 3).join('.'));

/** The document, made to clear a flaw in its first product, a package of Debian where it names none. */
async function clearing(file: string) {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  const tree = document.product_tree;
  const products: { product_id: string; product_identification_helper?: object }[] = [];
  JSON.stringify(tree, (_, value) => {
    if (typeof value?.product_id === 'string') products.push(value);
    return value;
  });
  for (const product of products)
    product.product_identification_helper ??= { purl: 'pkg:deb/debian/openssl' };
  document.vulnerabilities = [
    {
      cve: 'CVE-2023-0286',
      product_status: { known_not_affected: products.map(({ product_id }) => product_id) },
    },
  ];
  const changed = join(temporaryFolder(), 'changed.json');
  writeFileSync(changed, JSON.stringify(document));
  const { documents } = await readVexPlace(changed);
  const verdict = {
    vulnerability: 'CVE-2023-0286',
    platform: 'debian-12',
    package: deb('libssl3', '4.1', 'openssl'),
    status: 'affected',
    fixState: 'none_yet',
    severity: 'high',
    advisories: [],
    marks: [],
    evidence: 'x',
  } as const;
  const { uses } = applyVex([verdict], documents, { reference: 'dir:/', os: null }, new Date(0));
  return uses[0]!;
}

describe.skipIf(!hasData('interchange2', 'csaf')).each(['csaf_2.0', 'csaf_2.1'])(
  'the cases of %s',
  (version) => {
    const folder = dataPath('interchange2', 'csaf', version, 'test', 'validator', 'data');
    const { tests } = JSON.parse(readFileSync(join(folder, 'testcases.json'), 'utf8')) as {
      tests: ValidatorCase[];
    };
    const present = (files: ValidatorCase['valid'] = []) =>
      files.map(({ name }) => join(folder, name)).filter((file) => existsSync(file));
    const refusal = async (file: string) => {
      try {
        await readVexPlace(file);
        return undefined;
      } catch (error) {
        if (!isScapfeedError(error) || error.code !== 'VEX_INVALID') throw error;
        return error.message;
      }
    };

    const mandatory = tests.filter(({ group }) => group === 'mandatory');
    const failing = (outcome: string) =>
      mandatory
        .filter(({ id }) => outcomeOf(id) === outcome)
        .flatMap(({ id, failures }) => present(failures).map((file) => ({ id, file })));

    it('each mandatory test has its outcome in docs/accuracy.md', () => {
      const known = [...outcomes.keys()];
      expect(mandatory.filter(({ id }) => outcomeOf(id) === undefined)).toEqual([]);
      expect(new Set(known).size).toBe(known.length);
      expect(mandatory.length).toBeGreaterThan(40);
    });

    it('documents that fail a test which decides are refused', async () => {
      const files = failing('refused');
      expect(new Set(files.map(({ id }) => id)).size).toBeGreaterThan(4);
      const accepted: string[] = [];
      for (const { file } of files) if ((await refusal(file)) === undefined) accepted.push(file);
      expect(accepted).toEqual([]);
    });

    it('what is said of a product that fails a test is applied to nothing', async () => {
      const files = failing('not applied');
      expect(files.length).toBeGreaterThan(1);
      for (const { file } of files) {
        const { used, unused } = await clearing(file);
        expect([used, unused.length > 0], file).toEqual([0, true]);
      }
    });

    it('documents that fail any other test are read', async () => {
      const files = failing('read');
      expect(files.length).toBeGreaterThan(40);
      const refused: string[] = [];
      for (const { file } of files) if ((await refusal(file)) !== undefined) refused.push(file);
      expect(refused).toEqual([]);
    });

    it('every document that is valid is read', async () => {
      const files = tests.flatMap(({ valid }) => present(valid));
      expect(files.length).toBeGreaterThan(50);
      // Two of them are about other tests, and refer to products that they do not define.
      const faulty = files.filter((file) => /6-1-27-13-16|6-3-21-01-12/.test(file));
      const refused: string[] = [];
      for (const file of files) if ((await refusal(file)) !== undefined) refused.push(file);
      expect(refused.sort()).toEqual(faulty.sort());
    });
  },
);
