import { wrongScapRoot } from '../../model/compliance/index.ts';
import type { OvalDocument } from '../oval/model.ts';
import { OvalVisitor } from '../oval/read-oval.ts';
import type { Benchmark, Tailoring } from '../xccdf/model.ts';
import { requireUnique } from '../xccdf/own-content.ts';
import { BenchmarkVisitor } from '../xccdf/read-benchmark.ts';
import { cpeListOf, type PlatformDefinitions, platformSpecificationOf } from '../xccdf/read-platforms.ts';
import { tailoringOf } from '../xccdf/read-profiles.ts';
import {
  childElements,
  firstChild,
  malformed,
  readXml,
  type Visit,
  type XmlElement,
  type XmlVisitor,
} from '../xml/read-xml.ts';

/** A component's content by what its root element is. */
export type StreamComponent =
  | { kind: 'oval'; document: OvalDocument }
  | { kind: 'xccdf'; benchmark: Benchmark }
  | { kind: 'platforms'; platforms: PlatformDefinitions }
  | { kind: 'tailoring'; tailoring: Tailoring }
  | { kind: 'other'; root: string };

/** A data stream's reference to a component, with the component's names of other components. */
export interface ComponentRef {
  id: string;
  /** `#component` or the address of a remote one. */
  href: string;
  /** Local name -> id of another reference. */
  catalog: ReadonlyMap<string, string>;
}

export interface DataStream {
  id: string;
  dictionaries: ComponentRef[];
  checklists: ComponentRef[];
  checks: ComponentRef[];
}

/** A SCAP 1.2 or 1.3 source data stream collection. */
export interface DataStreamCollection {
  id: string;
  streams: DataStream[];
  components: Map<string, StreamComponent>;
}

/** Reads a data stream collection in one pass. */
export function readDataStreams(source: Uint8Array | string, where: string): DataStreamCollection {
  const visitor = new CollectionVisitor(where);
  readXml(source, where, visitor);
  return visitor.collection;
}

/** Components start at depth 3: collection, component, content. */
const contentDepth = 3;

class CollectionVisitor implements XmlVisitor {
  readonly collection: DataStreamCollection = { id: '', streams: [], components: new Map() };
  readonly #where: string;
  #ns = '';
  #component = '';
  #content: BenchmarkVisitor | OvalVisitor | undefined;

  constructor(where: string) {
    this.#where = where;
  }

  open(element: XmlElement, depth: number): Visit {
    if (depth === 1) return this.#root(element);
    if (depth === 2) return this.#member(element);
    if (depth > contentDepth) return this.#content?.open(element, depth - contentDepth + 1) ?? 'skip';
    if (element.name === 'Benchmark') return this.#enter(new BenchmarkVisitor(this.#at()), element);
    if (element.name === 'oval_definitions') return this.#enter(new OvalVisitor(this.#at()), element);
    return ['cpe-list', 'platform-specification', 'Tailoring'].includes(element.name)
      ? 'take'
      : this.#other(element);
  }

  take(element: XmlElement): void {
    if (element.name === 'data-stream' && !this.#content)
      this.collection.streams.push(streamOf(element, this.#where));
    else if (this.#content) this.#content.take(element);
    else this.#put(wholeComponent(element, this.#at()));
  }

  close(element: XmlElement): void {
    if (this.#content instanceof BenchmarkVisitor && element.name === 'Group') this.#content.close();
    if (element.name === 'Benchmark' && this.#content instanceof BenchmarkVisitor) {
      this.#put({ kind: 'xccdf', benchmark: this.#content.finish() });
    }
    if (element.name === 'oval_definitions' && this.#content instanceof OvalVisitor) {
      this.#put({ kind: 'oval', document: this.#content.document });
    }
  }

  #root(element: XmlElement): Visit {
    const wrong = wrongScapRoot('data-stream-collection', element);
    if (wrong !== undefined) throw malformed(this.#where, wrong);
    this.collection.id = element.attrs['id'] ?? '';
    this.#ns = element.ns;
    return 'enter';
  }

  #member(element: XmlElement): Visit {
    if (element.ns !== this.#ns) return 'skip';
    if (element.name === 'data-stream') return 'take';
    const isExtended = element.name === 'extended-component';
    if (!isExtended && element.name !== 'component') return 'skip';
    this.#component = element.attrs['id'] ?? '';
    // Content that SCAP does not define, such as a script: it is known to be there, and not read.
    return isExtended ? this.#other(element) : 'enter';
  }

  #enter(content: BenchmarkVisitor | OvalVisitor, element: XmlElement): Visit {
    this.#content = content;
    return content.open(element, 1);
  }

  #other({ name }: XmlElement): Visit {
    this.#put({ kind: 'other', root: name });
    return 'skip';
  }

  #put(component: StreamComponent): void {
    if (this.collection.components.has(this.#component))
      throw malformed(this.#where, `a component has one content, found two of ${this.#component}`);
    this.collection.components.set(this.#component, component);
    this.#content = undefined;
  }

  #at(): string {
    return `${this.#where}#${this.#component}`;
  }
}

function wholeComponent(element: XmlElement, where: string): StreamComponent {
  if (element.name === 'Tailoring') return { kind: 'tailoring', tailoring: tailoringOf(element, where) };
  return { kind: 'platforms', platforms: platformsOf(element) };
}

/** A CPE dictionary or a platform specification. */
export function platformsOf(element: XmlElement): PlatformDefinitions {
  if (element.name === 'cpe-list') return { cpeItems: cpeListOf(element), platformTests: {} };
  return { cpeItems: {}, platformTests: platformSpecificationOf(element) };
}

function streamOf(element: XmlElement, where: string): DataStream {
  const refs = (name: string): ComponentRef[] => {
    const list = firstChild(element, name);
    return list ? childElements(list, 'component-ref').map(refOf) : [];
  };
  const [dictionaries, checklists, checks] = [refs('dictionaries'), refs('checklists'), refs('checks')];
  requireUnique([...dictionaries, ...checklists, ...checks], where);
  return { id: element.attrs['id'] ?? '', dictionaries, checklists, checks };
}

function refOf(element: XmlElement): ComponentRef {
  const catalog = new Map<string, string>();
  const list = firstChild(element, 'catalog');
  for (const { attrs } of list ? childElements(list, 'uri') : []) {
    const name = attrs['name'] ?? '';
    // The first entry of a name counts (XML Catalogs, 7.2.2).
    if (!catalog.has(name)) catalog.set(name, (attrs['uri'] ?? '').replace(/^#/, ''));
  }
  return { id: element.attrs['id'] ?? '', href: element.attrs['xlink:href'] ?? '', catalog };
}
