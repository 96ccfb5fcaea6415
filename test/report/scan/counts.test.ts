import { describe, expect, it } from 'vitest';
import type { ScanResult, ViewedVerdict } from '../../../src/model/verdict/index.ts';
import { countsOf } from '../../../src/report/scan/counts.ts';
import { flawsOf } from '../../../src/report/scan/flaws.ts';

/** A verdict on a binary of python3.9; all else is the same. */
function verdict(name: string, own: Partial<ViewedVerdict>): ViewedVerdict {
  return {
    vulnerability: 'CVE-2024-0001',
    platform: 'rocky-9',
    status: 'affected',
    fixState: 'available',
    fixedVersion: '3.9-2',
    severity: 'medium',
    advisories: [],
    marks: [],
    evidence: 'x#y',
    package: {
      type: 'rpm',
      name,
      version: '3.9-1',
      arch: 'x86_64',
      source: { name: 'python3.9', version: '3.9-1' },
      database: '/var/lib/rpm',
    },
    ...own,
  } as ViewedVerdict;
}

describe('flaws of source packages', () => {
  it('are one each, whatever version fixes which of their binaries', () => {
    const verdicts = [
      verdict('python3', {}),
      verdict('python3-libs', { fixedVersion: '3.9-4', severity: 'high' }),
      verdict('python3-devel', { fixState: 'none_yet' }),
      verdict('python3', { vulnerability: 'CVE-2024-0002' }),
    ];
    const result = {
      verdicts,
      uncovered: [],
      judged: 3,
      inventory: { packages: 3 },
      severityFrom: ['vendor'],
    } as unknown as ScanResult;

    const counts = countsOf({ result, asked: verdicts, shown: verdicts });
    expect(counts).toMatchObject({ vulnerabilities: 2, flaws: 2, verdicts: 4, fixable: 2 });
    expect(counts.severities).toMatchObject({ high: 1, medium: 1 });
    // The list still has a line for each version to install.
    expect(flawsOf(verdicts)).toHaveLength(4);
  });
});
