import { OvalChecker } from './oval-check.ts';
import type { ElementCheck, ElementStart, ProblemList } from './problem.ts';
import { XccdfCheck } from './xccdf-check.ts';

interface Component {
  line: number;
  used: boolean;
  check: OvalChecker | XccdfCheck | undefined;
}

interface ComponentRef {
  line: number;
  /** Id of the component, from `xlink:href="#..."`; undefined: it is in another file, which the evaluator fetches. */
  target: string | undefined;
  /** Names in the component that its catalog maps to other component references. */
  catalog: Map<string, { ref: string; line: number }>;
}

const ids: Record<string, RegExp> = {
  'data-stream-collection': /^scap_[^_]+_collection_.+$/,
  'data-stream': /^scap_[^_]+_datastream_.+$/,
  'component-ref': /^scap_[^_]+_cref_.+$/,
  component: /^scap_[^_]+_comp_.+$/,
  'extended-component': /^scap_[^_]+_ecomp_.+$/,
};

/** Checks SCAP source data streams: the collection's own references, and each component by the check for its kind. */
export class DataStreamCheck implements ElementCheck {
  readonly #problems: ProblemList;
  readonly #components = new Map<string, Component>();
  readonly #refs = new Map<string, ComponentRef>();
  readonly #seen = new Map<string, number>();
  #ref: ComponentRef | undefined;
  #component: Component | undefined;
  #depth = 0;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  get generator(): string {
    for (const { check } of this.#components.values()) {
      if (check && check.generator !== '') return check.generator;
    }
    return '';
  }

  begin(element: ElementStart): void {
    this.#depth += 1;
    const { name, attributes } = element;
    if (this.#component && this.#depth === 3) this.#component.check = this.#checkOf(name);
    if (this.#component) this.#component.check?.begin(element);
    else if (ids[name]) this.#beginOwn(element);
    else if (name === 'uri' && this.#ref) {
      this.#ref.catalog.set(attributes['name'] ?? '', {
        ref: fragment(attributes['uri']),
        line: element.line,
      });
    }
  }

  end(element: ElementStart, text: string): void {
    if (this.#depth === 2) this.#component = undefined;
    else this.#component?.check?.end(element, text);
    if (element.name === 'component-ref') this.#ref = undefined;
    this.#depth -= 1;
  }

  finish(): void {
    for (const [id, { target, line, catalog }] of this.#refs) this.#resolve(id, target, line, catalog);
    for (const [id, { line, used, check }] of this.#components) {
      if (!used) this.#problems.warning('unused', line, 'no component-ref refers to this component', id);
      check?.finish();
    }
    for (const [, { target, catalog }] of this.#refs) this.#checkContent(target, catalog);
  }

  #beginOwn({ name, attributes, line }: ElementStart): void {
    const id = attributes['id'] ?? '';
    if (!ids[name]!.test(id)) this.#problems.error('id-syntax', line, `<${name}> has the id "${id}"`, id);
    const before = this.#seen.get(id);
    if (before !== undefined) this.#problems.error('id-duplicate', line, `also on line ${before}`, id);
    this.#seen.set(id, line);
    if (name === 'component') {
      this.#component = { line, used: false, check: undefined };
      this.#components.set(id, this.#component);
    } else if (name === 'component-ref') {
      this.#ref = { line, target: componentId(attributes['xlink:href']), catalog: new Map() };
      this.#refs.set(id, this.#ref);
    }
  }

  #checkOf(name: string): OvalChecker | XccdfCheck | undefined {
    if (name === 'oval_definitions') return new OvalChecker(this.#problems);
    if (name === 'Benchmark' || name === 'Tailoring') return new XccdfCheck(this.#problems);
    return undefined;
  }

  #resolve(id: string, target: string | undefined, line: number, catalog: ComponentRef['catalog']): void {
    const component = this.#components.get(target ?? '');
    if (component) component.used = true;
    else if (target !== undefined)
      this.#problems.error('reference-unresolved', line, `there is no component ${target}`, id);
    for (const [name, { ref, line: at }] of catalog) {
      if (!this.#refs.has(ref))
        this.#problems.error('reference-unresolved', at, `${name} leads to ${ref}, which is not there`, id);
    }
  }

  /** Every check of a benchmark must refer, through the catalog, to a definition in an OVAL component. */
  #checkContent(target: string | undefined, catalog: ComponentRef['catalog']): void {
    const benchmark = this.#components.get(target ?? '')?.check;
    if (!(benchmark instanceof XccdfCheck)) return;
    for (const { href, name, line, rule } of benchmark.checkReferences) {
      const entry = catalog.get(href);
      const oval = entry && this.#components.get(this.#refs.get(entry.ref)?.target ?? '')?.check;
      if (!entry) this.#problems.error('reference-unresolved', line, `${href} is not in the catalog`, rule);
      else if (oval instanceof OvalChecker && name !== undefined && !oval.items.has(name)) {
        this.#problems.error('reference-unresolved', line, `there is no definition ${name} in ${href}`, rule);
      }
    }
  }
}

function componentId(reference: string | undefined): string | undefined {
  return reference === undefined || reference.startsWith('#') ? fragment(reference) : undefined;
}

function fragment(reference: string | undefined): string {
  return (reference ?? '').replace(/^#/, '');
}
