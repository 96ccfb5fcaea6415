import { expect, it } from 'vitest';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { judgedSections } from '../../../src/comply/oval/judged-sections.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';

it('a vulnerability whose id begins another one is written', () => {
  const text =
    '<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"><definitions><definition class="vulnerability" id="oval:x:def:1" version="1"/></definitions></oval_definitions>';
  const engine = new OvalEngine({
    document: lookupOf(readOval(text, 'x')),
    collect: () => ({ flag: 'complete', items: [] }),
  });
  engine.definition('oval:x:def:1');
  const references = [{ source: 'CVE', id: 'CVE-2026-12345' }];
  const vulnerabilities = ['CVE-2026-1234', 'CVE-2026-12345'];
  const written = JSON.stringify(judgedSections(engine, () => ({ references, vulnerabilities })));
  expect(written).toContain('"CVE-2026-1234"');
  expect(written.match(/"CVE-2026-12345"/g)).toHaveLength(1);
});
