import { type Fields, fieldsOf, known, listOf } from '../io/json-parts.ts';
import type { ScapfeedError } from '../model/error.ts';
import { parsePackageUrl, qualifier } from '../model/inventory/index.ts';
import { each, eachMember, nested, text as words } from '../model/shape.ts';
import { invalidVex } from './invalid.ts';
import { maxLevels, other, record, requireMembers, text, texts } from './members.ts';
import {
  clears,
  type VersionRule,
  type VexDocument,
  type VexProduct,
  type VexStatement,
  type VexStatus,
  type VexTarget,
} from './statement.ts';
import { faultOfPurls, hashOf, statedTime, textOf, textsOf } from './values.ts';

/** Lists of `product_status` with a status of a product, with OpenVEX's word. */
const statusOf: Readonly<Record<string, VexStatus>> = {
  known_not_affected: 'not_affected',
  fixed: 'fixed',
  first_fixed: 'fixed',
  known_affected: 'affected',
  first_affected: 'affected',
  last_affected: 'affected',
  under_investigation: 'under_investigation',
  // Since 2.1.
  unknown: 'under_investigation',
};

/** The list that says nothing of what a product is. */
const noStatus = 'recommended';

/** Categories of branches that name a product, and say nothing of which of its packages it is. */
const naming: readonly unknown[] = ['vendor', 'product_family', 'product_name'];

/** Members of an identification that can be confirmed, or that only lead to more about the product. */
const confirmed: readonly string[] = ['purl', 'purls', 'cpe', 'hashes', 'sbom_urls'];

const product = record({
  product_id: text,
  name: words,
  product_identification_helper: record({
    purl: text,
    purls: texts,
    cpe: text,
    hashes: each(record({ file_hashes: each(record({ algorithm: text, value: text })) })),
  }),
});
const branch = nested(maxLevels, (inside) =>
  record({
    category: text,
    name: text,
    product,
    branches: each(inside),
  }),
);
const named = { product_ids: texts, group_ids: texts };
const shape = record({
  document: record({
    category: text,
    publisher: record({ name: words }),
    tracking: record({ status: text, current_release_date: other }),
  }),
  product_tree: record({
    full_product_names: each(product),
    branches: each(branch),
    relationships: each(
      record({
        full_product_name: product,
        product_reference: text,
        relates_to_product_reference: text,
      }),
    ),
    product_paths: each(
      record({
        full_product_name: product,
        beginning_product_reference: text,
        subpaths: each(record({ next_product_reference: text })),
      }),
    ),
    product_groups: each(record({ group_id: text, product_ids: texts })),
  }),
  vulnerabilities: each(
    record({
      cve: text,
      ids: each(record({ ...named, text: text })),
      product_status: eachMember(texts),
      flags: each(record({ ...named, label: words })),
      threats: each(record({ ...named, category: text, details: words })),
    }),
  ),
});

/**
 * Reads CSAF 2.0 and 2.1: one statement for each list of a vulnerability's products and each reason that they have. Refused is a
 * document in which a product has contradicting statuses, which says twice what a CVE is, or which refers to a product or a group that
 * it does not define or defines by itself (mandatory tests 1 to 6 and 23 of CSAF, as far as they decide what a statement is about),
 * another version, and a member of another type.
 * @throws {ScapfeedError} VEX_INVALID
 */
export function readCsaf(document: Fields, where: string): VexDocument {
  const head = fieldsOf(document['document']);
  const version = head['csaf_version'];
  if (version !== '2.0' && version !== '2.1')
    throw invalidVex(
      `expected CSAF 2.0 or 2.1, found ${(textOf(version) ?? 'no version').slice(0, 40)}`,
      `${where}#/document/csaf_version`,
    );
  requireMembers(document, shape, where);
  requireEachOnce(document, where);
  const tracking = fieldsOf(head['tracking']);
  const tree = new ProductTree(fieldsOf(document['product_tree']), where);
  const time = statedTime(tracking['current_release_date']);
  const category = textOf(head['category']) ?? '';
  const retracted = /^csaf_(?:withdrawn|superseded)$/i.test(category)
    ? `its document is ${category.slice(5)}`
    : undefined;
  return {
    where,
    format: `CSAF ${version}`,
    ...known({ author: textOf(fieldsOf(head['publisher'])['name']) }),
    ...(tracking['status'] === 'draft' ? { draft: true } : {}),
    statements: listOf(document['vulnerabilities'])
      .flatMap((each, at) => statementsOf(fieldsOf(each), `/vulnerabilities/${at}`, tree, time))
      .map((statement) => ({ ...known({ fault: retracted }), ...statement })),
  };
}

