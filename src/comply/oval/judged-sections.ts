import type { DefinitionMetadata, XmlData } from '../../model/compliance/index.ts';
import type { OvalEngine } from './engine.ts';
import type {
  OvalComponent,
  OvalCriteria,
  OvalCriterion,
  OvalDefinition,
  OvalEntity,
  OvalFilter,
  OvalObject,
  OvalSet,
  OvalState,
  OvalTest,
  OvalVariable,
} from './model.ts';

/**
 * The part of an OVAL document that an engine judged, as the sections of `oval_definitions`: definitions, their tests, and
 * all that these refer to. Names in a family's schema have its prefix, `linux:rpminfo_test`.
 */
export function judgedSections(
  engine: OvalEngine,
  metadata: (definition: string) => Partial<DefinitionMetadata> = () => ({}),
): XmlData[] {
  return new Gatherer(engine).sections(metadata);
}

class Gatherer {
  readonly #engine: OvalEngine;
  readonly #tests = new Map<string, XmlData>();
  readonly #objects = new Map<string, XmlData>();
  readonly #states = new Map<string, XmlData>();
  readonly #variables = new Map<string, XmlData>();
  /** References that are collected but not followed yet; recursion could overflow the stack on long chains. */
  readonly #pending: (() => void)[] = [];

  constructor(engine: OvalEngine) {
    this.#engine = engine;
  }

  sections(metadata: (definition: string) => Partial<DefinitionMetadata>): XmlData[] {
    const { document, judgedDefinitions } = this.#engine;
    const definitions = [...judgedDefinitions.keys()].flatMap((id) => {
      const definition = document.definition(id);
      if (definition?.criteria) this.#criteria(definition.criteria);
      return definition ? [definitionXml(id, definition, metadata(id))] : [];
    });
    for (let follow = this.#pending.pop(); follow; follow = this.#pending.pop()) follow();
    const sections: [string, Iterable<XmlData>][] = [
      ['definitions', definitions],
      ['tests', this.#tests.values()],
      ['objects', this.#objects.values()],
      ['states', this.#states.values()],
      ['variables', this.#variables.values()],
    ];
    return sections
      .map(([name, content]) => element(name, {}, [...content]))
      .filter(({ content }) => content.length > 0);
  }

  #criteria({ children }: OvalCriteria): void {
    for (const { criteria, test } of children) {
      if (criteria) this.#criteria(criteria);
      if (test !== undefined) this.#test(test);
    }
  }

  #test(id: string): void {
    const test = this.#engine.document.test(id);
    if (!test || this.#tests.has(id)) return;
    this.#tests.set(id, testXml(id, test));
    if (test.object !== undefined) this.#object(test.object);
    for (const state of test.states ?? []) this.#state(state);
  }

  #object(id: string): void {
    const object = this.#engine.document.object(id);
    if (!object || this.#objects.has(id)) return;
    this.#objects.set(id, objectXml(id, object));
    this.#pending.push(() => {
      if (object.set) this.#set(object.set);
      for (const { state } of object.filters ?? []) this.#state(state);
      this.#entities(object.entities);
    });
  }

  #set({ objects = [], sets = [], filters = [] }: OvalSet): void {
    for (const id of objects) this.#object(id);
    for (const set of sets) this.#set(set);
    for (const { state } of filters) this.#state(state);
  }

  #state(id: string): void {
    const state = this.#engine.document.state(id);
    if (!state || this.#states.has(id)) return;
    this.#states.set(id, stateXml(id, state));
    this.#entities(state.entities);
  }

  /** A variable's id is an attribute of an entity, or the text of a variable object's var_ref. */
  #entities(entities: readonly OvalEntity[]): void {
    for (const { name, value, variable, fields } of entities) {
      if (variable !== undefined) this.#variable(variable);
      if (name === 'var_ref' && value !== undefined) this.#variable(value.trim());
      this.#entities(fields ?? []);
    }
  }

  #variable(id: string): void {
    const variable = this.#engine.document.variable(id);
    if (!variable || this.#variables.has(id)) return;
    this.#variables.set(id, variableXml(id, variable));
    const { component } = variable;
    if (component) this.#pending.push(() => this.#component(component));
  }

  #component(component: OvalComponent): void {
    if ('object' in component) this.#object(component.object);
    if ('variable' in component) this.#variable(component.variable);
    if ('args' in component) for (const each of component.args) this.#component(each);
  }
}

function definitionXml(
  id: string,
  { version, class: kind, title, deprecated, criteria }: OvalDefinition,
  facts: Partial<DefinitionMetadata>,
): XmlData {
  const { references = [] } = facts;
  const metadata = element('metadata', {}, [
    element('title', {}, [title || id]),
    ...references.map(({ source, id: ref_id, url }) =>
      element('reference', { source, ref_id, ref_url: url }),
    ),
    element('description'),
    ...advisoryXml(facts),
  ]);
  return element('definition', { id, version, class: kind, deprecated: deprecated && 'true' }, [
    metadata,
    ...(criteria ? [criteriaXml(criteria)] : []),
  ]);
}

