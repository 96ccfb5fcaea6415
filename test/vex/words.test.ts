import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { applyVex, readVexDocument } from '../../src/vex/index.ts';
import { deb } from '../support/small-feed.ts';

/** In dpkg's order: a range of them is a range of numbers here. */
const versions = ['1.0~rc1-1', '1.0-1', '1.0-1+deb12u1', '1.0-2', '2.0-1', '1:0.5-1'] as const;

/** A statement's versions, by their numbers; `from` up to and without `to`. */
type Words = { at: number } | { from: number; to: number };

const words: fc.Arbitrary<Words> = fc.oneof(
  fc.nat(versions.length - 1).map((at) => ({ at })),
  fc
    .tuple(fc.nat(versions.length - 1), fc.nat(versions.length - 1))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
);

function isAbout(each: Words, installed: number): boolean {
  return 'at' in each ? each.at === installed : each.from <= installed && installed < each.to;
}

function rangeOf({ from, to }: { from: number; to: number }): string {
  return `vers:deb/>=${encodeURIComponent(versions[from]!)}|<${encodeURIComponent(versions[to]!)}`;
}

/** A statement of a vulnerability: versions that it clears, and versions that it says must not be cleared. */
interface Said {
  clears(installed: number): boolean;
  holds(installed: number): boolean;
}

/** Of statements of one time, what may be cleared: what one clears and none holds. */
function mayClear(said: readonly Said[], installed: number): boolean {
  return said.some((each) => each.clears(installed)) && !said.some((each) => each.holds(installed));
}

function isCleared(document: object, installed: number, reference = 'dir:/'): boolean {
  const verdict: ViewedVerdict = {
    vulnerability: 'CVE-2024-1',
    platform: 'debian-12',
    package: deb('libssl3', versions[installed]!, 'openssl'),
    status: 'affected',
    fixState: 'none_yet',
    severity: 'high',
    advisories: [],
    marks: [],
    evidence: 'x',
  };
  const read = readVexDocument(Buffer.from(JSON.stringify(document)), 'vex.json');
  const image = { reference, os: { id: 'debian', versionId: '12', found: '/etc/os-release' } };
  const { verdicts } = applyVex([verdict], [read], image, new Date('2026-01-02'));
  return verdicts[0]?.ignored !== undefined;
}

function holdsForEvery<T>(
  statement: fc.Arbitrary<T>,
  said: (from: T) => Said,
  documentOf: (statements: readonly T[]) => object,
): void {
  let cleared = 0;
  const property = fc.property(
    fc.array(statement, { minLength: 1, maxLength: 3 }),
    fc.nat(versions.length - 1),
    (statements, installed) => {
      const is = isCleared(documentOf(statements), installed);
      cleared += is ? 1 : 0;
      expect(is).toBe(mayClear(statements.map(said), installed));
    },
  );
  fc.assert(property, { numRuns: 2_000, seed: 7 });
  expect(cleared).toBeGreaterThan(50);
}

const purl = 'pkg:deb/debian/libssl3';
const statuses = ['not_affected', 'fixed', 'affected', 'under_investigation'] as const;
const isClearing = (status: string) => ['not_affected', 'fixed'].includes(status);