/**
 * A CVE that stands twice, however it is spelled, may have two statuses in one product. In `ids` it may stand again: statements of one
 * time that contradict each other clear nothing.
 */
function requireEachOnce(document: Fields, where: string): void {
  const known = new Set<string>();
  for (const [at, each] of listOf(document['vulnerabilities']).entries()) {
    // As statements are compared with verdicts.
    for (const cve of textsOf(fieldsOf(each)['cve']).map((text) => text.trim().toUpperCase())) {
      if (known.has(cve))
        throw invalidVex(`expected ${cve} once, found it twice`, `${where}#/vulnerabilities/${at}/cve`);
      known.add(cve);
    }
  }
}

function requireOneStatus(record: Fields, where: string, tree: ProductTree): void {
  // Lists of one status a product can be in at once: the others contradict each other.
  const groups = new Map<string, string>();
  for (const [list, products] of Object.entries(fieldsOf(record['product_status']))) {
    const group = list === 'unknown' ? list : statusIn(list);
    const at = `${where}/product_status/${list}`;
    for (const id of textsOf(products)) {
      tree.requireProduct(id, at);
      if (group === undefined) continue;
      const before = groups.get(id) ?? group;
      if (before !== group)
        throw invalidVex(
          `expected one status for the product ${id}, found ${before} and ${group}`,
          tree.at(at),
        );
      groups.set(id, group);
    }
  }
}

function statusIn(list: string): VexStatus | undefined {
  return Object.hasOwn(statusOf, list) ? statusOf[list] : undefined;
}

function statementsOf(
  record: Fields,
  where: string,
  tree: ProductTree,
  time: string | undefined,
): VexStatement[] {
  // Since 2.1 an id may be that of some products only.
  const isOfSome = (id: Fields) => (id['product_ids'] ?? id['group_ids']) !== undefined;
  const ids = listOf(record['ids']).map(fieldsOf);
  const idsOfSome = ids.filter(isOfSome).flatMap((id) => textsOf(id['text']));
  const idsOfAll = [
    ...textsOf(record['cve']),
    ...ids.flatMap((id) => (isOfSome(id) ? [] : textsOf(id['text']))),
  ];
  requireOneStatus(record, where, tree);
  const reasons = new Reasons(record, where, tree);
  return Object.entries(fieldsOf(record['product_status'])).flatMap(([list, products]) => {
    if (list === noStatus) return [];
    const stated = statusIn(list);
    // Nobody knows what another list says: it clears nothing.
    const status = stated ?? 'under_investigation';
    const byReason = new Map<string, string[]>();
    for (const id of textsOf(products)) {
      const reason = status === 'not_affected' ? reasons.of(id) : '';
      const members = byReason.get(reason);
      if (members) members.push(id);
      else byReason.set(reason, [id]);
    }
    return [...byReason].map(([reason, members]): VexStatement => {
      const [justification = '', detail = ''] = reason.split('\n');
      return {
        where: `${where}/product_status/${list}`,
        vulnerabilities: clears(status) ? idsOfAll : [...new Set([...idsOfAll, ...idsOfSome])],
        status,
        targets: members.map((id) => tree.target(id)),
        ...known({
          fault: stated ? undefined : `its list ${list.slice(0, 40)} is none of CSAF`,
          justification: justification === '' ? undefined : justification,
          detail: detail === '' ? undefined : detail,
          time,
        }),
      };
    });
  });
}

/** Flags and impact statements by product; both may name groups. */
class Reasons {
  readonly #flags = new Map<string, string>();
  readonly #impacts = new Map<string, string>();
  /** By details and label: made once, however many products have them. */
  readonly #joined = new Map<string, Map<string, string>>();

