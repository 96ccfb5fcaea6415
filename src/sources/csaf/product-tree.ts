import type { Subject } from '../../model/feed/index.ts';
import { list, malformed, textOrNone } from '../fields.ts';
import type { CsafBranch, CsafProduct, CsafRelationship } from './document.ts';
import { isFlatpak, moduleOf } from './module.ts';
import { parsePurl } from './purl.ts';
import type { NamedPackage } from './unread.ts';
import type { ComponentOrReason, CsafVocabulary, Stream } from './vocabulary.ts';

/** A component in a stream, of any architecture and repository: the unit by which statuses are grouped. */
export interface Target {
  stream: Stream;
  subject: Subject;
  unsure: boolean;
  name: string;
  module: string | undefined;
  version: string | undefined;
}

/** The meaning of a product id, or the reason why it is dropped; `about`: the package that it names all the same. */
export type Product =
  | { target: Target; arch: string | undefined }
  | { reason: string; detail?: string; about?: NamedPackage };

/** Branches nest vendor > family > name in real documents; relationships nest package > module > platform. */
export const branchDepthLimit = 16;
export const relationshipDepthLimit = 5;

interface PlatformNode {
  /** The stream of the platform's rpms, or why there is none. */
  stream: Stream | { reason: string };
  /** The stream of its containers, or why there is none. */
  containers: Stream | { reason: string };
  /** Number of the stream. */
  at: number;
}

interface ComponentNode {
  component: ComponentOrReason;
  withoutPurl: boolean;
  /** `name:stream`, where the node is a module and not a package (the old `pkg:rpmmod` form). */
  module: string | undefined;
  /** Number of the component without its architecture. */
  at: number;
}

interface Relationship {
  component: string;
  relatesTo: string;
  product: Product | undefined;
}

/**
 * The product tree of one document. Ids are resolved through relationships and not parsed, because they contain epochs,
 * module streams, slashes and digests. Work is linear in the number of product ids.
 */
export class ProductTree {
  #platforms = new Map<string, PlatformNode>();
  #components = new Map<string, ComponentNode>();
  #relationships = new Map<string, Relationship>();
  #streams = new Map<string, { at: number; shared: Stream }>();
  #names = new Map<string, number>();
  #targets = new Map<number | string, Target>();
  readonly #vocabulary: CsafVocabulary;

  constructor(tree: { branches?: unknown; relationships?: unknown } | undefined, vocabulary: CsafVocabulary) {
    this.#vocabulary = vocabulary;
    this.#readBranches(tree?.branches, '/product_tree/branches');
    this.#readRelationships(tree?.relationships);
  }

  /** Returns the meaning of an id in a product_status. */
  product(id: string): Product {
    const relationship = this.#relationships.get(id);
    if (!relationship) return this.#productWithoutRelationship(id);
    relationship.product ??= this.#resolve(relationship);
    return relationship.product;
  }

