import {
  childElements,
  childText,
  firstChild,
  isTrue,
  malformed,
  textOf,
  type XmlElement,
} from '../xml/read-xml.ts';
import { booleans, requireWord, requireWords } from '../xml/require-words.ts';
import {
  emptyOvalDocument,
  type OvalCheck,
  type OvalClass,
  type OvalComponent,
  type OvalCriteria,
  type OvalCriterion,
  type OvalDefinition,
  type OvalDocument,
  type OvalEntity,
  type OvalExistence,
  type OvalFilter,
  type OvalObject,
  type OvalOperator,
  type OvalSet,
  type OvalState,
  type OvalTest,
  type OvalVariable,
  ovalType,
} from './model.ts';

/** Sections of an OVAL definitions document, whose children are each read whole. */
export const ovalSections: ReadonlySet<string> = new Set([
  'definitions',
  'tests',
  'objects',
  'states',
  'variables',
]);

/** Vendors' largest documents have 300,000 elements. */
export const maxElements = 1_000_000;

/** The error for a document with more. */
export function tooManyElements(where: string): Error {
  return malformed(where, `more than ${maxElements} definitions, tests, objects, states and variables`);
}

const operators = ['AND', 'ONE', 'OR', 'XOR'];
const checks = ['all', 'at least one', 'none exist', 'none satisfy', 'only one'];
const existences = ['all_exist', 'any_exist', 'at_least_one_exists', 'none_exist', 'only_one_exists'];

/** Words of attributes that decide a result. */
const words: ReadonlyMap<string, readonly string[]> = new Map([
  ['class', ['compliance', 'inventory', 'miscellaneous', 'patch', 'vulnerability']],
  ['operator', operators],
  ['state_operator', operators],
  ['set_operator', ['COMPLEMENT', 'INTERSECTION', 'UNION']],
  ['action', ['exclude', 'include']],
  ...['check', 'entity_check', 'var_check'].map((name) => [name, checks] as const),
  ['check_existence', existences],
  ['negate', booleans],
]);

/** Elements that evaluation does not read. */
const unread: ReadonlySet<string> = new Set(['metadata', 'notes', 'Signature']);

/** @throws CONTENT_MALFORMED for a word that the attribute does not have in OVAL */
export function requireOvalWord(attribute: string, text: string | undefined, where: string): void {
  requireWord(words.get(attribute), text, attribute, where);
}

/** @throws CONTENT_MALFORMED for an attribute value outside OVAL's enumerations, and for an element that may appear once and is repeated */
export function requireOvalWords(element: XmlElement, where: string): void {
  requireWords(element, (attribute) => words.get(attribute), where);
  let parts = 0;
  for (const child of element.children) {
    if (typeof child === 'string' || unread.has(child.name)) continue;
    if (isPartOf(element.name, child.name)) parts += 1;
    requireOvalWords(child, where);
  }
  if (parts > (element.name === 'set' ? 2 : 1))
    throw malformed(where, `<${element.name} ${element.attrs['id'] ?? ''}> has too many parts: ${parts}`);
}

/** The error for a definition with two criteria. */
export function secondCriteria(id: string, where: string): Error {
  return malformed(where, `a definition has one <criteria>, found two in ${id}`);
}

/** A definition has one criteria, a test one object, an object one set, and a set two operands at most. */
function isPartOf(parent: string, child: string): boolean {
  if (parent === 'definition') return child === 'criteria';
  if (parent === 'set') return child === 'set' || child === 'object_reference';
  return parent.endsWith('_test') ? child === 'object' : parent.endsWith('_object') && child === 'set';
}

/** Gathers one OVAL definitions document from the elements of its sections, in any order. */
export class DocumentGatherer {
  readonly document: OvalDocument = emptyOvalDocument();
  readonly #where: string;
  #elements = 0;

  constructor(where: string) {
    this.#where = where;
  }

  generator(element: XmlElement): void {
    this.document.schemaVersion = childText(element, 'schema_version') ?? '5.11';
  }