  constructor(record: Fields, where: string, tree: ProductTree) {
    const flags = listOf(record['flags']).map(fieldsOf);
    const threats = listOf(record['threats']).map(fieldsOf);
    for (const flag of flags) tree.requireNamed(flag, `${where}/flags`);
    for (const threat of threats) tree.requireNamed(threat, `${where}/threats`);
    setLast(this.#flags, flags, 'label', tree);
    const impacts = threats.filter(({ category }) => category === 'impact');
    setLast(this.#impacts, impacts, 'details', tree);
  }

  /** Label and details, with a line end between them. */
  of(id: string): string {
    const details = this.#impacts.get(id) ?? '';
    const label = this.#flags.get(id) ?? '';
    const byLabel = this.#joined.get(details) ?? new Map<string, string>();
    this.#joined.set(details, byLabel);
    const joined = byLabel.get(label) ?? `${label}\n${details.replaceAll(/\s+/g, ' ')}`;
    byLabel.set(label, joined);
    return joined;
  }
}

/** The last record that names a product counts. Read from the end, each group is opened once, however many records name it. */
function setLast(
  reasons: Map<string, string>,
  records: readonly Fields[],
  member: string,
  tree: ProductTree,
): void {
  const opened = new Set<string>();
  for (const record of records.toReversed()) {
    const reason = textOf(record[member]) ?? '';
    for (const id of tree.named(record, opened)) if (!reasons.has(id)) reasons.set(id, reason);
  }
}

class ProductTree {
  readonly #products = new Map<string, VexProduct>();
  readonly #inside = new Map<string, { product: string; inside: string }>();
  readonly #groups = new Map<string, string[]>();
  /** Products that another one is made of. */
  readonly #parts = new Map<string, string[]>();

  readonly #where: string;

  constructor(tree: Fields, where: string) {
    this.#where = where;
    for (const product of listOf(tree['full_product_names'])) this.#add(fieldsOf(product));
    const pending = listOf(tree['branches']).map((branch) => ({ branch: fieldsOf(branch), above: {} }));
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { branch } = next;
      const stated = this.#stated(branch, next.above);
      if (branch['product'] !== undefined) this.#add(fieldsOf(branch['product']), stated);
      for (const child of listOf(branch['branches']))
        pending.push({ branch: fieldsOf(child), above: stated });
    }
    for (const relationship of listOf(tree['relationships']).map(fieldsOf)) {
      const full = fieldsOf(relationship['full_product_name']);
      this.#add(full);
      const product = textOf(relationship['product_reference']);
      const inside = textOf(relationship['relates_to_product_reference']);
      this.#consists(full, [product, inside]);
      this.#place(full, product, inside);
    }
    // In place of relationships since 2.1.
    for (const path of listOf(tree['product_paths']).map(fieldsOf)) {
      const full = fieldsOf(path['full_product_name']);
      this.#add(full);
      const product = textOf(path['beginning_product_reference']);
      const [inside, ...further] = listOf(path['subpaths']).flatMap((step) =>
        textsOf(fieldsOf(step)['next_product_reference']),
      );
      this.#consists(full, [product, inside, ...further]);
      // An image is known as one product: of a path of several steps, no image is the place.
      this.#place(full, product, further.length === 0 ? inside : textOf(full['product_id']));
    }
    for (const group of listOf(tree['product_groups']).map(fieldsOf)) {
      const id = textOf(group['group_id']) ?? '';
      const members = textsOf(group['product_ids']);
      const before = this.#groups.get(id);
      if (before && before.join('\n') !== members.join('\n')) throw this.#twice('group', id);
      this.#groups.set(id, members);
    }
    this.#requireNoCircle();
    for (const { product, inside } of this.#inside.values())
      for (const id of [product, inside]) this.requireProduct(id, '/product_tree');
    for (const members of this.#groups.values())
      for (const id of members) this.requireProduct(id, '/product_tree/product_groups');
  }

  #consists(full: Fields, parts: readonly (string | undefined)[]): void {
    const id = textOf(full['product_id']) ?? '';
    const known = this.#parts.get(id) ?? [];
    this.#parts.set(id, known);
    for (const part of parts) if (part !== undefined) known.push(part);
  }

  /** Takes away products that are made of nothing that is left; what remains is made of itself. */
  #requireNoCircle(): void {
    const left = new Map([...this.#parts].map(([id, parts]) => [id, new Set(parts)]));
    const users = new Map<string, string[]>();
    for (const [id, parts] of left) {
      for (const part of parts) {
        const known = users.get(part);
        if (known) known.push(id);
        else users.set(part, [id]);
      }
    }
    const done = [...users.keys()].filter((id) => !left.has(id));
    for (let id = done.pop(); id !== undefined; id = done.pop()) {
      for (const user of users.get(id) ?? []) {
        const parts = left.get(user);
        parts?.delete(id);
        if (parts?.size !== 0) continue;
        left.delete(user);
        done.push(user);
      }
    }
    const circle = [...left].find(([, parts]) => parts.size > 0)?.[0];
    if (circle !== undefined)
      throw invalidVex(
        `expected a product of other products, ${circle} is made of itself`,
        this.at('/product_tree'),
      );
  }

  #place(full: Fields, product: string | undefined, inside: string | undefined): void {
    const id = textOf(full['product_id']);
    if (id === undefined) return;
    if (product === undefined || inside === undefined)
      throw invalidVex(
        `expected what ${id} is made of and what that is in, found none`,
        this.at('/product_tree'),
      );
    this.#inside.set(id, { product, inside });
  }

  /** Facts of a branch and those above it about the products below. */
  #stated(branch: Fields, above: Stated): Stated {
    const category = textOf(branch['category']) ?? 'none';
    if (naming.includes(category)) return above;
    const member = Object.hasOwn(stating, category) ? stating[category] : undefined;
    if (member === undefined)
      return { ...above, fault: `its branch of the category ${category.slice(0, 40)} cannot be confirmed` };
    const name = textOf(branch['name']);
    if (name === undefined)
      throw invalidVex(
        `expected the name of a branch of the category ${category}, found none`,
        this.at('/product_tree'),
      );
    const other = member === 'version' ? above.range : member === 'range' ? above.version : undefined;
    if (other !== undefined)
      return { ...above, [member]: name, fault: `its branches state the version ${other} and ${name}` };
    const before = above[member];
    if (before === undefined || before === name) return { ...above, [member]: name };
    return { ...above, [member]: name, fault: `its branches state ${before} and ${name}` };
  }

  /** A place in the document. */
  at(pointer: string): string {
    return `${this.#where}#${pointer}`;
  }

  requireProduct(id: string, pointer: string): void {
    if (!this.#products.has(id))
      throw invalidVex(`expected the id of a product in the product tree, found ${id}`, this.at(pointer));
  }

  /**
   * A product by its id; of a relationship, the package and what it is in. A relationship may have package URLs of its own: in the
   * versions of the package that it refers to, and in the same product.
   */
  target(id: string): VexTarget {
    const related = this.#inside.get(id);
    const own = this.#products.get(id);
    if (!related) return { product: own ?? { ids: [], name: id } };
    const inside = this.#product(related.inside);
    const part = this.#product(related.product);
    if (!own) return { product: part, inside };
    const isNested = [related.product, related.inside].some((each) => each !== id && this.#inside.has(each));
    const product = {
      ...part,
      ...(own.ids.length === 0 ? {} : { ids: own.ids, others: part.ids, ...known({ name: own.name }) }),
      ...known({
        cpes: joined(own.cpes, part.cpes),
        hashes: joined(own.hashes, part.hashes),
        fault:
          own.fault ?? part.fault ?? (isNested ? 'it is in a product that is in another one' : undefined),
      }),
    };
    return { product, inside };
  }

  /** Refuses a flag or a threat of products and groups that are not defined. */
  requireNamed(record: Fields, pointer: string): void {
    for (const id of textsOf(record['product_ids'])) this.requireProduct(id, pointer);
    for (const id of textsOf(record['group_ids'])) {
      if (!this.#groups.has(id))
        throw invalidVex(`expected the id of a product group, found ${id}`, this.at(pointer));
    }
  }

  /** Products that a flag or a threat names, without those of groups that were opened before. */
  *named(record: Fields, opened: Set<string>): Generator<string> {
    yield* textsOf(record['product_ids']);
    for (const group of textsOf(record['group_ids'])) {
      if (opened.has(group)) continue;
      opened.add(group);
      yield* this.#groups.get(group) ?? [];
    }
  }

  #product(id: string): VexProduct {
    return this.#products.get(id) ?? { ids: [], name: id };
  }

  #add(record: Fields, { version, range, arch, fault }: Stated = {}): void {
    const id = textOf(record['product_id']);
    if (id === undefined) return;
    const helper = fieldsOf(record['product_identification_helper']);
    const hashes = listOf(helper['hashes']).flatMap((each) =>
      listOf(fieldsOf(each)['file_hashes'])
        .map(fieldsOf)
        .map(({ algorithm, value }) => hashOf(textOf(algorithm) ?? 'sha256', textOf(value) ?? '')),
    );
    const other = Object.keys(helper).find((name) => !confirmed.includes(name));
    const ids = [...new Set([...textsOf(helper['purl']), ...textsOf(helper['purls'])])];
    const own = ids.length === 0 ? version : ownVersion(version, ids);
    const versions = range === undefined ? versionOf(own, ids) : [{ range }];
    const product: VexProduct = {
      ids,
      ...known({
        name: textOf(record['name']) ?? id,
        cpes: helper['cpe'] === undefined ? undefined : textsOf(helper['cpe']),
        hashes: hashes.length > 0 ? hashes : undefined,
        version: own,
        versions,
        arch,
        fault:
          fault ??
          faultOfPurls(ids) ??
          (isOfOne(ids) ? undefined : 'its package URLs name several packages') ??
          (other && `its ${other.slice(0, 40)} cannot be confirmed`),
      }),
    };
    // A relationship repeats the id with a name alone.
    const before = this.#products.get(id);
    if (before === undefined || isNameAlone(before)) this.#products.set(id, product);
    else if (
      !isNameAlone(product) &&
      [before, product].some(isIdentified) &&
      JSON.stringify({ ...product, name: before.name }) !== JSON.stringify(before)
    )
      throw this.#twice('product', id);
  }

  #twice(what: string, id: string): ScapfeedError {
    return invalidVex(`expected one definition of the ${what} ${id}, found two`, this.at('/product_tree'));
  }
}

/** Whether package URLs differ in nothing but qualifiers. */
function isOfOne(ids: readonly string[]): boolean {
  const named = ids.flatMap((id) => {
    const purl = parsePackageUrl(id);
    return purl ? [JSON.stringify({ ...purl, qualifiers: [] })] : [];
  });
  return new Set(named).size < 2;
}

/** Constraints that branches put on the products below them. */
interface Stated {
  version?: string;
  range?: string;
  arch?: string;
  fault?: string;
}

const stating: Readonly<Record<string, 'version' | 'range' | 'arch'>> = {
  product_version: 'version',
  product_version_range: 'range',
  architecture: 'arch',
};

function joined(own: readonly string[] = [], others: readonly string[] = []): string[] | undefined {
  const all = [...new Set([...own, ...others])];
  return all.length === 0 ? undefined : all;
}

function isIdentified({ ids, cpes, hashes }: VexProduct): boolean {
  return ids.length > 0 || cpes !== undefined || hashes !== undefined;
}

function isNameAlone({ ids, name: _, ...stated }: VexProduct): boolean {
  return ids.length === 0 && Object.keys(stated).length === 0;
}

/** The version of a branch; Red Hat has names of packages in its place: `openssl-libs-1:3.0.7-1.el9.x86_64`. */
function ownVersion(text: string | undefined, ids: readonly string[]): string | undefined {
  const purl = ids.map(parsePackageUrl).find((each) => each !== undefined);
  if (text === undefined || purl === undefined) return undefined;
  const last = text.slice(text.lastIndexOf('/') + 1);
  const arch = `.${qualifier(purl, 'arch')}`;
  const named = last.endsWith(arch) ? last.slice(0, -arch.length) : last;
  if (named === purl.name) return undefined;
  const isNamed = named.startsWith(purl.name) && /[-:@]/.test(named.charAt(purl.name.length));
  return isNamed ? named.slice(purl.name.length + 1) : text;
}

/** The version of a branch, of which the package URLs below it state none. */
function versionOf(version: string | undefined, ids: readonly string[]): VersionRule[] | undefined {
  const isStated = ids.some((id) => parsePackageUrl(id)?.version !== undefined);
  return version === undefined || isStated ? undefined : [{ version }];
}
