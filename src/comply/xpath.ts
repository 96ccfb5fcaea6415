import { readXmlTree, textOf, type XmlElement } from '../scap/xml.ts';

/** An expression outside of the part of XPath that is evaluated here. */
export class XPathError extends Error {}

interface Step {
  axis: 'child' | 'descendant' | 'attribute';
  /** Local name, `*`, or `text()`. */
  test: string;
  predicates: Predicate[];
}

type Predicate =
  | { kind: 'position'; position: number }
  | { kind: 'compare'; path: Step[]; negate: boolean; value: string }
  | { kind: 'exists'; path: Step[] }
  | { kind: 'and' | 'or'; parts: Predicate[] };

/**
 * Values of a location path in an XML document, as xmlfilecontent wants them: text of attributes and text nodes, the empty
 * text of an element. Absolute paths of child, descendant and attribute steps, with predicates of comparisons, `and`, `or`
 * and positions: all that SCAP content uses. Names are compared without their prefix. Throws XPathError for the rest.
 */
export function evaluateXPath(document: Uint8Array | string, where: string, expression: string): string[] {
  const steps = new PathParser(expression).whole();
  const root: XmlElement = { ns: '', name: '', attrs: {}, children: [readXmlTree(document, where)] };
  return walk([root], steps);
}

function walk(from: readonly XmlElement[], steps: readonly Step[]): string[] {
  const [step, ...rest] = steps;
  if (!step) return from.map((element) => ownText(element));
  if (step.axis === 'attribute') return from.flatMap((element) => attributeOf(element, step.test));
  if (step.test === 'text()') return from.flatMap((element) => ownTexts(element));
  return walk(
    from.flatMap((element) => selected(element, step)),
    rest,
  );
}

function selected(element: XmlElement, { axis, test, predicates }: Step): XmlElement[] {
  const candidates = axis === 'child' ? children(element) : descendants(element);
  const named = candidates.filter(({ name }) => test === '*' || name === test);
  return predicates.reduce(
    (list, predicate) => list.filter((each, at) => holds(each, at + 1, predicate)),
    named,
  );
}

function holds(element: XmlElement, position: number, predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'position':
      return position === predicate.position;
    case 'exists':
      return walk([element], predicate.path).length > 0;
    case 'compare':
      return walk([element], predicate.path).some(
        (value) => (value === predicate.value) !== predicate.negate,
      );
    case 'and':
      return predicate.parts.every((part) => holds(element, position, part));
    case 'or':
      return predicate.parts.some((part) => holds(element, position, part));
  }
}

function children(element: XmlElement): XmlElement[] {
  return element.children.filter((child): child is XmlElement => typeof child !== 'string');
}

function descendants(element: XmlElement): XmlElement[] {
  return children(element).flatMap((child) => [child, ...descendants(child)]);
}

function attributeOf({ attrs }: XmlElement, name: string): string[] {
  if (name === '*') return Object.values(attrs);
  const value = attrs[name];
  return value === undefined ? [] : [value];
}

function ownTexts(element: XmlElement): string[] {
  return element.children.filter((child): child is string => typeof child === 'string');
}

function ownText(element: XmlElement): string {
  return children(element).length > 0 ? '' : textOf(element);
}

/** Recursive descent over the part of the grammar that is known. */
class PathParser {
  #rest: string;
  readonly #expression: string;

  constructor(expression: string) {
    this.#expression = expression;
    this.#rest = expression.trim();
  }

  whole(): Step[] {
    if (!this.#rest.startsWith('/')) throw this.#unknown();
    const steps = this.#path();
    if (this.#rest !== '') throw this.#unknown();
    return steps;
  }

  #path(): Step[] {
    const steps: Step[] = [];
    let axis: Step['axis'] = 'child';
    const separator = this.#take(/^\/\/?/);
    if (separator === '//') axis = 'descendant';
    for (;;) {
      steps.push(this.#step(axis));
      const next = this.#take(/^\/\/?/);
      if (next === undefined) return steps;
      axis = next === '//' ? 'descendant' : 'child';
    }
  }

  #step(axis: Step['axis']): Step {
    if (this.#take(/^text\(\)/) !== undefined) return { axis, test: 'text()', predicates: [] };
    const attribute = this.#take(/^@/) !== undefined;
    const name = this.#take(/^(?:[\w-]+:)?([\w.-]+|\*)/);
    if (name === undefined) throw this.#unknown();
    const test = name.slice(name.indexOf(':') + 1);
    const predicates: Predicate[] = [];
    while (this.#take(/^\[\s*/) !== undefined) {
      predicates.push(this.#or());
      if (this.#take(/^\s*\]/) === undefined) throw this.#unknown();
    }
    return { axis: attribute ? 'attribute' : axis, test, predicates };
  }

  #or(): Predicate {
    const parts = [this.#and()];
    while (this.#take(/^\s+or\s+/) !== undefined) parts.push(this.#and());
    return parts.length === 1 ? (parts[0] as Predicate) : { kind: 'or', parts };
  }

  #and(): Predicate {
    const parts = [this.#comparison()];
    while (this.#take(/^\s+and\s+/) !== undefined) parts.push(this.#comparison());
    return parts.length === 1 ? (parts[0] as Predicate) : { kind: 'and', parts };
  }

  #comparison(): Predicate {
    const position = this.#take(/^\d+(?=\s*\])/);
    if (position !== undefined) return { kind: 'position', position: Number(position) };
    const path = this.#path();
    const operator = this.#take(/^\s*!?=\s*/)?.trim();
    if (operator === undefined) return { kind: 'exists', path };
    const value = this.#take(/^(?:"[^"]*"|'[^']*')/);
    if (value === undefined) throw this.#unknown();
    return { kind: 'compare', path, negate: operator === '!=', value: value.slice(1, -1) };
  }

  #take(form: RegExp): string | undefined {
    const found = form.exec(this.#rest)?.[0];
    if (found !== undefined) this.#rest = this.#rest.slice(found.length);
    return found;
  }

  #unknown(): XPathError {
    return new XPathError(`the XPath ${this.#expression} is not supported at "${this.#rest.slice(0, 20)}"`);
  }
}
