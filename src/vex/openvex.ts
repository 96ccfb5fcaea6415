import { type Fields, fieldsOf, known, listOf } from '../io/value-parts.ts';
import type { VexDocument, VexProduct, VexStatement, VexStatus, VexTarget } from './statement.ts';
import { statedTime, textOf, textsOf } from './values.ts';

const statuses: readonly string[] = ['not_affected', 'affected', 'fixed', 'under_investigation'];

/** Reads OpenVEX 0.0.1 and 0.2.0. A statement without a known status has no effect, and is reported. */
export function readOpenVex(document: Fields, where: string): VexDocument {
  const version = /\/v(\d[\d.]*)/.exec(String(document['@context']))?.[1] ?? '0.0.1';
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

function statementOf(record: Fields, where: string, time: string | undefined): VexStatement[] {
  const status = textOf(record['status']);
  const isKnown = status !== undefined && statuses.includes(status);
  return [
    {
      where,
      vulnerabilities: vulnerabilitiesOf(record['vulnerability']),
      status: isKnown ? (status as VexStatus) : 'under_investigation',
      ...(isKnown ? {} : { fault: `its status ${status ?? ''} is none of OpenVEX` }),
      targets: listOf(record['products']).flatMap((product) => targetsOf(product, record['subcomponents'])),
      ...known({
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
  const tail = textOf(id)?.split('/').at(-1);
  return [...new Set([...textsOf(name), ...textsOf(aliases), ...textsOf(tail)])];
}

/** Subcomponents stood beside the products until 0.0.1, and stand in them since. */
function targetsOf(value: unknown, beside: unknown): VexTarget[] {
  const product = productOf(value);
  const parts = [...listOf(fieldsOf(value)['subcomponents']), ...listOf(beside)].map(productOf);
  return parts.length === 0 ? [{ product }] : parts.map((part) => ({ product: part, inside: product }));
}

function productOf(value: unknown): VexProduct {
  if (typeof value === 'string') return { ids: [value] };
  const record = fieldsOf(value);
  const identifiers = fieldsOf(record['identifiers']);
  const hashes = fieldsOf(record['hashes']);
  const cpes = [...textsOf(identifiers['cpe22']), ...textsOf(identifiers['cpe23'])];
  return {
    ids: [...new Set([...textsOf(record['@id']), ...textsOf(identifiers['purl'])])],
    ...known({
      hashes: hashesOf(hashes['sha-256'] ?? hashes['sha256']),
      cpes: cpes.length > 0 ? cpes : undefined,
    }),
  };
}

function hashesOf(value: unknown): string[] | undefined {
  const texts = textsOf(value);
  return texts.length > 0 ? texts : undefined;
}