  #readBranches(branches: unknown, pointer: string): void {
    const open: { branches: unknown; pointer: string; depth: number }[] = [{ branches, pointer, depth: 1 }];
    for (let next = open.pop(); next; next = open.pop()) {
      if (next.depth > branchDepthLimit) {
        throw malformed(next.pointer, `at most ${branchDepthLimit} levels of branches`, next.branches);
      }
      const nodes = list<CsafBranch | null>(next.branches, next.pointer);
      for (let i = 0; i < nodes.length; i++) {
        const node = nodes[i];
        if (typeof node !== 'object' || node === null)
          throw malformed(`${next.pointer}/${i}`, 'an object', node);
        if (node.product) this.#readProduct(node.category, node.product, `${next.pointer}/${i}`);
        if (node.branches) {
          open.push({
            branches: node.branches,
            pointer: `${next.pointer}/${i}/branches`,
            depth: next.depth + 1,
          });
        }
      }
    }
  }

  /** Duplicate ids occur (CVE-2024-6923) and are the same product: the first is used that says which. */
  #readProduct(category: unknown, product: CsafProduct, pointer: string): void {
    const id = product.product_id;
    if (typeof id !== 'string') throw malformed(`${pointer}/product/product_id`, 'a text', id);
    const { cpe, purl } = product.product_identification_helper ?? {};
    const isPlatform = this.#vocabulary.isPlatform?.(category, id) ?? category !== 'product_version';
    if (isPlatform) {
      const known = this.#platforms.get(id);
      if (!known || 'reason' in known.stream)
        this.#platforms.set(id, this.#platformNode(id, textOrNone(cpe)));
    } else {
      const known = this.#components.get(id);
      if (!known || 'reason' in known.component || (known.withoutPurl && purl !== undefined))
        this.#components.set(id, this.#componentNode(id, textOrNone(purl), textOrNone(cpe)));
    }
  }

  #platformNode(id: string, cpe: string | undefined): PlatformNode {
    const stream = this.#vocabulary.stream(id, cpe);
    if ('reason' in stream) return { stream, containers: stream, at: -1 };
    const { at, shared } = this.#share(stream);
    const containers = cpe === undefined ? undefined : this.#vocabulary.containers?.(stream, cpe);
    return { stream: shared, containers: containers ? this.#share(containers).shared : shared, at };
  }

  /** One object per stream, so that equal streams are identical. */
  #share(stream: Stream): { at: number; shared: Stream } {
    const key = `${stream.platform} ${stream.minor} ${stream.channel}`;
    let known = this.#streams.get(key);
    if (!known) {
      known = { at: this.#streams.size, shared: stream };
      this.#streams.set(key, known);
    }
    return known;
  }

  #componentNode(id: string, purl: string | undefined, cpe: string | undefined): ComponentNode {
    const component = this.#vocabulary.component(id, purl, cpe);
    const withoutPurl = purl === undefined;
    if ('reason' in component) return { component, withoutPurl, module: moduleOfNode(id, purl), at: -1 };
    const { kind, subject, unsure, name, module, version } = component;
    const key = `${kind}${subject}${unsure} ${name} ${module} ${version}`;
    return { component, withoutPurl, module: moduleOfNode(id, purl), at: number(this.#names, key) };
  }

  #readRelationships(relationships: unknown): void {
    const pointer = '/product_tree/relationships';
    const items = list<CsafRelationship | null>(relationships, pointer);
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      const id = item?.full_product_name?.product_id;
      const component = item?.product_reference;
      const relatesTo = item?.relates_to_product_reference;
      if (typeof id !== 'string' || typeof component !== 'string' || typeof relatesTo !== 'string') {
        throw malformed(`${pointer}/${i}`, 'a relationship with three product ids', item);
      }
      if (!this.#relationships.has(id))
        this.#relationships.set(id, { component, relatesTo, product: undefined });
    }
  }

  #resolve(relationship: Relationship): Product {
    let module: string | undefined;
    let { relatesTo } = relationship;
    for (let depth = 1; ; depth++) {
      if (this.#platforms.has(relatesTo)) break;
      const outer = this.#relationships.get(relatesTo) ?? this.#unrelated(relatesTo);
      if (!outer) break;
      if (depth >= relationshipDepthLimit) return { reason: 'relationship_too_deep', detail: relatesTo };
      module ??= this.#components.get(outer.component)?.module ?? moduleOf(outer.component);
      ({ relatesTo } = outer);
    }
    const platform = this.#platforms.get(relatesTo);
    if (!platform) return { reason: 'unknown_platform', detail: relatesTo };
    const node = this.#components.get(relationship.component);
    if (!node) return { reason: 'unknown_component', detail: relationship.component };
    return this.#join(node, platform, module);
  }

  #join(node: ComponentNode, platform: PlatformNode, outerModule: string | undefined): Product {
    const { component } = node;
    if ('reason' in component) {
      const { name, ...why } = component;
      const known = name === undefined || 'reason' in platform.stream ? undefined : platform.stream.platform;
      return known === undefined ? why : { ...why, about: { platform: known, name: name! } };
    }
    const stream = component.kind === 'rpm' ? platform.stream : platform.containers;
    if ('reason' in stream) return stream;
    if (node.withoutPurl && !this.#vocabulary.guesses(stream))
      return { reason: 'no_purl', detail: component.name };
    const module = component.module ?? outerModule;
    if (module !== undefined && isFlatpak(module)) return { reason: 'flatpak' };
    const key =
      outerModule === undefined ? node.at * maxStreams + platform.at : `${node.at} ${platform.at} ${module}`;
    let target = this.#targets.get(key);
    if (!target) {
      const { subject, unsure, name, version } = component;
      target = {
        stream,
        subject,
        unsure,
        name,
        module,
        version,
      };
      this.#targets.set(key, target);
    }
    return { target, arch: component.arch };
  }

  /**
   * `PLATFORM:MODULE` of known ids without a relationship in the tree (CVE-2023-1017). Only compared as a whole with ids that
   * the tree has.
   */
  #unrelated(id: string): { component: string; relatesTo: string } | undefined {
    let tries = mostColons;
    for (let at = id.indexOf(':'); at !== -1 && tries > 0; at = id.indexOf(':', at + 1)) {
      tries -= 1;
      const relatesTo = id.slice(0, at);
      const component = id.slice(at + 1);
      if (this.#platforms.has(relatesTo) && this.#components.has(component)) return { component, relatesTo };
    }
    return undefined;
  }

  /** A status may name a whole product (text-only advisories) or, in old documents, an id that the tree lacks. */
  #productWithoutRelationship(id: string): Product {
    if (id === this.#vocabulary.wholePortfolio) return { reason: 'whole_portfolio' };
    if (this.#platforms.has(id)) return { reason: 'whole_product', detail: id };
    if (this.#components.has(id)) return { reason: 'component_without_platform', detail: id };
    const unrelated = this.#unrelated(id);
    if (unrelated) return this.#resolve({ ...unrelated, product: undefined });
    return { reason: 'unknown_product', detail: id };
  }
}

const maxStreams = 65_536;

/** Places at which an id may be split; ids of platforms have no colon. */
const mostColons = 8;

/** `pkg:rpmmod/redhat/postgresql@12:8060020240903093929:ad008a3a`: a module that packages relate to. */
function moduleOfNode(id: string, purlText: string | undefined): string | undefined {
  if (purlText?.startsWith('pkg:rpmmod/')) {
    const purl = parsePurl(purlText);
    return purl?.version === undefined ? undefined : moduleOf(`${purl.name}:${purl.version}`);
  }
  return purlText === undefined ? moduleOf(id) : undefined;
}

function number(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}
