import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { htmlReport } from '../../src/report/comply/html.ts';
import { hasOracle } from '../support/oracles.ts';
import { sampleResult } from './support/sample-compliance.ts';

/** The page as a browser made it, its script run. */
function rendered(hash = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-html-'));
  const file = join(folder, 'report.html');
  writeFileSync(file, htmlReport(sampleResult()));
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${folder}`,
    '--dump-dom',
    `file://${file}${hash}`,
  ];
  return execFileSync('chromium', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function ruleTag(page: string, name: string): string {
  return new RegExp(`<details class="rule" id="xccdf_x_rule_${name}"[^>]*>`).exec(page)?.[0] ?? '';
}

describe.skipIf(!hasOracle('chromium'))('the compliance page in Chromium', () => {
  it('hides what does not apply, and counts what it shows', () => {
    const page = rendered();
    expect(page).toContain('2 of 3 rules');
    expect(
      ['root_login', 'shadow_mode', 'kernel'].map((name) => ruleTag(page, name).includes('hidden')),
    ).toEqual([false, false, true]);
  });

  it('opens the rule that the address names, hidden or not', () => {
    const page = rendered('#xccdf_x_rule_kernel');
    expect(ruleTag(page, 'kernel')).toMatch(/ open=""/);
    expect(ruleTag(page, 'kernel')).not.toContain('hidden');
  });
});