  /** Adds an element of `section`; a second one with the same id is an error. */
  add(section: string, element: XmlElement): void {
    const id = element.attrs['id'];
    if (id === undefined)
      throw malformed(this.#where, `an element of <${section}> has an id, found <${element.name}> without`);
    requireOvalWords(element, this.#where);
    const { document } = this;
    if (section === 'definitions') this.#put(document.definitions, id, definitionOf(element));
    else if (section === 'tests') this.#put(document.tests, id, testOf(element));
    else if (section === 'objects') this.#put(document.objects, id, objectOf(element));
    else if (section === 'states') this.#put(document.states, id, stateOf(element));
    else this.#put(document.variables, id, variableOf(element, this.#where));
  }

  /** Adds a definition that was read elsewhere. */
  define(id: string, definition: OvalDefinition): void {
    this.#put(this.document.definitions, id, definition);
  }

  #put<T>(record: Record<string, T>, id: string, value: T): void {
    this.#elements += 1;
    if (this.#elements > maxElements) throw tooManyElements(this.#where);
    if (Object.hasOwn(record, id)) throw malformed(this.#where, `ids are unique, found ${id} twice`);
    // By assignment, `__proto__` would be no member.
    Object.defineProperty(record, id, { value, enumerable: true });
  }
}

function definitionOf(element: XmlElement): OvalDefinition {
  const criteria = firstChild(element, 'criteria');
  const metadata = firstChild(element, 'metadata');
  const title = metadata && childText(metadata, 'title');
  return {
    version: element.attrs['version'] ?? '1',
    class: (element.attrs['class'] ?? 'miscellaneous') as OvalClass,
    ...(title ? { title: title.replace(/\s+/g, ' ') } : {}),
    ...(isTrue(element.attrs['deprecated']) ? { deprecated: true as const } : {}),
    ...(criteria ? { criteria: criteriaOf(criteria) } : {}),
  };
}

/** The criteria of a definition, criteria or criterion inside them included. */
export function criteriaOf(element: XmlElement): OvalCriteria {
  const operator = (element.attrs['operator'] ?? 'AND') as OvalOperator;
  return {
    ...(operator === 'AND' ? {} : { operator }),
    ...negateAndComment(element),
    children: childElements(element).flatMap(criterionOf),
  };
}

function criterionOf(element: XmlElement): OvalCriterion[] {
  if (element.name === 'criteria') return [{ criteria: criteriaOf(element) }];
  if (element.name === 'criterion') {
    return [{ test: element.attrs['test_ref'] ?? '', ...negateAndComment(element) }];
  }
  if (element.name === 'extend_definition') {
    return [{ extend: element.attrs['definition_ref'] ?? '', ...negateAndComment(element) }];
  }
  return [];
}

function negateAndComment(element: XmlElement): { negate?: true; comment?: string } {
  const comment = element.attrs['comment'];
  return {
    ...(isTrue(element.attrs['negate']) ? { negate: true as const } : {}),
    ...(comment ? { comment } : {}),
  };
}

function testOf(element: XmlElement): OvalTest {
  const { attrs } = element;
  const existence = attrs['check_existence'] as OvalExistence | undefined;
  const stateOperator = attrs['state_operator'] as OvalOperator | undefined;
  const object = firstChild(element, 'object')?.attrs['object_ref'];
  const states = childElements(element, 'state').map((state) => state.attrs['state_ref'] ?? '');
  return {
    type: ovalType(element.ns, element.name),
    version: attrs['version'] ?? '1',
    ...(attrs['comment'] ? { comment: attrs['comment'] } : {}),
    check: (attrs['check'] ?? 'all') as OvalCheck,
    ...(existence && existence !== 'at_least_one_exists' ? { existence } : {}),
    ...(stateOperator && stateOperator !== 'AND' ? { stateOperator } : {}),
    ...(object ? { object } : {}),
    ...(states.length > 0 ? { states } : {}),
  };
}

export function objectOf(element: XmlElement): OvalObject {
  const set = firstChild(element, 'set');
  const behaviors = firstChild(element, 'behaviors');
  const filters = filtersOf(element);
  const comment = element.attrs['comment'];
  return {
    type: ovalType(element.ns, element.name),
    version: element.attrs['version'] ?? '1',
    ...(comment ? { comment } : {}),
    ...(behaviors ? { behaviors: { ...behaviors.attrs } } : {}),
    entities: set ? [] : entitiesOf(element),
    ...(filters.length > 0 ? { filters } : {}),
    ...(set ? { set: setOf(set) } : {}),
  };
}

function setOf(element: XmlElement): OvalSet {
  const objects = childElements(element, 'object_reference').map((reference) => textOf(reference).trim());
  const sets = childElements(element, 'set').map(setOf);
  const filters = filtersOf(element);
  return {
    operator: (element.attrs['set_operator'] ?? 'UNION') as OvalSet['operator'],
    ...(objects.length > 0 ? { objects } : {}),
    ...(sets.length > 0 ? { sets } : {}),
    ...(filters.length > 0 ? { filters } : {}),
  };
}

function filtersOf(element: XmlElement): OvalFilter[] {
  return childElements(element, 'filter').map((filter) => ({
    state: textOf(filter).trim(),
    action: filter.attrs['action'] === 'include' ? 'include' : 'exclude',
  }));
}

export function stateOf(element: XmlElement): OvalState {
  const operator = (element.attrs['operator'] ?? 'AND') as OvalOperator;
  return {
    type: ovalType(element.ns, element.name),
    version: element.attrs['version'] ?? '1',
    ...(operator === 'AND' ? {} : { operator }),
    entities: entitiesOf(element),
  };
}

const notEntities: ReadonlySet<string> = new Set(['set', 'behaviors', 'filter', 'notes', 'Signature']);

function entitiesOf(element: XmlElement): OvalEntity[] {
  return childElements(element)
    .filter((child) => !notEntities.has(child.name))
    .map(entityOf);
}

function entityOf(element: XmlElement): OvalEntity {
  const { attrs } = element;
  const fields = childElements(element, 'field');
  const value = fields.length > 0 ? '' : textOf(element);
  const operation = attrs['operation'];
  const datatype = attrs['datatype'];
  const name = element.name === 'field' ? (attrs['name'] ?? '') : element.name;
  return {
    name,
    ...(operation && operation !== 'equals' ? { operation } : {}),
    ...(datatype && datatype !== 'string' ? { datatype } : {}),
    ...(value !== '' ? { value } : {}),
    ...(attrs['var_ref'] ? { variable: attrs['var_ref'] } : {}),
    ...checkOf('variableCheck', attrs['var_check']),
    ...checkOf('entityCheck', attrs['entity_check']),
    ...(attrs['check_existence'] ? { existence: attrs['check_existence'] as OvalExistence } : {}),
    ...(isTrue(attrs['xsi:nil']) ? { nil: true as const } : {}),
    ...(isTrue(attrs['mask']) ? { mask: true as const } : {}),
    ...(fields.length > 0 ? { fields: fields.map(entityOf) } : {}),
  };
}

function checkOf<K extends string>(key: K, value: string | undefined): { [P in K]?: OvalCheck } {
  return (value && value !== 'all' ? { [key]: value } : {}) as { [P in K]?: OvalCheck };
}

export function variableOf(element: XmlElement, where: string): OvalVariable {
  const kind = element.name.replace(/_variable$/, '');
  if (kind !== 'constant' && kind !== 'external' && kind !== 'local') {
    throw malformed(where, `a variable is constant, external or local, found <${element.name}>`);
  }
  const base = {
    kind: kind as OvalVariable['kind'],
    datatype: element.attrs['datatype'] ?? 'string',
    version: element.attrs['version'] ?? '1',
  };
  if (kind === 'constant') return { ...base, values: childElements(element, 'value').map(textOf) };
  if (kind === 'external') return base;
  const component = childElements(element).find(
    (child) => child.name !== 'notes' && child.name !== 'Signature',
  );
  return component ? { ...base, component: componentOf(component) } : base;
}

function componentOf(element: XmlElement): OvalComponent {
  const { attrs } = element;
  if (element.name === 'literal_component') {
    const datatype = attrs['datatype'];
    return {
      fn: 'literal',
      value: textOf(element),
      ...(datatype && datatype !== 'string' ? { datatype } : {}),
    };
  }
  if (element.name === 'object_component') {
    const record = attrs['record_field'];
    return {
      fn: 'object',
      object: attrs['object_ref'] ?? '',
      field: attrs['item_field'] ?? '',
      ...(record ? { record } : {}),
    };
  }
  if (element.name === 'variable_component') return { fn: 'variable', variable: attrs['var_ref'] ?? '' };
  return {
    // Not the name that one of the components above has here.
    fn: /^(?:literal|object|variable)$/.test(element.name) ? `<${element.name}>` : element.name,
    args: childElements(element).map(componentOf),
    ...(Object.keys(attrs).length > 0 ? { with: { ...attrs } } : {}),
  };
}