describe('a document clears what its words clear, and nothing else', () => {
  it('OpenVEX: products of a version, of any, and several statements of one time', () => {
    const statement = fc.record({
      status: fc.constantFrom(...statuses),
      products: fc.array(fc.option(fc.nat(versions.length - 1)), { minLength: 1, maxLength: 3 }),
    });
    holdsForEvery(
      statement,
      ({ status, products }) => {
        const about = (installed: number) => products.some((at) => at === null || at === installed);
        // Beside versions, the package without one clears nothing.
        const isOpen = products.every((at) => at === null);
        return {
          clears: (at) => isClearing(status) && (isOpen || products.includes(at)),
          holds: (at) => !isClearing(status) && about(at),
        };
      },
      (statements) => ({
        '@context': 'https://openvex.dev/ns/v0.2.0',
        timestamp: '2026-01-01T00:00:00Z',
        statements: statements.map(({ status, products }) => ({
          vulnerability: { name: 'CVE-2024-1' },
          status,
          products: products.map((at) => ({
            '@id': at === null ? purl : `${purl}@${encodeURIComponent(versions[at]!)}`,
          })),
        })),
      }),
    );
  });

  it('CSAF: products of a version in their purl or branch, of a range, of any, in several vulnerabilities of one id', () => {
    const lists = {
      known_not_affected: 'not_affected',
      fixed: 'fixed',
      first_fixed: 'fixed',
      known_affected: 'affected',
      first_affected: 'affected',
      last_affected: 'affected',
      under_investigation: 'under_investigation',
    } as const;
    const product = fc.record({
      list: fc.constantFrom(...(Object.keys(lists) as (keyof typeof lists)[])),
      about: fc.option(words),
      inPurl: fc.boolean(),
    });
    holdsForEvery(
      fc.array(product, { minLength: 1, maxLength: 3 }),
      (products) => {
        const about = (clearing: boolean) => (installed: number) =>
          products.some(
            ({ list, about: each }) =>
              isClearing(lists[list]) === clearing && (each === null || isAbout(each, installed)),
          );
        return { clears: about(true), holds: about(false) };
      },
      (vulnerabilities) => {
        const id = (of: number, at: number) => `P${of}-${at}`;
        const branches = vulnerabilities.flatMap((products, of) =>
          products.map(({ about, inPurl }, at) => {
            const named = (category: string, name: string, own: string) => ({
              category,
              name,
              product: {
                product_id: id(of, at),
                name: 'libssl3',
                product_identification_helper: { purl: own },
              },
            });
            if (about === null) return named('product_name', 'libssl3', purl);
            if (!('at' in about)) return named('product_version_range', rangeOf(about), purl);
            const version = versions[about.at]!;
            return named(
              'product_version',
              version,
              inPurl ? `${purl}@${encodeURIComponent(version)}` : purl,
            );
          }),
        );
        return {
          document: {
            csaf_version: '2.0',
            tracking: { current_release_date: '2026-01-01T00:00:00Z', status: 'final' },
          },
          product_tree: { branches: [{ category: 'vendor', name: 'V', branches }] },
          vulnerabilities: vulnerabilities.map((products, of) => ({
            // A CVE may stand once; another list of ids may name it.
            ...(of === 0 ? { cve: 'CVE-2024-1' } : { ids: [{ system_name: 'x', text: 'CVE-2024-1' }] }),
            product_status: Object.fromEntries(
              Object.keys(lists).map((list) => [
                list,
                products.flatMap((each, at) => (each.list === list ? [id(of, at)] : [])),
              ]),
            ),
          })),
        };
      },
    );
  });

  it('CycloneDX: versions with statuses of their own, and without', () => {
    const states = {
      not_affected: true,
      false_positive: true,
      resolved: true,
      resolved_with_pedigree: true,
      exploitable: false,
      in_triage: false,
    } as const;
    const entry = fc.record({
      about: words,
      status: fc.constantFrom('affected', 'unaffected', 'unknown', undefined),
    });
    const vulnerability = fc.record({
      state: fc.constantFrom(...(Object.keys(states) as (keyof typeof states)[])),
      // An entry without `versions` is about all of them; one with an empty list lists none.
      affects: fc.array(fc.option(fc.array(entry, { maxLength: 3 })), { minLength: 1, maxLength: 2 }),
    });
    holdsForEvery(
      vulnerability,
      ({ state, affects }) => {
        const some = (installed: number, statusesOf: readonly unknown[], unversioned: boolean) =>
          affects.some((entries) =>
            entries === null
              ? unversioned
              : entries.some(({ about, status }) => statusesOf.includes(status) && isAbout(about, installed)),
          );
        if (states[state]) {
          return {
            clears: (at) => some(at, ['unaffected', undefined], true),
            holds: (at) => some(at, ['affected', 'unknown'], false),
          };
        }
        // Where only unaffected versions are listed, all others are what the state says; none of them is cleared.
        const lists = (entries: (typeof affects)[number]) =>
          entries?.some(({ status }) => status !== 'unaffected');
        return {
          clears: () => false,
          holds: (at) =>
            affects.some((entries) => !lists(entries)) || some(at, ['affected', 'unknown', undefined], true),
        };
      },
      (vulnerabilities) => ({
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        metadata: { timestamp: '2026-01-01T00:00:00Z' },
        vulnerabilities: vulnerabilities.map(({ state, affects }) => ({
          id: 'CVE-2024-1',
          analysis: { state },
          affects: affects.map((entries) => ({
            ref: purl,
            ...(entries && {
              versions: entries.map(({ about, status }) => ({
                ...('at' in about ? { version: versions[about.at] } : { range: rangeOf(about) }),
                ...(status === undefined ? {} : { status }),
              })),
            }),
          })),
        })),
      }),
    );
  });
});

