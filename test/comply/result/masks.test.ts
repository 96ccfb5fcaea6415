import { describe, expect, it } from 'vitest';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { evidenceOf } from '../../../src/comply/result/evidence.ts';
import { ovalData } from '../../../src/comply/result/oval-data.ts';
import { memoryView } from '../../support/memory-view.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** A line of a file is looked at by two tests, through one object each; `masks` are attributes by place. */
function document(masks: { object?: string; state?: string; other?: string }): string {
  const object = (id: number, mask = '') =>
    `<ind:textfilecontent54_object id="oval:x:obj:${id}" version="1"><ind:filepath${mask}>/etc/x</ind:filepath><ind:pattern operation="pattern match">^token=(\\S+)$</ind:pattern><ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object>`;
  const state = (id: number, mask = '') =>
    `<ind:textfilecontent54_state id="oval:x:ste:${id}" version="1"><ind:text operation="not equal"${mask}>none</ind:text></ind:textfilecontent54_state>`;
  const test = (id: number) =>
    `<ind:textfilecontent54_test id="oval:x:tst:${id}" version="1" check="all" comment="x"><ind:object object_ref="oval:x:obj:${id}"/><ind:state state_ref="oval:x:ste:${id}"/></ind:textfilecontent54_test>`;
  return `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent"><definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria><criterion test_ref="oval:x:tst:1"/><criterion test_ref="oval:x:tst:2"/></criteria></definition></definitions>
<tests>${test(1)}${test(2)}</tests><objects>${object(1, masks.object)}${object(2)}</objects><states>${state(1, masks.state)}${state(2, masks.other)}</states></oval_definitions>`;
}

function reports(text: string): string {
  const files = memoryView({ '/etc/x': 'token=abc\n' });
  const engine = new OvalEngine({
    document: lookupOf(readOval(text, 'oval.xml')),
    collect: imageCollector({ files, env: [], packages: () => [] }),
  });
  expect(engine.definition('oval:x:def:1')).toBe('true');
  const { items } = ovalData('oval.xml', engine);
  return JSON.stringify([evidenceOf(engine, 'oval:x:def:1'), items]);
}

describe('an entity that content asks to mask', () => {
  it('is shown without a mask', () => {
    expect(reports(document({}))).toContain('token=abc');
  });

  it.each([
    ['in the state of one test', { state: ' mask="true"' }],
    ['in the state of another', { other: ' mask="true"' }],
  ])('%s is in no report', (_, masks) => {
    expect(reports(document(masks))).not.toContain('token=abc');
  });

  it('in an object is in no report, whatever names the item', () => {
    const text = reports(document({ object: ' mask="true"' }));
    expect(text).not.toContain('/etc/x');
    expect(text).toContain('token=abc');
  });
});
