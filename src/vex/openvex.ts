import { type Fields, fieldsOf, known, listOf } from '../io/json-parts.ts';
import { type PackageUrl, parsePackageUrl } from '../model/inventory/index.ts';
import { each, eachMember, text as words } from '../model/shape.ts';
import { invalidVex } from './invalid.ts';
import { other, record, requireMembers, text, textOr, texts } from './members.ts';
import type { VexDocument, VexProduct, VexStatement, VexStatus, VexTarget } from './statement.ts';
import { faultOfPurls, hashOf, statedTime, textOf, textsOf } from './values.ts';

/** Pairs of products and the subcomponents beside them, in a document. */
const maxPairs = 100_000;

const statuses: readonly string[] = ['not_affected', 'affected', 'fixed', 'under_investigation'];

/** By the context; documents of 0.0.1 have one without a version, or none. */
const versions: ReadonlyMap<unknown, string> = new Map([
  [undefined, '0.0.1'],
  ['', '0.0.1'],
  ['https://openvex.dev/ns', '0.0.1'],
  ['https://openvex.dev/ns/v0.0.1', '0.0.1'],
  ['https://openvex.dev/ns/v0.2.0', '0.2.0'],
]);

const identifiers = { purl: text, cpe22: text, cpe23: text };
const product = {
  '@id': text,
  identifiers: record(identifiers),
  hashes: eachMember(text),
};
const dates = { timestamp: other, last_updated: other };
const shape = record({
  ...dates,
  author: words,
  statements: each(
    record({
      ...dates,
      vulnerability: textOr({ name: text, '@id': text, aliases: texts }),
      status: words,
      products: each(textOr({ ...product, subcomponents: each(textOr(product)) })),
      subcomponents: each(textOr(product)),
      justification: words,
      impact_statement: words,
      status_notes: words,
    }),
  ),
});

/**
 * Reads OpenVEX 0.0.1 and 0.2.0. A statement without a known status clears nothing, and is reported.
 * @throws {ScapfeedError} VEX_INVALID for another version, and for a member of another type
 */
export function readOpenVex(document: Fields, where: string): VexDocument {
  const context = document['@context'];
  const version = versions.get(context);
  if (version === undefined)
    throw invalidVex(
      `expected the context of OpenVEX 0.0.1 or 0.2.0, found ${JSON.stringify(context).slice(0, 80)}`,
      `${where}#/@context`,
    );
  requireMembers(document, shape, where);
  requireFewPairs(listOf(document['statements']).map(fieldsOf), where);
  const time = statedTime(document['last_updated'], document['timestamp']);
  return {
    where,
    format: `OpenVEX ${version}`,
    ...known({ author: textOf(document['author']) }),
    statements: listOf(document['statements']).flatMap((each, at) =>
      statementOf(fieldsOf(each), `/statements/${at}`, time),
    ),
  };
}

/** Each subcomponent beside products is one of every product: lists of some kilobytes would be millions of targets. */
function requireFewPairs(statements: readonly Fields[], where: string): void {
  const pairs = statements.reduce(
    (sum, { products, subcomponents }) => sum + listOf(products).length * listOf(subcomponents).length,
    0,
  );
  if (pairs > maxPairs)
    throw invalidVex(
      `expected at most ${maxPairs} pairs of products and subcomponents, found ${pairs}`,
      `${where}#/statements`,
    );
}

function statementOf(record: Fields, where: string, time: string | undefined): VexStatement[] {
  const status = textOf(record['status']);
  const isKnown = status !== undefined && statuses.includes(status);
  return [
    {
      where,
      vulnerabilities: vulnerabilitiesOf(record['vulnerability']),
      status: isKnown ? (status as VexStatus) : 'under_investigation',
      targets: withoutOpen(
        listOf(record['products']).flatMap((product) => targetsOf(product, record['subcomponents'])),
      ),
      ...known({
        fault: isKnown ? faultOfParts(record) : `its status ${status ?? ''} is none of OpenVEX`,
        justification: textOf(record['justification']),
        detail: textOf(record['impact_statement']) ?? textOf(record['status_notes']),
        time: statedTime(record['last_updated'], record['timestamp'], time),
      }),
    },
  ];
}

/** A text until 0.0.1, then a record whose id may be an address that ends with the name. */
function vulnerabilitiesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  const { name, aliases, '@id': id } = fieldsOf(value);
  // Beside a name, the address is only where to read of it.
  const tail = name === undefined ? textOf(id)?.split('/').at(-1) : undefined;
  return [...new Set([...textsOf(name), ...textsOf(aliases), ...textsOf(tail)])];
}

/** Subcomponents that are listed say of what a product is not cleared as a whole: of an empty list it is nothing, of two lists nobody knows. */
function faultOfParts(record: Fields): string | undefined {
  const beside = record['subcomponents'];
  const inside = listOf(record['products']).flatMap((each) => {
    const parts = fieldsOf(each)['subcomponents'];
    return parts === undefined ? [] : [parts];
  });
  if (beside !== undefined && inside.length > 0)
    return 'it lists subcomponents beside its products and in them';
  const isEmpty = [...inside, ...(beside === undefined ? [] : [beside])].some(
    (list) => listOf(list).length === 0,
  );
  return isEmpty ? 'its list of subcomponents is empty' : undefined;
}

/** Subcomponents stood beside the products until 0.0.1, and stand in them since. */
function targetsOf(value: unknown, beside: unknown): VexTarget[] {
  const product = productOf(value);
  const parts = [...listOf(fieldsOf(value)['subcomponents']), ...listOf(beside)].map(productOf);
  return parts.length === 0 ? [{ product }] : parts.map((part) => ({ product: part, inside: product }));
}

/** Beside versions of a package, the package itself would clear all others: hubs write both. */
function withoutOpen(targets: readonly VexTarget[]): VexTarget[] {
  const purls = targets.flatMap(({ product }) => product.ids.flatMap((id) => parsePackageUrl(id) ?? []));
  const listed = new Set(purls.flatMap((purl) => (purl.version === undefined ? [] : [packageOf(purl)])));
  return targets.map((target) => {
    const own = target.product.ids.flatMap((id) => parsePackageUrl(id) ?? []);
    const [first] = own;
    const isOpen = first && own.every(({ version }) => version === undefined) && listed.has(packageOf(first));
    if (!isOpen || target.product.fault !== undefined) return target;
    const fault = 'its statement lists versions of this package, and this is none of them';
    return { ...target, product: { ...target.product, fault } };
  });
}

function packageOf({ type, namespace = '', name }: PackageUrl): string {
  return `${type} ${namespace} ${name}`;
}

function productOf(value: unknown): VexProduct {
  if (typeof value === 'string') return { ids: [value] };
  const record = fieldsOf(value);
  const stated = fieldsOf(record['identifiers']);
  const other = Object.keys(stated).find((name) => !Object.hasOwn(identifiers, name));
  const hashes = Object.entries(fieldsOf(record['hashes'])).map(([name, value]) =>
    hashOf(name, textOf(value) ?? ''),
  );
  const cpes = [...textsOf(stated['cpe22']), ...textsOf(stated['cpe23'])];
  const purls = textsOf(stated['purl']);
  return {
    ids: [...new Set([...textsOf(record['@id']), ...purls])],
    ...known({
      fault: faultOfPurls(purls) ?? (other && `its ${other.slice(0, 40)} cannot be confirmed`),
      hashes: hashes.length > 0 ? hashes : undefined,
      cpes: cpes.length > 0 ? cpes : undefined,
    }),
  };
}
