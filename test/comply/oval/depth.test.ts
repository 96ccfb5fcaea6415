import { describe, expect, it } from 'vitest';
import { maxDepth } from '../../../src/comply/oval/depth.ts';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf, type OvalLookup } from '../../../src/comply/oval/lookup.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { randomNumbers } from '../../support/killing.ts';
import { memoryView } from '../../support/memory-view.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const random = randomNumbers(17);
const below = (limit: number) => Math.floor(random() * limit);
const length = maxDepth + 60;
const ids = Array.from({ length }, (_, at) => at + 1);

const definition = (id: number, criteria: string) =>
  `<definition class="compliance" id="oval:x:def:${id}" version="1"><metadata><title>x</title></metadata><criteria>${criteria}</criteria></definition>`;
const extend = (id: number) => `<extend_definition definition_ref="oval:x:def:${id}"/>`;
const test = (id: number) =>
  `<ind:variable_test check="all" check_existence="at_least_one_exists" comment="x" id="oval:x:tst:${id}" version="1"><ind:object object_ref="oval:x:obj:${id}"/></ind:variable_test>`;
const criterion = (id: number) => `<criterion test_ref="oval:x:tst:${id}"/>`;
const variableObject = (id: number) =>
  `<ind:variable_object id="oval:x:obj:${id}" version="1"><ind:var_ref>oval:x:var:${id}</ind:var_ref></ind:variable_object>`;
const setObject = (id: number, references: readonly number[]) =>
  `<ind:variable_object id="oval:x:obj:${id}" version="1"><set>${references.map((each) => `<object_reference>oval:x:obj:${each}</object_reference>`).join('')}</set></ind:variable_object>`;
const variable = (id: number, component: string) =>
  `<local_variable id="oval:x:var:${id}" version="1" datatype="string" comment="x">${component}</local_variable>`;
const literal = '<literal_component>x</literal_component>';

/** Each refers to the next one, and now and then to one that is nearer to the end. */
const references = (id: number, last: number) =>
  below(8) === 0 && id + 1 < last ? [id + 1, id + 2 + below(last - id - 1)] : [id + 1];

const nested = (criteria: string) => (below(10) === 0 ? `<criteria>${criteria}</criteria>` : criteria);

/** Parts of a document: all in definitions, or in what the test of each definition looks at. */
const chains: Record<string, () => string> = {
  definitions: () =>
    `<definitions>${ids.map((id) => definition(id, nested(id === length ? criterion(1) : references(id, length).map(extend).join('')))).join('')}</definitions><tests>${test(1)}</tests><objects>${variableObject(1)}</objects><variables>${variable(1, literal)}</variables>`,
  'definitions that end in a circle': () =>
    `<definitions>${ids
      .map((id) =>
        definition(
          id,
          id === length
            ? extend(length - 40)
            : references(id, length - 40)
                .map(extend)
                .join(''),
        ),
      )
      .join('')}</definitions>`,
  sets: () =>
    `<definitions>${ids.map((id) => definition(id, criterion(id))).join('')}</definitions><tests>${ids.map(test).join('')}</tests><objects>${ids.map((id) => (id === length ? variableObject(id) : setObject(id, references(id, length)))).join('')}</objects><variables>${variable(length, literal)}</variables>`,
  variables: () =>
    `<definitions>${ids.map((id) => definition(id, criterion(id))).join('')}</definitions><tests>${ids.map(test).join('')}</tests><objects>${ids.map(variableObject).join('')}</objects><variables>${ids
      .map((id) => {
        const others = id === length ? [] : references(id, length);
        const parts = others.map((each) => `<variable_component var_ref="oval:x:var:${each}"/>`).join('');
        return variable(
          id,
          id === length ? literal : others.length > 1 ? `<concat>${parts}</concat>` : parts,
        );
      })
      .join('')}</variables>`,
};

function lookupOfText(text: string): OvalLookup {
  const whole = `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent">${text}</oval_definitions>`;
  return lookupOf(readOval(whole, 'x'));
}

const files = memoryView({});
const engineOf = (document: OvalLookup) =>
  new OvalEngine({ document, collect: imageCollector({ files, env: [], packages: () => [] }) });

const resultsOf = (engine: OvalEngine, order: readonly number[]) =>
  new Map(order.map((id) => [id, engine.definition(`oval:x:def:${id}`)]));

describe('what refers more than 300 levels deep', () => {
  it.each(Object.keys(chains))('is in error wherever evaluation begins: %s', (name) => {
    const document = lookupOfText(chains[name]!());
    const alone = new Map(ids.map((id) => [id, resultsOf(engineOf(document), [id]).get(id)]));
    const found = new Set(alone.values());
    expect(found.size, [...found].join()).toBe(2);
    expect(found).toContain('error');
    const shuffled = ids.map((id) => [random(), id] as const).sort(([a], [b]) => a - b);
    for (const order of [ids, ids.toReversed(), shuffled.map(([, id]) => id)]) {
      const together = resultsOf(engineOf(document), order);
      for (const id of ids) expect([id, together.get(id)]).toEqual([id, alone.get(id)]);
    }
  });

  it('a branch of what is in error is judged for a report, and what it extends as if it were alone', () => {
    const [opening, closing] = ['<criteria>'.repeat(100), '</criteria>'.repeat(100)];
    const chain = ids.slice(0, 250).map((id) => definition(id, id === 250 ? criterion(1) : extend(id + 1)));
    const text = `<definitions>${definition(999, opening + extend(1) + closing)}${chain.join('')}</definitions><tests>${test(1)}</tests><objects>${variableObject(1)}</objects><variables>${variable(1, literal)}</variables>`;
    const engine = engineOf(lookupOfText(text));
    expect(engine.definition('oval:x:def:999')).toBe('error');
    const { criteria } = engine.document.definition('oval:x:def:999')!;
    expect(engine.branch({ criteria: criteria! })).toBe('error');
    expect(engine.branch(criteria!.children[0]!.criteria!.children[0]!)).toBe('error');
    expect(engine.branch({ extend: 'oval:x:def:1' })).toBe('true');
    expect(engine.definition('oval:x:def:1')).toBe('true');
  });

  it('is in error in a circle of more definitions', () => {
    const circle = ids.map((id) => definition(id, extend((id % length) + 1))).join('');
    const document = lookupOfText(`<definitions>${circle}</definitions>`);
    for (const order of [ids, ids.toReversed()])
      expect(new Set(resultsOf(engineOf(document), order).values())).toEqual(new Set(['error']));
  });

  it('of many definitions is judged in a few steps for each', () => {
    const many = Array.from({ length: 6000 }, (_, at) => at + 1);
    const chain = many.map((id) => definition(id, id < many.length ? extend(id + 1) : criterion(1))).join('');
    const last = `<tests>${test(1)}</tests><objects>${variableObject(1)}</objects><variables>${variable(1, literal)}</variables>`;
    const document = lookupOfText(`<definitions>${chain}</definitions>${last}`);
    for (const order of [many, many.toReversed()]) {
      let steps = 0;
      const definitionOf = (id: string) => {
        steps += 1;
        return document.definition(id);
      };
      const results = resultsOf(engineOf({ ...document, definition: definitionOf }), order);
      expect([...results.values()].filter((result) => result === 'error')).toHaveLength(
        many.length - maxDepth,
      );
      expect(steps).toBeLessThan(4 * many.length);
    }
  });
});
