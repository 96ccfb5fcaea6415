import { describe, expect, it } from 'vitest';
import type { ComplianceResult } from '../../src/model/compliance/index.ts';
import { htmlReport } from '../../src/report/comply/html.ts';
import { style } from '../../src/report/comply/html-assets.ts';
import { complianceTable } from '../../src/report/comply/table.ts';
import { sampleResult } from './support/sample-compliance.ts';

describe('htmlReport', () => {
  const hostile = '"><script>alert(1)</script>';

  it('asks nothing of the network', () => {
    const page = htmlReport(sampleResult());
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<(?:link|img|iframe)|src=|@import|url\(/);
  });

  it('lets no text of the image or the content become markup', () => {
    const result: ComplianceResult = sampleResult();
    const [rule] = result.rules;
    if (!rule) throw new Error('the sample has a rule');
    rule.title = hostile;
    rule.id = hostile;
    rule.message = hostile;
    rule.references = [{ href: `javascript:${hostile}`, text: hostile }];
    rule.evidence = [
      {
        test: 't',
        result: 'false',
        expected: [hostile],
        found: [{ place: hostile, value: hostile }],
        count: 1,
      },
    ];
    const page = htmlReport({ ...result, image: { reference: hostile } });
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('href="javascript:');
  });

  it.each([
    ['light', /:root\{color-scheme[^}]*\}/],
    ['dark', /prefers-color-scheme:dark\)\{:root\{[^}]*\}/],
  ])('has colours with a contrast of at least 4.5 in the %s palette', (_, palette) => {
    const colors = new Map(
      [...(palette.exec(style)?.[0] ?? '').matchAll(/--(\w+):(#\w+)/g)].map((match) => [
        match[1],
        match[2] as string,
      ]),
    );
    const weak = ['fg', 'dim', 'link', 'fail', 'pass', 'warn', 'none'].filter((name) =>
      ['bg', 'soft'].some((ground) => contrast(colors.get(name) ?? '', colors.get(ground) ?? '') < 4.5),
    );
    expect(colors.size).toBeGreaterThanOrEqual(10);
    expect(weak).toEqual([]);
  });
});

describe('complianceTable', () => {
  it('shows failed rules with place and line, then the score', () => {
    expect(complianceTable(sampleResult(), { color: false, all: false })).toBe(
      [
        'Profile',
        'Benchmark 1 on oci:image',
        '',
        'fail          high     No root login',
        '               /etc/ssh/sshd_config:4 text: PermitRootLogin yes',
        '',
        '3 rules: 1 fail, 1 pass, 1 notapplicable',
        'score (default): 50.00 of 100',
        '',
      ].join('\n'),
    );
  });
});

/** WCAG 2: relative luminance of two colours. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const digits = color.length === 4 ? color.slice(1).replace(/./g, '$&$&') : color.slice(1);
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