/** A part of an identifier and its answer about the package `libssl3` of Debian 12; undefined: it leaves that open. */
interface Part {
  type: string;
  namespace: string | undefined;
  name: string;
  version: string | undefined;
  epoch: string | undefined;
}

const part: fc.Arbitrary<Part> = fc.record({
  type: fc.constantFrom('deb', 'deb', 'deb', 'rpm', 'oci'),
  namespace: fc.constantFrom('debian', 'debian', undefined, 'ubuntu'),
  name: fc.constantFrom('libssl3', 'libssl3', 'libssl3', 'zlib1g'),
  version: fc.constantFrom('1.0-1', '1.0-1', '1.0-2', '1:1.0-1', undefined),
  epoch: fc.constantFrom(undefined, undefined, undefined, '0', '1'),
});

function purlOf({ type, namespace, name, version, epoch }: Part): string {
  const path = [type, ...(namespace === undefined ? [] : [namespace]), name].join('/');
  return `pkg:${path}${version === undefined ? '' : `@${version}`}${epoch === undefined ? '' : `?epoch=${epoch}`}`;
}

/** Written apart from the code: both say something, and not the same. */
function contradicts(a: Part, b: Part): boolean {
  const differ = (x: string | undefined, y: string | undefined) =>
    x !== undefined && y !== undefined && x !== y;
  const epochs = [a, b].flatMap(({ version, epoch }) => [version?.split(':').at(-2), epoch]);
  const bare = [a, b].map(({ version }) => version?.split(':').at(-1));
  return (
    a.type !== b.type ||
    a.name !== b.name ||
    differ(a.namespace, b.namespace) ||
    differ(bare[0], bare[1]) ||
    new Set(epochs.filter((epoch) => epoch !== undefined)).size > 1
  );
}

describe('a later statement of OpenVEX that clears', () => {
  const version = `${purl}@${versions[1]}`;
  const inImage = (id: string) => ({ '@id': 'pkg:oci/app', subcomponents: [{ '@id': id }] });

  it.each<[string, earlier: unknown, later: unknown, cleared: boolean]>([
    ['of the package, after one of its version', version, purl, false],
    ['of the version, after one of it', version, version, true],
    ['of the version, after one of the package', purl, version, true],
    ['of the package, after one of it', purl, purl, true],
    ['of the package, after one of an architecture', `${purl}?arch=amd64`, purl, false],
    [
      'of an architecture, after one of it in a version',
      `${version}?arch=amd64`,
      `${purl}?arch=amd64`,
      false,
    ],
    ['of the package, after one of it in this image', inImage(purl), purl, false],
    ['of the image, after one of a version', version, 'pkg:oci/app', true],
    ['of a version, after one of the image', 'pkg:oci/app', version, false],
  ])('%s', (_, earlier, later, cleared) => {
    const statement = (product: unknown, status: string, day: number) => ({
      vulnerability: { name: 'CVE-2024-1' },
      products: [product],
      status,
      justification: 'component_not_present',
      timestamp: `2025-01-0${day}T00:00:00Z`,
    });
    const statements = [statement(earlier, 'affected', 1), statement(later, 'not_affected', 2)];
    const document = { '@context': 'https://openvex.dev/ns/v0.2.0', author: 'x', statements };
    expect(isCleared(document, 1, 'registry:docker.io/library/app:1')).toBe(cleared);
  });
});

