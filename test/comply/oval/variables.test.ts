import { describe, expect, it } from 'vitest';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { memoryView } from '../../support/memory-view.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const lines = (id: string, path: string) =>
  `<ind:textfilecontent54_object id="oval:x:obj:${id}" version="1"><ind:filepath>${path}</ind:filepath><ind:pattern operation="pattern match">^(.*)$</ind:pattern><ind:instance datatype="int" operation="greater than or equal">1</ind:instance></ind:textfilecontent54_object>`;
const nothing = '<object_component item_field="subexpression" object_ref="oval:x:obj:1"/>';
const two = '<object_component item_field="subexpression" object_ref="oval:x:obj:2"/>';
const literal = (value: string) => `<literal_component datatype="int">${value}</literal_component>`;
const count = (...parts: string[]) => `<count>${parts.join('')}</count>`;
const add = (...parts: string[]) => `<arithmetic arithmetic_operation="add">${parts.join('')}</arithmetic>`;
const local = (id: string, component: string) =>
  `<local_variable id="oval:x:var:${id}" version="1" datatype="int" comment="x">${component}</local_variable>`;
const other = '<variable_component var_ref="oval:x:var:2"/>';

function computed(component: string): [flag: string, values: readonly string[]] {
  const text = `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent"><objects>${lines('1', '/gone')}${lines('2', '/etc/x')}</objects><variables>${local('1', component)}${local('2', count(nothing))}</variables></oval_definitions>`;
  const engine = new OvalEngine({
    document: lookupOf(readOval(text, 'oval.xml')),
    collect: imageCollector({ files: memoryView({ '/etc/x': 'a\nb\n' }), env: [], packages: () => [] }),
  });
  const { flag, values } = engine.variable('oval:x:var:1');
  return [flag, values];
}

// The AppArmor rule of Ubuntu's content compares two counts of a file that no image has: equal nothings are no pass.
describe('counts of what is not there', () => {
  it.each<[name: string, component: string, flag: string, values: string[]]>([
    ['two lines', count(two), 'complete', ['2']],
    ['nothing', count(nothing), 'does not exist', []],
    ['nothing and two lines', count(nothing, two), 'does not exist', []],
    ['nothing, by another variable', other, 'does not exist', []],
    ['a sum of counts of nothing', add(count(nothing), count(nothing)), 'complete', ['0']],
    ['a sum of a count of nothing and one of two lines', add(count(nothing), count(two)), 'complete', ['2']],
    ['a sum with a variable that counts nothing', add(literal('0'), other), 'does not exist', []],
    ['a sum with nothing', add(literal('0'), nothing), 'does not exist', []],
    ['what is unique of a count of nothing', `<unique>${count(nothing)}</unique>`, 'does not exist', []],
  ])('%s', (_, component, flag, values) => {
    expect(computed(component)).toEqual([flag, values]);
  });
});
