import type { ComplianceEvidence, ShownEvidence } from '../../model/compliance/index.ts';
import { maxDepth } from '../oval/depth.ts';
import type { OvalEngine, TestOutcome } from '../oval/engine.ts';
import type { OvalItem } from '../oval/items.ts';
import type { OvalCriteria, OvalEntity, OvalSet, OvalTest } from '../oval/model.ts';
import { probeOf } from '../probes/registry.ts';
import { shownTests } from './shown-tests.ts';

/** Maximum number of items of a test that a report shows; it gives the full number in any case. */
const foundPerTest = 5;
const longestValue = 200;
/** Maximum number of objects of a set that a report describes. */
const objectsPerSet = 8;

/** The tests that a definition's criteria lead to, each once, in their order, and how many more there are. */
export function evidenceOf(engine: OvalEngine, definition: string): ShownEvidence {
  const tests: { id: string; negated: boolean; result: string }[] = [];
  const seen = new Set<string>();
  let depth = 0;
  const visitDefinition = (id: string, negated: boolean): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const criteria = engine.document.definition(id)?.criteria;
    if (criteria) visit(criteria, negated);
  };
  const visit = ({ negate, children }: OvalCriteria, outer: boolean): void => {
    if (depth === maxDepth) return;
    depth += 1;
    const negated = outer !== (negate === true);
    for (const child of children) {
      const own = negated !== (child.negate === true);
      if (child.criteria) visit(child.criteria, negated);
      else if (child.extend !== undefined) visitDefinition(child.extend, own);
      else if (child.test !== undefined && !seen.has(child.test)) {
        seen.add(child.test);
        tests.push({ id: child.test, negated: own, result: engine.test(child.test).result });
      }
    }
    depth -= 1;
  };
  visitDefinition(definition, false);
  const { shown, omitted } = shownTests(tests, engine.definition(definition));
  return {
    evidence: shown.map(({ id, negated }) => testEvidence(engine, id, negated)),
    ...(omitted > 0 && { omittedTests: omitted }),
  };
}

function testEvidence(engine: OvalEngine, id: string, negated: boolean): ComplianceEvidence {
  const test = engine.document.test(id);
  const outcome = engine.test(id);
  const { items, message, flag } = outcome.collection;
  const entities = (test?.states ?? []).flatMap((state) => engine.document.state(state)?.entities ?? []);
  const reason =
    message ??
    (flag === 'complete' || flag === 'does not exist' ? reasonOfStates(engine, outcome, entities) : flag);
  return {
    test: id,
    ...(test?.comment ? { comment: test.comment } : {}),
    result: outcome.result,
    ...(negated ? { negated: true as const } : {}),
    expected: [...existenceText(test), ...entities.map((entity) => entityText(engine, entity))],
    found: shown(outcome).map(({ item, result }) => foundOf(engine, item, entities, result)),
    count: items.length,
    ...(items.length === 0 ? searchedBy(engine, test) : {}),
    ...(reason === undefined ? {} : { message: reason }),
  };
}

/** Why states give no result: a variable without values, or values that have no such order. */
function reasonOfStates(
  engine: OvalEngine,
  { result }: TestOutcome,
  entities: readonly OvalEntity[],
): string | undefined {
  if (result !== 'error' || entities.length === 0) return undefined;
  const known = entities.flatMap(({ variable }) =>
    variable === undefined ? [] : [engine.variable(variable)],
  );
  const texts = entities.map((entity) => entityText(engine, entity)).join(', ');
  return known.find(({ message }) => message)?.message ?? `what is found cannot be compared: ${texts}`;
}

/** The object's own words: which file, which pattern; of a set those of all its objects. */
function searchedBy(engine: OvalEngine, test: OvalTest | undefined): Pick<ComplianceEvidence, 'searched'> {
  const entities = test?.object ? [...entitiesOf(engine, test.object, new Set())] : [];
  return entities.length === 0
    ? {}
    : { searched: [...new Set(entities.map((entity) => entityText(engine, entity)))] };
}

/** A set may name an object twice, or itself. Of very many, the first say enough. */
function entitiesOf(engine: OvalEngine, id: string, seen: Set<string>): OvalEntity[] {
  if (seen.has(id) || seen.size === objectsPerSet) return [];
  seen.add(id);
  const { entities = [], set } = engine.document.object(id) ?? {};
  return [...entities, ...objectsOf(set).flatMap((each) => entitiesOf(engine, each, seen))];
}

function objectsOf(set: OvalSet | undefined, depth = 0): string[] {
  if (!set || depth === maxDepth) return [];
  return [...(set.objects ?? []), ...(set.sets ?? []).flatMap((each) => objectsOf(each, depth + 1))];
}

/** The items that fail come first. */
function shown({ collection, itemResults }: TestOutcome): { item: OvalItem; result: string | undefined }[] {
  const judged = collection.items.map((item, at) => ({ item, result: itemResults[at] }));
  const failing = judged.filter(({ result }) => result !== undefined && result !== 'true');
  return [...failing, ...judged.filter((each) => !failing.includes(each))].slice(0, foundPerTest);
}

const existenceTexts: Readonly<Record<string, string>> = {
  none_exist: 'nothing is found',
  at_least_one_exists: 'something is found',
  all_exist: 'all are found',
  only_one_exists: 'exactly one is found',
};

function existenceText(test: OvalTest | undefined): string[] {
  const text = existenceTexts[test?.existence ?? 'at_least_one_exists'];
  return text === undefined || !test ? [] : [text];
}

function entityText(engine: OvalEngine, { name, operation, value, variable }: OvalEntity): string {
  const known = variable === undefined ? { values: [value ?? ''] } : engine.variable(variable);
  if ('secret' in known) return `${name} ${operation ?? 'equals'} (not shown)`;
  const text = known.values.slice(0, foundPerTest).map((each) => JSON.stringify(cut(each)));
  return `${name} ${operation ?? 'equals'} ${text.join(' or ') || '(no value)'}`;
}

function foundOf(
  engine: OvalEngine,
  item: OvalItem,
  entities: readonly OvalEntity[],
  result: string | undefined,
): ComplianceEvidence['found'][number] {
  const { place, values = [], summary } = probeOf(item.type)?.shows ?? { place: [] };
  const asked = entities.map(({ name }) => name);
  const names = asked.length > 0 ? asked : values;
  const value = summary
    ? summary(item)
    : [...new Set(names)].flatMap((name) => valueText(engine, item, name)).join(', ');
  const line = item.line?.();
  return {
    place: placeOf(engine, item, place),
    ...(line === undefined ? {} : { line }),
    ...(value === '' ? {} : { value: cut(value) }),
    ...(result === undefined ? {} : { result }),
  };
}

function valueText(engine: OvalEngine, item: OvalItem, name: string): string[] {
  const entities = engine.shownValues(item, name);
  if (!entities) return [`${name}: (not shown)`];
  const values = entities.map(({ value, status }) => (status === undefined ? value : `(${status})`));
  return values.length === 0 ? [] : [`${name}: ${values.map(cut).join(' | ')}`];
}

/** The item's path or name. */
function placeOf(engine: OvalEngine, item: OvalItem, names: readonly string[]): string {
  for (const name of names) {
    const value = engine.shownValues(item, name)?.[0]?.value;
    if (value) return value;
  }
  return item.type;
}

function cut(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain.length > longestValue ? `${plain.slice(0, longestValue)}…` : plain;
}
