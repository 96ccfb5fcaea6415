import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditEntry, ListedWaiver, OwnerImages, OwnerSla } from '../../src/model/fleet/index.ts';
import { auditCsv, csvOf, ownersCsv, slaCsv, waiversCsv } from '../../src/report/fleet/fleet-csv.ts';
import { csvLine } from '../../src/report/formats/csv.ts';
import { project } from '../support/cli.ts';

const formulas = ['=1+1', '+1', '-1', '@SUM(1)', ' =1', '\t=1', '\r\n=1', '\u00a0=1', '\uff1d1', '\uff0b1'];

describe('a text of others', () => {
  it.each(formulas)('that begins as a formula is text in a spreadsheet: %j', (text) => {
    // A tab and the end of a line are shown as their codes, which begin no formula.
    expect(csvLine([text])).toMatch(/^'.*\r\n$|^\\u00.*\r\n$/);
  });

  it.each(['a=1', '1-2', 'x@y', '', '<='])('stays as it is otherwise: %j', (text) => {
    expect(csvLine([text])).toBe(`${text}\r\n`);
  });

  const evil = '=cmd|1';
  const words = { vulnerability: evil, rule: evil, package: evil, image: evil, author: evil, reason: evil };
  it.each([
    ['fleet audit', auditCsv([{ id: 1, at: '', actor: evil, kind: 'change', act: evil } as AuditEntry])],
    ['fleet owners', ownersCsv([{ owner: evil } as OwnerImages])],
    ['fleet sla', slaCsv([{ owner: evil } as OwnerSla])],
    ['fleet waivers', waiversCsv([{ ...words, id: 1 } as unknown as ListedWaiver])],
    ['fleet token, list and evidence', csvOf([evil], [[evil]])],
  ])('is no formula in the CSV of %s', (_, csv) => {
    expect(csv).toContain(`'${evil}`);
    expect(csv).not.toMatch(/(^|,)"?=/m);
  });
});

it('every file of src that writes CSV has its lines from one function', () => {
  const folder = join(project, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => {
    if (!file.endsWith('.ts')) return false;
    const text = readFileSync(join(folder, file), 'utf8');
    return /function\*? \w*csv\w*\(/i.test(text) && !/\bcsv(?:Line|Of)\(/.test(text);
  });
  // Ubuntu's table of releases is read, not written.
  expect(files.filter((file) => !file.startsWith('distros/'))).toEqual([]);
});
