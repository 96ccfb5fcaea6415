import { type Fields, fieldsOf, known, listOf } from '../io/value-parts.ts';
import { parsePackageUrl, qualifier, type ScapfeedError } from '../model/index.ts';
import { each, eachMember, nested, text as words } from '../model/shape.ts';
import { invalidVex } from './invalid.ts';
import { maxLevels, record, requireMembers, text, texts } from './members.ts';
import type {
  VersionRule,
  VexDocument,
  VexProduct,
  VexStatement,
  VexStatus,
  VexTarget,
} from './statement.ts';
import { faultOfPurls, statedTime, textOf, textsOf } from './values.ts';

/** Lists of `product_status` with a status of a product, with OpenVEX's word. */
const statusOf: Readonly<Record<string, VexStatus>> = {
  known_not_affected: 'not_affected',
  fixed: 'fixed',
  first_fixed: 'fixed',
  known_affected: 'affected',
  first_affected: 'affected',
  last_affected: 'affected',
  under_investigation: 'under_investigation',
};

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
  document: record({ publisher: record({ name: words }), tracking: record({ status: text }) }),
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
 * document in which a product has contradicting statuses, or which refers to a product or a group that it does not define (mandatory
 * tests 1, 2, 4, 5 and 6 of CSAF, as far as they decide what a statement is about), another version, and a member of another type.
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
  const tracking = fieldsOf(head['tracking']);
  const tree = new ProductTree(fieldsOf(document['product_tree']), where);
  const time = statedTime(tracking['current_release_date']);
  return {
    where,
    format: `CSAF ${version}`,
    ...known({ author: textOf(fieldsOf(head['publisher'])['name']) }),
    ...(tracking['status'] === 'draft' ? { draft: true } : {}),
    statements: listOf(document['vulnerabilities']).flatMap((each, at) =>
      statementsOf(fieldsOf(each), `/vulnerabilities/${at}`, tree, time),
    ),
  };
}

/** Lists that a product can be in at once: the others contradict each other. */
type Group = VexStatus | 'unknown';

