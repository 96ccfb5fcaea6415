import { describe, expect, it } from 'vitest';
import { evaluateOval, readOvalContent } from '../../../src/comply/index.ts';
import type { InstalledPackage } from '../../../src/model/inventory/index.ts';
import { memoryView } from '../../support/memory-view.ts';
import { type VendorFlaw, vendorOval } from '../support/vendor-oval.ts';

const flaws: VendorFlaw[] = [
  { number: 1001, package: 'bash', below: '0:5.2-3', severity: 'Important' },
  { number: 1002, package: 'bash', below: '0:5.2-1', severity: 'Moderate' },
  { number: 1003, package: 'zlib', below: '0:1.3-1', class: 'patch' },
];

function deb(name: string, version: string): InstalledPackage {
  return {
    type: 'deb',
    name,
    arch: 'amd64',
    version,
    source: { name, version },
    layer: 0,
  } as InstalledPackage;
}

function evaluate(text: string, packages: readonly InstalledPackage[], settings = {}) {
  const content = readOvalContent(Buffer.from(text), { name: 'vendor.xml', where: 'vendor.xml' });
  const system = { files: memoryView({}), env: [], packages: () => packages };
  return { content, ...evaluateOval(content, system, { now: 0, ...settings }) };
}

const installed = [deb('acme-release', '9.1-1'), deb('bash', '5.2-2'), deb('zlib', '1.2-9')];

describe('OVAL definitions of a vendor', () => {
  it('are told by what needs an action, with the metadata of their vendor', () => {
    const { definitions, counts, applies } = evaluate(vendorOval(flaws, { type: 'deb' }), installed);

    expect(applies).toBe('yes');
    expect(counts).toEqual({ vulnerability: { true: 1, false: 1 }, patch: { true: 1 } });
    expect(definitions.map(({ id }) => id)).toEqual(['oval:com.acme:def:1001', 'oval:com.acme:def:1003']);
    expect(definitions[0]).toMatchObject({
      title: 'CVE-2026-1001: bash flaw',
      severity: 'high',
      vendorSeverity: 'Important',
      advisory: 'ACSA-2026:1001',
      vulnerabilities: ['CVE-2026-1001'],
      issued: '2026-01-01',
      result: 'true',
    });
    expect(definitions[0]?.evidence.map(({ found }) => found[0]?.place)).toEqual(['acme-release', 'bash']);
  });

  it('are named by the advisory of their title, as a rebuild of RHEL lists them', () => {
    const text = vendorOval([{ number: 1001, package: 'bash', below: '0:6-1' }], { type: 'deb' })
      .replace('\n  CVE-2026-1001: bash', 'ALSA-2026:7: bash')
      .replace(
        '<reference source="ACSA"',
        '<reference source="RHSA" ref_id="RHSA-2026:7"/><reference source="ALSA" ref_id="ALSA-2026:7"/>$&',
      );

    expect(evaluate(text, installed).definitions).toMatchObject([{ advisory: 'ALSA-2026:7' }]);
  });

  it('have the tests that decide as their evidence, and the number of those left out', () => {
    // Of 300 packages none is installed but the last one.
    const names = Array.from({ length: 300 }, (_, at) => `p${at}`);
    const text = vendorOval(
      names.map((name, at) => ({ number: 2000 + at, package: name, below: '0:6-1' })),
      { type: 'deb' },
    );
    const any = names
      .map((_, at) => `<criterion test_ref="oval:com.acme:tst:${2000 + at}" comment="one"/>`)
      .join('');
    const one = text.replace(
      /(<criterion test_ref="oval:com.acme:tst:2000"[^>]*>)/,
      `<criteria operator="OR">${any}</criteria>`,
    );
    const [first] = evaluate(one, [...installed, deb('p299', '5-1')]).definitions;

    expect(first?.id).toBe('oval:com.acme:def:2000');
    expect(
      first?.evidence.filter(({ result }) => result === 'true').map(({ found }) => found[0]?.place),
    ).toEqual(['acme-release', 'p299']);
    expect([first?.evidence.length, first?.omittedTests]).toEqual([42, 259]);
  });

  it('say what the document is', () => {
    const { content } = evaluate(vendorOval(flaws), []);

    expect(content.info.documents).toEqual([
      {
        schemaVersion: '5.11.1',
        product: 'Acme Errata',
        productVersion: '2',
        timestamp: '2026-01-02T03:04:05',
        platforms: ['Acme Linux 9'],
      },
    ]);
  });

  it('do not apply to a system of another release', () => {
    const other = [deb('acme-release', '8.4-1'), deb('bash', '5.2-2')];
    const { applies, reason, counts } = evaluate(vendorOval(flaws, { type: 'deb' }), other);

    expect(applies).toBe('no');
    expect(reason).toContain('"Acme Linux 9 is installed"');
    expect(counts).toEqual({ vulnerability: { false: 2 }, patch: { false: 1 } });
  });

  it('do not apply if a branch for other vendors makes all of them true', () => {
    // As the older documents of a vendor have it: OR(another system, AND(release, package)).
    const text = vendorOval(flaws, { type: 'deb' }).replaceAll(
      /<criteria operator="AND">(.*?)<\/criteria>/g,
      '<criteria operator="OR"><criterion negate="true" test_ref="oval:com.acme:tst:1"/><criteria>$1</criteria></criteria>',
    );
    const { applies, counts } = evaluate(text, [deb('bash', '5.2-2')]);

    expect(counts).toEqual({ vulnerability: { true: 2 }, patch: { true: 1 } });
    expect(applies).toBe('no');
    expect(evaluate(text, installed).applies).toBe('yes');
  });

  it('without a platform check do not apply to an image without packages of their kind', () => {
    const unchecked = vendorOval(flaws).replaceAll(/<criterion test_ref="oval:com.acme:tst:1"[^>]*\/>/g, '');

    expect(evaluate(unchecked, installed)).toMatchObject({
      applies: 'no',
      reason: 'the content tests rpm packages, and the image has none',
    });
    expect(evaluate(unchecked.replaceAll('rpminfo', 'dpkginfo'), installed).applies).toBe('unchecked');
  });

  it('are chosen by id and by class', () => {
    const text = vendorOval(flaws, { type: 'deb' });

    expect(evaluate(text, installed, { classes: ['patch'] }).counts).toEqual({ patch: { true: 1 } });
    const one = evaluate(text, installed, { definitions: ['oval:com.acme:def:1002'], all: true });
    expect(one.definitions).toMatchObject([{ id: 'oval:com.acme:def:1002', result: 'false' }]);
  });
});