/** Vendors' elements below `advisory` that are not among the references. */
function advisoryXml({
  references = [],
  vulnerabilities = [],
  advisory,
  vendorSeverity,
  issued,
}: Partial<DefinitionMetadata>): XmlData[] {
  // CVE-2026-12345 does not count as a mention of CVE-2026-1234.
  const isMentioned = (text: string) =>
    references.some(({ id }) => id.includes(text) && !/^\d/.test(id.slice(id.indexOf(text) + text.length)));
  const parts = [
    ...(vendorSeverity === undefined ? [] : [element('severity', {}, [vendorSeverity])]),
    ...(issued === undefined ? [] : [element('issued', { date: issued })]),
    ...vulnerabilities.filter((id) => !isMentioned(id)).map((id) => element('cve', {}, [id])),
  ];
  return [
    ...(parts.length === 0 ? [] : [element('advisory', {}, parts)]),
    ...(advisory === undefined || isMentioned(advisory) ? [] : [element('advisory_id', {}, [advisory])]),
  ];
}

function criteriaXml({ operator, negate, comment, children }: OvalCriteria): XmlData {
  return element('criteria', { operator, negate: negate && 'true', comment }, children.map(criterionXml));
}

function criterionXml({ criteria, test, extend, negate, comment }: OvalCriterion): XmlData {
  if (criteria) return criteriaXml(criteria);
  const rest = { negate: negate && 'true', comment };
  return test === undefined
    ? element('extend_definition', { definition_ref: extend, ...rest })
    : element('criterion', { test_ref: test, ...rest });
}

function testXml(id: string, test: OvalTest): XmlData {
  const { type, version, comment, check, existence, stateOperator, object, states = [] } = test;
  const [family] = type.split('/');
  return element(
    nameOf(type, 'test'),
    { id, version, comment: comment ?? id, check, check_existence: existence, state_operator: stateOperator },
    [
      ...(object === undefined ? [] : [element(`${family}:object`, { object_ref: object })]),
      ...states.map((state) => element(`${family}:state`, { state_ref: state })),
    ],
  );
}

function objectXml(
  id: string,
  { type, version, comment, behaviors, entities, filters = [], set }: OvalObject,
): XmlData {
  const [family = ''] = type.split('/');
  return element(nameOf(type, 'object'), { id, version, comment }, [
    ...(set ? [setXml(set)] : []),
    ...(behaviors ? [element(`${family}:behaviors`, behaviors)] : []),
    ...entities.map((entity) => entityXml(entity, `${family}:${entity.name}`)),
    ...filters.map(filterXml),
  ]);
}

function setXml({ operator, objects = [], sets = [], filters = [] }: OvalSet): XmlData {
  return element('set', { set_operator: operator }, [
    ...sets.map(setXml),
    ...objects.map((id) => element('object_reference', {}, [id])),
    ...filters.map(filterXml),
  ]);
}

function filterXml({ action, state }: OvalFilter): XmlData {
  return element('filter', { action }, [state]);
}

function stateXml(id: string, { type, version, operator, entities }: OvalState): XmlData {
  const [family = ''] = type.split('/');
  return element(
    nameOf(type, 'state'),
    { id, version, operator },
    entities.map((entity) => entityXml(entity, `${family}:${entity.name}`)),
  );
}

function entityXml(entity: OvalEntity, name: string): XmlData {
  const attributes = {
    datatype: entity.datatype,
    operation: entity.operation,
    var_ref: entity.variable,
    var_check: entity.variableCheck,
    entity_check: entity.entityCheck,
    check_existence: entity.existence,
    mask: entity.mask && 'true',
    'xsi:nil': entity.nil && 'true',
  };
  const fields = (entity.fields ?? []).map((field) => {
    const { attributes: own, content } = entityXml(field, 'field');
    return element('field', { name: field.name, ...own }, content);
  });
  return element(name, attributes, [...(entity.value === undefined ? [] : [entity.value]), ...fields]);
}

function variableXml(id: string, { kind, datatype, version, values = [], component }: OvalVariable): XmlData {
  return element(`${kind}_variable`, { id, version, datatype, comment: id }, [
    ...values.map((value) => element('value', {}, [value])),
    ...(component ? [componentXml(component)] : []),
  ]);
}

function componentXml(component: OvalComponent): XmlData {
  if ('args' in component)
    return element(component.fn, component.with ?? {}, component.args.map(componentXml));
  if ('object' in component) {
    const { object, field, record } = component;
    return element('object_component', { object_ref: object, item_field: field, record_field: record });
  }
  if ('variable' in component) return element('variable_component', { var_ref: component.variable });
  return element('literal_component', { datatype: component.datatype }, [component.value]);
}

/** `linux/rpminfo` as `linux:rpminfo_test`. */
function nameOf(type: string, kind: string): string {
  return `${type.replace('/', ':')}_${kind}`;
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  content: readonly (XmlData | string)[] = [],
): XmlData {
  return { name, attributes, content };
}