function requireOneStatus(record: Fields, where: string, tree: ProductTree): void {
  const groups = new Map<string, Group>();
  for (const [list, products] of Object.entries(fieldsOf(record['product_status']))) {
    const group = list === 'unknown' ? 'unknown' : statusOf[list];
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

function statementsOf(
  record: Fields,
  where: string,
  tree: ProductTree,
  time: string | undefined,
): VexStatement[] {
  // Since 2.1 an id may be that of some products only.
  const ids = listOf(record['ids'])
    .map(fieldsOf)
    .flatMap((id) => ((id['product_ids'] ?? id['group_ids']) ? [] : textsOf(id['text'])));
  const vulnerabilities = [...textsOf(record['cve']), ...ids];
  requireOneStatus(record, where, tree);
  const reasons = new Reasons(record, where, tree);
  return Object.entries(fieldsOf(record['product_status'])).flatMap(([list, products]) => {
    const status = statusOf[list];
    if (status === undefined) return [];
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
        vulnerabilities,
        status,
        targets: members.map((id) => tree.target(id)),
        ...known({
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
    const details = (this.#impacts.get(id) ?? '').replaceAll(/\s+/g, ' ');
    return `${this.#flags.get(id) ?? ''}\n${details}`;
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

  readonly #where: string;

  constructor(tree: Fields, where: string) {
    this.#where = where;
    for (const product of listOf(tree['full_product_names'])) this.#add(fieldsOf(product));
    const pending = listOf(tree['branches']).map((branch): Branch => ({ branch: fieldsOf(branch) }));
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { branch } = next;
      const name = textOf(branch['name']);
      const isRange = branch['category'] === 'product_version_range';
      if (name === undefined && (isRange || branch['category'] === 'product_version'))
        throw invalidVex(
          'expected the name of a branch that is a version, found none',
          this.at('/product_tree'),
        );
      const version = branch['category'] === 'product_version' && name !== undefined ? name : next.version;
      const range = isRange ? name : next.range;
      if (branch['product'] !== undefined) this.#add(fieldsOf(branch['product']), { version, range });
      for (const child of listOf(branch['branches']))
        pending.push({ branch: fieldsOf(child), version, range });
    }
    for (const relationship of listOf(tree['relationships']).map(fieldsOf)) {
      const full = fieldsOf(relationship['full_product_name']);
      this.#add(full);
      const product = textOf(relationship['product_reference']);
      const inside = textOf(relationship['relates_to_product_reference']);
      const id = textOf(full['product_id']);
      if (id !== undefined && product !== undefined && inside !== undefined)
        this.#inside.set(id, { product, inside });
    }
    // In place of relationships since 2.1.
    for (const path of listOf(tree['product_paths']).map(fieldsOf)) {
      const full = fieldsOf(path['full_product_name']);
      this.#add(full);
      const product = textOf(path['beginning_product_reference']);
      const [inside, ...further] = listOf(path['subpaths']).flatMap((step) =>
        textsOf(fieldsOf(step)['next_product_reference']),
      );
      const id = textOf(full['product_id']);
      // An image is known as one product: of a path of several steps, no image is the place.
      if (id !== undefined && product !== undefined && inside !== undefined)
        this.#inside.set(id, { product, inside: further.length === 0 ? inside : id });
    }
    for (const group of listOf(tree['product_groups']).map(fieldsOf)) {
      const id = textOf(group['group_id']) ?? '';
      const members = textsOf(group['product_ids']);
      const before = this.#groups.get(id);
      if (before && before.join('\n') !== members.join('\n')) throw this.#twice('group', id);
      this.#groups.set(id, members);
    }
    for (const { product, inside } of this.#inside.values())
      for (const id of [product, inside]) this.requireProduct(id, '/product_tree');
    for (const members of this.#groups.values())
      for (const id of members) this.requireProduct(id, '/product_tree/product_groups');
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
    if (!own || own.ids.length === 0) return { product: this.#product(related.product), inside };
    const { ids: others, cpes = [], version, versions, fault } = this.#product(related.product);
    const product = {
      ...own,
      others,
      ...known({
        version,
        versions: own.versions ?? versions,
        cpes: own.cpes ? [...own.cpes, ...cpes] : cpes.length > 0 ? cpes : undefined,
        fault: own.fault ?? fault,
      }),
    };
    return isSystemOf(own, inside) ? { product } : { product, inside };
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

  #add(record: Fields, { version, range }: Omit<Branch, 'branch'> = {}): void {
    const id = textOf(record['product_id']);
    if (id === undefined) return;
    const helper = fieldsOf(record['product_identification_helper']);
    const hashes = listOf(helper['hashes']).flatMap((each) =>
      listOf(fieldsOf(each)['file_hashes']).flatMap((hash) => {
        const { algorithm, value } = fieldsOf(hash);
        return algorithm === 'sha256' ? textsOf(value) : [];
      }),
    );
    const ids = [...new Set([...textsOf(helper['purl']), ...textsOf(helper['purls'])])];
    const versions = range === undefined ? versionOf(version, ids) : [{ range }];
    const product: VexProduct = {
      ids,
      ...known({
        name: textOf(record['name']) ?? id,
        cpes: helper['cpe'] === undefined ? undefined : textsOf(helper['cpe']),
        hashes: hashes.length > 0 ? hashes : undefined,
        version: ownVersion(version, ids),
        versions,
        fault: faultOfPurls(ids),
      }),
    };
    // A relationship repeats the id with a name alone.
    const before = this.#products.get(id);
    if (before === undefined || isNameAlone(before)) this.#products.set(id, product);
    else if (
      !isNameAlone(product) &&
      JSON.stringify({ ...product, name: before.name }) !== JSON.stringify(before)
    )
      throw this.#twice('product', id);
  }

  #twice(what: string, id: string): ScapfeedError {
    return invalidVex(`expected one definition of the ${what} ${id}, found two`, this.at('/product_tree'));
  }
}

/** Whether a product is the system that the package's own URLs name: most images do not state the CPE that says it again. */
function isSystemOf({ ids }: VexProduct, { ids: around, hashes, cpes }: VexProduct): boolean {
  const isSystem = around.length === 0 && hashes === undefined && cpes !== undefined;
  return (
    isSystem && ids.every((id) => qualifier(parsePackageUrl(id) ?? noQualifiers, 'distro') !== undefined)
  );
}

const noQualifiers = { qualifiers: [] };

/** A branch with the version or range of those above it. */
interface Branch {
  branch: Fields;
  version?: string | undefined;
  range?: string | undefined;
}

function isNameAlone({ ids, cpes, hashes }: VexProduct): boolean {
  return ids.length === 0 && cpes === undefined && hashes === undefined;
}

/** The version of a branch; Red Hat has names of packages in its place: `openssl-libs-1:3.0.7-1.el9.x86_64`. */
function ownVersion(version: string | undefined, ids: readonly string[]): string | undefined {
  const purl = ids.map(parsePackageUrl).find((each) => each !== undefined);
  if (version === undefined || purl === undefined || !version.includes(purl.name)) return purl && version;
  const at = version.lastIndexOf(`${purl.name}-`);
  if (at === -1) return undefined;
  const rest = version.slice(at + purl.name.length + 1);
  const arch = `.${qualifier(purl, 'arch')}`;
  return rest.endsWith(arch) ? rest.slice(0, -arch.length) : rest;
}

/** The version of a branch, of which the package URLs below it state none; Red Hat has names of packages in its place. */
function versionOf(version: string | undefined, ids: readonly string[]): VersionRule[] | undefined {
  if (version === undefined || ids.length === 0) return undefined;
  const purls = ids.map(parsePackageUrl);
  const isStated = purls.some((purl) => !purl || purl.version !== undefined || version.includes(purl.name));
  return isStated ? undefined : [{ version }];
}
