import type { ComplianceEvidence, ShownEvidence } from '../../model/compliance/index.ts';
import { ovalType } from '../oval/model.ts';
import { shownTests } from '../result/shown-tests.ts';
import { childElements, childText, firstChild, isTrue, textOf, type XmlElement } from '../xml/read-xml.ts';

/** As many as a report of an evaluation shows. */
const foundPerTest = 5;
const longestValue = 200;

/** Entities that name an item, the first of which is its place. */
const places: readonly string[] = [
  'filepath',
  'name',
  'username',
  'user_id',
  'unit',
  'mount_point',
  'var_ref',
  'service_name',
  'runlevel',
  'path',
];
/** Entities that say most of an item if no state asks for others. */
const telling: readonly string[] = ['evr', 'text', 'value', 'value_of', 'os_release', 'family'];

/** The tests behind the results of definitions, from documents of OVAL results, ours or another tool's. */
export class ResultEvidence {
  readonly #definitions = new Map<string, XmlElement>();
  readonly #tests = new Map<string, XmlElement>();
  /** Items by number, of the system that a test is of: each system counts its own. */
  readonly #items = new Map<XmlElement, ReadonlyMap<string, XmlElement>>();
  /** Tests, objects and states of the content, where the results have it. */
  readonly #content = new Map<string, XmlElement>();

  constructor(ovalResults: readonly XmlElement[]) {
    for (const document of ovalResults) {
      const content = firstChild(document, 'oval_definitions');
      for (const section of content ? childElements(content) : [])
        for (const element of childElements(section)) this.#keep(this.#content, element, 'id');
      for (const system of childElements(firstChild(document, 'results') ?? document, 'system')) {
        for (const element of inside(system, 'definitions'))
          this.#keep(this.#definitions, element, 'definition_id');
        for (const element of inside(system, 'tests')) this.#keep(this.#tests, element, 'test_id');
        const characteristics = firstChild(system, 'oval_system_characteristics');
        const items = new Map<string, XmlElement>();
        for (const element of characteristics ? inside(characteristics, 'system_data') : [])
          this.#keep(items, element, 'id');
        for (const element of inside(system, 'tests')) this.#items.set(element, items);
      }
    }
  }

  /** The tests that a definition's criteria lead to, each once, in their order, and how many more there are. */
  of(definition: string): ShownEvidence {
    const tests: { id: string; test: XmlElement; negated: boolean; result: string }[] = [];
    const seen = new Set<string>();
    const visit = (element: XmlElement, outer: boolean): void => {
      for (const child of childElements(element)) {
        const { name, attrs } = child;
        const negated = outer !== isTrue(attrs['negate']);
        if (name === 'criteria') visit(child, negated);
        else if (name === 'extend_definition') follow(attrs['definition_ref'] ?? '', negated);
        else if (name === 'criterion') add(attrs['test_ref'] ?? '', negated);
      }
    };
    const follow = (id: string, negated: boolean): void => {
      const found = this.#definitions.get(id);
      if (!found || seen.has(id)) return;
      seen.add(id);
      visit(found, negated);
    };
    const add = (id: string, negated: boolean): void => {
      const test = this.#tests.get(id);
      if (!test || seen.has(id)) return;
      seen.add(id);
      tests.push({ id, test, negated, result: test.attrs['result'] ?? 'unknown' });
    };
    follow(definition, false);
    const { shown, omitted } = shownTests(tests, this.#definitions.get(definition)?.attrs['result']);
    return {
      evidence: shown.map(({ id, test, negated }) => this.#test(id, test, negated)),
      ...(omitted > 0 && { omittedTests: omitted }),
    };
  }

  #keep(map: Map<string, XmlElement>, element: XmlElement, attribute: string): void {
    const id = element.attrs[attribute];
    if (id !== undefined && !map.has(id)) map.set(id, element);
  }

  #test(id: string, test: XmlElement, negated: boolean): ComplianceEvidence {
    const content = this.#content.get(id);
    const states = (content ? childElements(content, 'state') : []).flatMap(
      ({ attrs }) => this.#content.get(attrs['state_ref'] ?? '') ?? [],
    );
    const asked = states.flatMap((state) => childElements(state));
    const items = this.#items.get(test);
    const tested = childElements(test, 'tested_item');
    const judged = tested.map(({ attrs }) => ({
      result: attrs['result'],
      item: items?.get(attrs['item_id'] ?? ''),
    }));
    // The items that fail come first.
    const failing = judged.filter(({ result }) => result === 'false' || result === 'error');
    const shown = [...failing, ...judged.filter((each) => !failing.includes(each))].slice(0, foundPerTest);
    const message = childText(test, 'message');
    const object = this.#content.get((content && firstChild(content, 'object')?.attrs['object_ref']) ?? '');
    const comment = content?.attrs['comment'];
    return {
      test: id,
      ...(comment ? { comment } : {}),
      result: test.attrs['result'] ?? 'unknown',
      ...(negated ? { negated: true as const } : {}),
      expected: asked.map(entityText),
      found: shown.flatMap(({ item, result }) => (item ? [foundOf(item, asked, result)] : [])),
      count: tested.length,
      ...(tested.length === 0 && object ? { searched: childElements(object).map(entityText) } : {}),
      ...(message ? { message } : {}),
    };
  }
}

function inside(element: XmlElement, name: string): XmlElement[] {
  const section = firstChild(element, name);
  return section ? childElements(section) : [];
}

function entityText(entity: XmlElement): string {
  const { operation = 'equals', var_ref: variable } = entity.attrs;
  return variable === undefined
    ? `${entity.name} ${operation} ${JSON.stringify(cut(textOf(entity)))}`
    : `${entity.name} ${operation} the value of ${variable}`;
}

function foundOf(
  item: XmlElement,
  asked: readonly XmlElement[],
  result: string | undefined,
): ComplianceEvidence['found'][number] {
  const entities = childElements(item);
  const names = asked.length > 0 ? asked.map(({ name }) => name) : telling;
  const values = [...new Set(names)].flatMap((name) => {
    const own = entities.filter((entity) => entity.name === name);
    return own.length === 0 ? [] : [`${name}: ${own.map(valueText).join(' | ')}`];
  });
  return {
    place: placeOf(item, entities),
    ...(values.length === 0 ? {} : { value: cut(values.join(', ')) }),
    ...(result === undefined || asked.length === 0 ? {} : { result }),
  };
}

function valueText(entity: XmlElement): string {
  if (isTrue(entity.attrs['mask'])) return '(not shown)';
  const { status } = entity.attrs;
  return status === undefined || status === 'exists' ? cut(textOf(entity)) : `(${status})`;
}

function placeOf(item: XmlElement, entities: readonly XmlElement[]): string {
  for (const name of places) {
    const entity = entities.find((each) => each.name === name);
    const text = entity && textOf(entity).trim();
    if (!text || isTrue(entity?.attrs['mask'])) continue;
    const file = name === 'path' ? entities.find((each) => each.name === 'filename') : undefined;
    return file ? `${text.replace(/\/$/, '')}/${textOf(file)}` : text;
  }
  return ovalType(item.ns, item.name);
}

function cut(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain.length > longestValue ? `${plain.slice(0, longestValue)}…` : plain;
}
