import type { ScapfeedError } from '../../model/error.ts';
import { list, malformed, optionalText, record, text } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import type { Place, Places } from './place.ts';
import { type Saying, sayings } from './vocabulary.ts';

/** The parts of an OpenVEX statement that give a reason for a row without a fix. */
export interface VexReason {
  cve: string;
  /** Undefined: the statement is not about an unfixed row (fixed, not affected), or its wording is unknown. */
  saying?: Saying;
  why?: 'no_unfixed_row' | 'unknown_action' | 'no_source_products';
  /** Its source packages, by place. Their versions are those of the day of the export and are not read. */
  targets: readonly { place: Place; package: string }[];
}

/**
 * Reads an OpenVEX document of Canonical, one statement at a time, or an error for a malformed statement.
 * @throws SOURCE_NOT_JSON, SOURCE_MALFORMED with a JSON pointer (foreign-record.ts)
 */
export function parseVex(json: string, places: Places): (VexReason | ScapfeedError)[] {
  const { statements } = record(parseJsonText(json), '');
  if (!Array.isArray(statements)) throw malformed('/statements', 'a list', statements);
  return statements.map((statement, at) =>
    readRecord(`/statements/${at}`, () => readStatement(record(statement, ''), places)),
  );
}

function readStatement(statement: RawStatement, places: Places): VexReason {
  const { name } = record(statement.vulnerability, '/vulnerability');
  const cve = text(name, '/vulnerability/name');
  if (text(statement.status, '/status') !== 'affected') return { cve, why: 'no_unfixed_row', targets: [] };
  const action = optionalText(statement.action_statement, '/action_statement');
  const saying = actions.find(({ words }) => words.test(action ?? ''))?.saying;
  if (!saying) return { cve, why: 'unknown_action', targets: [] };
  const products = list<unknown>(statement.products, '/products');
  const targets = products.flatMap((product, at) =>
    readProduct(text(record(product, `/products/${at}`)['@id'], `/products/${at}/@id`), places),
  );
  return targets.length === 0 ? { cve, why: 'no_source_products', targets } : { cve, saying, targets };
}

interface RawStatement {
  vulnerability?: unknown;
  status?: unknown;
  action_statement?: unknown;
  products?: unknown;
}

/** The openings of action statements; the note that may follow is prose. */
const actions: readonly { words: RegExp; saying: Saying }[] = [
  { words: /^[^.]*\bdecided to not fix it/, saying: sayings.willNotFix },
  { words: /^[^.]*\bis no longer supported/, saying: sayings.releaseEnded },
  { words: /^[^.]*\bneeds fixing/, saying: sayings.open },
];

/** Of a statement's thousands of products only sources are used; the rest are its binaries on each architecture. */
function readProduct(purl: string, places: Places): { place: Place; package: string }[] {
  if (!purl.includes('arch=source')) return [];
  const match = /^pkg:deb\/ubuntu\/([^@?]+)(?:@[^?]*)?\?.*\bdistro=([^&]+)/.exec(purl);
  const place = match ? places.of(decodeURIComponent(match[2]!)) : 'unknown_release';
  return typeof place === 'string' ? [] : [{ place, package: decodeURIComponent(match![1]!) }];
}
