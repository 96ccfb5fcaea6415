import { compareCodeUnits } from '../../model/order.ts';
import type { CsafLayout, CsafSystem } from '../rows/csaf-layout.ts';
import type { AdvisoryTexts } from './advisory-texts.ts';
import {
  type ClaimContent,
  componentsOf,
  type PackageClaim,
  type ProductComponent,
  purlText,
  type SplitPackageUrl,
} from './components.ts';
import { quote } from './json-text.ts';
import { type List, lists } from './product-lists.ts';
import { type Remarks, remarksOf } from './remarks.ts';

/** A package in a system as a product of a document, with what a claim says of it. */
export interface ExportedProduct {
  id: string;
  /** The id as JSON. */
  quoted: string;
  system: CsafSystem;
  component: { id: string; text: string };
  /** Its member of `relationships`, as JSON. */
  relationship: string;
  list: List;
  remarks: Remarks;
}

/**
 * Products of claims with at least this many vulnerabilities are kept: a few claims, such as those of kernels, occur in most
 * documents.
 */
const worthKeeping = 16;
/** Claims whose products are kept; bounds the memory. */
const mostKept = 20_000;

/** The products of claims; those that many documents have are made once. */
export class ClaimProducts {
  readonly #layout: CsafLayout;
  readonly #advisories: AdvisoryTexts;
  readonly #kept = new Map<PackageClaim, readonly ExportedProduct[]>();

  constructor(layout: CsafLayout, advisories: AdvisoryTexts) {
    this.#layout = layout;
    this.#advisories = advisories;
  }

  /** Every product once, by id; `contradicted`: called with a claim that says something else of a product than a worse one. */
  of(claims: readonly PackageClaim[], contradicted: (claim: PackageClaim) => void): ExportedProduct[] {
    const products = new Map<string, { product: ExportedProduct; claim: PackageClaim }>();
    for (const claim of claims) {
      for (const product of this.#ofClaim(claim)) {
        const { id, list } = product;
        const known = products.get(id);
        const isWorse = known === undefined || lists.indexOf(list) < lists.indexOf(known.product.list);
        if (known && known.product.list !== list) contradicted(isWorse ? known.claim : claim);
        if (isWorse) products.set(id, { product, claim });
      }
    }
    return Array.from(products.values(), ({ product }) => product).sort((a, b) =>
      compareCodeUnits(a.id, b.id),
    );
  }

  #ofClaim(claim: PackageClaim): readonly ExportedProduct[] {
    const known = this.#kept.get(claim);
    if (known) return known;
    const made = this.#make(claim);
    if (claim.vulnerabilities >= worthKeeping && this.#kept.size < mostKept) this.#kept.set(claim, made);
    return made;
  }

  #make(claim: PackageClaim): ExportedProduct[] {
    const { content, place } = claim;
    const { stated, fixed } = componentsOf(claim, this.#layout);
    const list = listOf(content);
    // Builds before a fix, and the fix, have the same statement.
    const remarks = remarksOf(content, list, this.#layout, this.#advisories);
    return [
      ...stated.map((component) => productOf(component, place.system, list, remarks)),
      ...fixed.map((component) => productOf(component, place.system, 'fixed', remarks)),
    ];
  }
}

function listOf({ status }: ClaimContent): List {
  if (status === 'not_affected') return 'known_not_affected';
  return status === 'under_investigation' ? 'under_investigation' : 'known_affected';
}

function productOf(
  component: ProductComponent,
  system: CsafSystem,
  list: List,
  remarks: Remarks,
): ExportedProduct {
  const id = `${system.id}:${component.id}`;
  const quoted = quote(id);
  return {
    id,
    quoted,
    system,
    component: { id: component.id, text: componentText(component) },
    relationship: relationshipText(quoted, component, system),
    list,
    remarks,
  };
}

function componentText({ id, category, version, name, purl }: ProductComponent): string {
  return flat(
    `{"category":"${category}","name":`,
    quote(version),
    ',"product":{"name":',
    quote(name),
    ',"product_id":',
    quote(id),
    helperText(purl),
    '}}',
  );
}

function relationshipText(
  product: string,
  component: ProductComponent,
  { id, name, distro }: CsafSystem,
): string {
  return flat(
    '{"category":"default_component_of","product_reference":',
    quote(component.id),
    ',"relates_to_product_reference":',
    quote(id),
    ',"full_product_name":{"name":',
    quote(`${component.name} in ${name}`),
    ',"product_id":',
    product,
    distro === undefined ? '' : helperText(component.purl, distro),
    '}}',
  );
}

/** Nothing in a package URL needs an escape. */
function helperText(purl: SplitPackageUrl, distro?: string): string {
  return `,"product_identification_helper":{"purl":"${purlText(purl, distro)}"}`;
}

/** In one piece: V8 would put the parts of a template together again for each document. */
function flat(...parts: string[]): string {
  return parts.join('');
}
