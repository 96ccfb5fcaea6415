import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isScapfeedError } from '../../src/model/index.ts';
import { applyVex, readVexPlace } from '../../src/vex/index.ts';
import { dataPath, hasData } from '../support/data.ts';
import { deb } from '../support/small-feed.ts';

describe.skipIf(!hasData('vex'))('real VEX documents', () => {
  const root = dataPath('vex');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );

  it('are read, and each statement is used or told; SBOMs and lists of files beside them are refused', () => {
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
        const { documents } = readVexPlace(join(root, name));
        const { uses } = applyVex([verdict], documents, { reference: 'dir:/', os: null });
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

  it('a folder of them is read at once', () => {
    const { documents, skipped } = readVexPlace(root);
    expect(documents.length + skipped.length).toBe(files.length);
  });
});
