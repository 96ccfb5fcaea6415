import { describe, expect, it } from 'vitest';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { applyVex, readVexDocument } from '../../src/vex/index.ts';
import { deb } from '../support/small-feed.ts';

// Each of these took minutes, by the product of two counts of the document or by the square of one.

const image = { reference: 'app', os: { id: 'debian', versionId: '12', found: '/etc/os-release' } };
const day = (of: number) => `2026-01-0${of}T00:00:00Z`;
const read = (document: object) => readVexDocument(Buffer.from(JSON.stringify(document)), 'vex.json');
const openVex = (statements: readonly object[]) =>
  read({ '@context': 'https://openvex.dev/ns/v0.2.0', timestamp: day(1), statements });

const libssl = deb('libssl3', '3.0.7-1', 'openssl');
const verdictOf = (at: number): ViewedVerdict => ({
  vulnerability: `CVE-2024-${1000 + at}`,
  ...{ platform: 'debian-12', package: libssl, status: 'affected', fixState: 'none_yet' },
  ...{ severity: 'high', advisories: [], marks: [], evidence: 'x' },
});
const isCleared = (verdicts: readonly ViewedVerdict[], document: ReturnType<typeof read>) =>
  applyVex(verdicts, [document], image, new Date(day(9))).verdicts.map(
    ({ ignored }) => ignored !== undefined,
  );

describe('a large VEX document', () => {
  it('of forty thousand relationships that make one product', () => {
    const relationships = Array.from({ length: 40_000 }, (_, at) => ({
      ...{ product_reference: at % 2 === 0 ? 'a' : 'b', relates_to_product_reference: 'os' },
      full_product_name: { product_id: 'X', name: 'X' },
    }));
    const document = read({
      document: { category: 'csaf_vex', csaf_version: '2.0', tracking: { current_release_date: day(1) } },
      product_tree: {
        full_product_names: ['a', 'b', 'os'].map((id) => ({ product_id: id, name: id })),
        relationships,
      },
      vulnerabilities: [{ cve: 'CVE-2024-1000', product_status: { known_not_affected: ['X'] } }],
    });
    expect(document.statements).toHaveLength(1);
  });

  it('of a thousand flaws in ten thousand products clears those of the package only', () => {
    const verdicts = Array.from({ length: 1000 }, (_, at) => verdictOf(at));
    const [name, ...aliases] = verdicts.map(({ vulnerability }) => vulnerability);
    const products = Array.from({ length: 5000 }, (_, at) => ({ '@id': `pkg:deb/debian/lib${at}` }));
    const about = (id: string, status = 'not_affected') =>
      openVex([
        { vulnerability: { name, aliases }, status, products: [...products, { '@id': id }, ...products] },
      ]);
    expect(new Set(isCleared(verdicts, about('pkg:deb/debian/libssl3@3.0.7-1')))).toEqual(new Set([true]));
    expect(new Set(isCleared(verdicts, about('pkg:deb/debian/libssl3@3.0.8-1')))).toEqual(new Set([false]));
    const [clears, affected] = [
      about('pkg:deb/debian/libssl3'),
      about('pkg:deb/Debian/LibSSL 3', 'affected'),
    ];
    const both = { ...clears, statements: [...clears.statements, ...affected.statements] };
    expect(new Set(isCleared(verdicts, both))).toEqual(new Set([false]));
  });

  it('of sixteen thousand statements about one package clears by the last', () => {
    const statementOf = (status: string, of: number, end = '') => ({
      ...{ vulnerability: { name: 'CVE-2024-1000' }, status, timestamp: day(of) },
      products: [{ '@id': `pkg:deb/debian/libssl3${end}` }],
    });
    const many = (status: string, of: number) => Array.from({ length: 8000 }, () => statementOf(status, of));
    const before = [...many('not_affected', 1), ...many('affected', 3)];
    const cleared = (...more: object[]) => isCleared([verdictOf(0)], openVex([...before, ...more]));
    expect(cleared(statementOf('not_affected', 4))).toEqual([true]);
    expect(cleared(statementOf('affected', 2, '@3.0.7-1'), statementOf('not_affected', 4))).toEqual([false]);
  });
});
