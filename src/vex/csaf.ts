import {
  productText,
  type VexDocument,
  type VexProduct,
  type VexStatement,
  type VexStatus,
  type VexTarget,
} from './statement.ts';
import { type Fields, fieldsOf, known, listOf, statedTime, textOf, textsOf } from './values.ts';

/** Lists of `product_status` that say something of a product, with OpenVEX's word. */
const statusOf: Readonly<Record<string, VexStatus>> = {
  known_not_affected: 'not_affected',
  fixed: 'fixed',
  first_fixed: 'fixed',
  known_affected: 'affected',
  first_affected: 'affected',
  last_affected: 'affected',
  under_investigation: 'under_investigation',
};

/** Reads CSAF 2.0 and 2.1: one statement for each list of a vulnerability's products and each reason that they have. */
export function readCsaf(document: Fields, where: string): VexDocument {
  const head = fieldsOf(document['document']);
  const tracking = fieldsOf(head['tracking']);
  const tree = new ProductTree(fieldsOf(document['product_tree']));
  const time = statedTime(tracking['current_release_date']);
  return {
    where,
    format: `CSAF ${textOf(head['csaf_version']) ?? ''}`.trim(),
    ...known({ author: textOf(fieldsOf(head['publisher'])['name']) }),
    statements: listOf(document['vulnerabilities']).flatMap((each, at) =>
      statementsOf(fieldsOf(each), `/vulnerabilities/${at}`, tree, time),
    ),
  };
}

function statementsOf(
  record: Fields,
  where: string,
  tree: ProductTree,
  time: string | undefined,
): VexStatement[] {
  const ids = listOf(record['ids']).flatMap((id) => textsOf(fieldsOf(id)['text']));
  const vulnerabilities = [...textsOf(record['cve']), ...ids];
  const reasons = new Reasons(record, tree);
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

  constructor(record: Fields, tree: ProductTree) {
    const flags = listOf(record['flags']).map(fieldsOf);
    const impacts = listOf(record['threats'])
      .map(fieldsOf)
      .filter(({ category }) => category === 'impact');
    setLast(this.#flags, flags, 'label', tree);
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

  constructor(tree: Fields) {
    for (const product of listOf(tree['full_product_names'])) this.#add(fieldsOf(product));
    const pending: { branch: Fields; versions: string | undefined }[] = listOf(tree['branches']).map(
      (branch) => ({
        branch: fieldsOf(branch),
        versions: undefined,
      }),
    );
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { branch } = next;
      const isRange = branch['category'] === 'product_version_range';
      const versions = isRange ? textOf(branch['name']) : next.versions;
      if (branch['product'] !== undefined) this.#add(fieldsOf(branch['product']), versions);
      for (const child of listOf(branch['branches'])) pending.push({ branch: fieldsOf(child), versions });
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
    for (const group of listOf(tree['product_groups']).map(fieldsOf)) {
      this.#groups.set(textOf(group['group_id']) ?? '', textsOf(group['product_ids']));
    }
  }

  /**
   * A product by its id; of a relationship, the package and what it is in. A relationship with package URLs of its own is a
   * package in the versions of the one that it refers to.
   */
  target(id: string): VexTarget {
    const related = this.#inside.get(id);
    const own = this.#products.get(id);
    if (!related) return { product: own ?? { ids: [], name: id } };
    if (own && own.ids.length > 0) {
      const { versions } = this.#product(related.product);
      return { product: { ...own, ...known({ versions: own.versions ?? versions }) } };
    }
    return { product: this.#product(related.product), inside: this.#product(related.inside) };
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

  #add(record: Fields, versions?: string): void {
    const id = textOf(record['product_id']);
    if (id === undefined) return;
    const helper = fieldsOf(record['product_identification_helper']);
    const hashes = listOf(helper['hashes']).flatMap((each) =>
      listOf(fieldsOf(each)['file_hashes']).flatMap((hash) => {
        const { algorithm, value } = fieldsOf(hash);
        return algorithm === 'sha256' ? textsOf(value) : [];
      }),
    );
    const product: VexProduct = {
      ids: [...new Set([...textsOf(helper['purl']), ...textsOf(helper['purls'])])],
      ...known({
        name: textOf(record['name']) ?? id,
        cpes: helper['cpe'] === undefined ? undefined : textsOf(helper['cpe']),
        hashes: hashes.length > 0 ? hashes : undefined,
        versions: versions === undefined ? undefined : [{ range: versions }],
      }),
    };
    // A relationship repeats the id with a name alone.
    const before = this.#products.get(id);
    if (before === undefined || productText(before) === before.name) this.#products.set(id, product);
  }
}
