import type {
  DefinitionMetadata,
  OvalCriteriaResult,
  OvalDocumentInfo,
  OvalItemData,
  OvalResultsData,
} from '../../model/compliance/index.ts';
import type { OvalEngine } from '../oval/engine.ts';
import type { OvalItem } from '../oval/items.ts';
import { judgedSections } from '../oval/judged-sections.ts';
import type { OvalCriteria } from '../oval/model.ts';

/** More items of one object are left out of a results document, where the object is `incomplete`. */
const itemsPerObject = 1_000;

/** A document's facts about itself and its definitions. */
export interface OvalDescription {
  info: OvalDocumentInfo;
  metadata(definition: string): DefinitionMetadata;
}

/** The data of OVAL results: every judged definition and test, and their items. */
export function ovalData(href: string, engine: OvalEngine, described?: OvalDescription): OvalResultsData {
  const numbers = new Map<string, number>();
  const items: OvalItemData[] = [];
  const numberOf = (item: OvalItem): number => {
    const key = `${item.type} ${item.status} ${item.key}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = items.push(itemData(engine, item));
      numbers.set(key, number);
    }
    return number;
  };
  return {
    href,
    schemaVersion: engine.document.schemaVersion,
    ...(described ? { generator: described.info } : {}),
    source: judgedSections(engine, described?.metadata),
    definitions: [...engine.judgedDefinitions].flatMap(([id, result]) => {
      const definition = engine.document.definition(id);
      if (!definition) return [];
      const criteria = definition.criteria ? { criteria: criteriaData(engine, definition.criteria) } : {};
      return [{ id, version: definition.version, class: definition.class, result, ...criteria }];
    }),
    tests: [...engine.judgedTests].flatMap(([id, { result, collection, itemResults }]) => {
      const test = engine.document.test(id);
      if (!test) return [];
      const tested = collection.items.slice(0, itemsPerObject).map((item, at) => ({
        item: numberOf(item),
        result: itemResults[at] ?? 'not evaluated',
      }));
      return [
        {
          id,
          version: test.version,
          check: test.check,
          existence: test.existence ?? 'at_least_one_exists',
          stateOperator: test.stateOperator ?? 'AND',
          result,
          ...(collection.message === undefined ? {} : { message: collection.message }),
          items: tested,
        },
      ];
    }),
    objects: [...engine.collectedObjects].map(([id, { flag, items: found, message }]) => ({
      id,
      version: engine.document.object(id)?.version ?? '1',
      flag: found.length > itemsPerObject ? 'incomplete' : flag,
      ...(message === undefined ? {} : { message }),
      items: [...new Set(found.slice(0, itemsPerObject).map(numberOf))],
    })),
    items,
  };
}

function criteriaData(engine: OvalEngine, criteria: OvalCriteria): OvalCriteriaResult {
  return {
    operator: criteria.operator ?? 'AND',
    negate: criteria.negate === true,
    result: engine.branch({ criteria }),
    children: criteria.children.map((child) => {
      if (child.criteria) return { kind: 'criteria', criteria: criteriaData(engine, child.criteria) };
      const kind = child.test === undefined ? 'definition' : 'test';
      const id = child.test ?? child.extend ?? '';
      const target = kind === 'test' ? engine.document.test(id) : engine.document.definition(id);
      return {
        kind,
        id,
        version: target?.version ?? '1',
        negate: child.negate === true,
        result: engine.branch(child),
      };
    }),
  };
}

function itemData(engine: OvalEngine, item: OvalItem): OvalItemData {
  return {
    // System characteristics use one item type for both object types.
    type: item.type === 'independent/textfilecontent54' ? 'independent/textfilecontent' : item.type,
    status: item.status,
    entities: [...item.entries()].map(([name, values]) => {
      const isShown = engine.shownValues(item, name) !== undefined;
      return [
        name,
        values.map(({ value, datatype, status }) => ({
          value: isShown ? value : '',
          ...(datatype === undefined ? {} : { datatype }),
          ...(status === undefined ? {} : { status }),
        })),
      ];
    }),
  };
}