describe('a product with two identifiers', () => {
  const state = { state: 'not_affected', justification: 'code_not_present' };
  const csaf = (product_tree: object) => ({
    document: { csaf_version: '2.1', tracking: { current_release_date: '2026-01-01T00:00:00Z' } },
    product_tree,
    vulnerabilities: [{ cve: 'CVE-2024-1', product_status: { known_not_affected: ['P'] } }],
  });
  const product = (product_id: string, helper: object) => ({
    product_id,
    name: product_id,
    product_identification_helper: helper,
  });
  const writers: Record<string, (a: string, b: string) => object> = {
    'OpenVEX: @id and purl': (a, b) => ({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      timestamp: '2026-01-01T00:00:00Z',
      statements: [
        {
          vulnerability: { name: 'CVE-2024-1' },
          status: 'not_affected',
          products: [{ '@id': a, identifiers: { purl: b } }],
        },
      ],
    }),
    'OpenVEX: a subcomponent': (a, b) => ({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      timestamp: '2026-01-01T00:00:00Z',
      statements: [
        {
          vulnerability: { name: 'CVE-2024-1' },
          status: 'fixed',
          products: [
            { '@id': 'docker.io/library/app:1', subcomponents: [{ '@id': a, identifiers: { purl: b } }] },
          ],
        },
      ],
    }),
    'CSAF: purls': (a, b) => csaf({ full_product_names: [product('P', { purls: [a, b] })] }),
    'CSAF: a relationship and its package': (a, b) =>
      csaf({
        full_product_names: [
          product('A', { purl: a }),
          product('D', { cpe: 'cpe:/o:debian:debian_linux:12' }),
        ],
        relationships: [
          {
            product_reference: 'A',
            relates_to_product_reference: 'D',
            full_product_name: product('P', { purl: b }),
          },
        ],
      }),
    'CycloneDX: bom-ref and purl': (a, b) => ({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [{ 'bom-ref': a, name: 'x', purl: b }],
      vulnerabilities: [{ id: 'CVE-2024-1', analysis: state, affects: [{ ref: a }] }],
    }),
  };
  const clearedBy = (document: object, version: string) => {
    const verdict: ViewedVerdict = {
      vulnerability: 'CVE-2024-1',
      platform: 'debian-12',
      package: deb('libssl3', version, 'openssl'),
      status: 'affected',
      fixState: 'none_yet',
      severity: 'high',
      advisories: [],
      marks: [],
      evidence: 'x',
    };
    const os = {
      id: 'debian',
      versionId: '12',
      cpe: 'cpe:/o:debian:debian_linux:12',
      found: '/etc/os-release',
    };
    const read = readVexDocument(Buffer.from(JSON.stringify(document)), 'vex.json');
    const image = { reference: 'registry:docker.io/library/app:1', os };
    const { verdicts, uses } = applyVex([verdict], [read], image, new Date('2026-01-02'));
    return { cleared: verdicts[0]?.ignored !== undefined, why: uses[0]?.unused[0]?.why };
  };

  it.each(Object.entries(writers))('%s: clears nothing if they contradict each other', (_, write) => {
    let both = 0;
    fc.assert(
      fc.property(part, part, fc.constantFrom('1.0-1', '1.0-2', '1:1.0-1'), (a, b, installed) => {
        const { cleared, why } = clearedBy(write(purlOf(a), purlOf(b)), installed);
        if (contradicts(a, b)) {
          expect(cleared).toBe(false);
          expect(why).toBeDefined();
        } else if (cleared) {
          both += 1;
          for (const each of [a, b])
            expect(clearedBy(write(purlOf(each), purlOf(each)), installed).cleared).toBe(true);
        }
      }),
      { numRuns: 2000, seed: 15 },
    );
    expect(both).toBeGreaterThan(10);
  });
});
