import { ScapfeedError } from '../../model/index.ts';
import { parseDocument } from './json-document.ts';
import { type Place, placeOf } from './place.ts';
import { type Saying, sayings } from './reason.ts';

/** One statement of an OpenVEX document, as far as it gives a reason for a row without a fix. */
export interface VexReason {
  cve: string;
  /** Undefined: the statement is none of an unfixed row (fixed, not affected), or its wording is new. */
  saying?: Saying;
  why?: 'no_unfixed_row' | 'unknown_action' | 'no_source_products';
  /** Source packages that it speaks of, by place. Their versions are those of the day and are not read. */
  targets: readonly { place: Place; package: string }[];
}

/** Reads an OpenVEX document of Canonical's; throws SOURCE_NOT_JSON or SOURCE_MALFORMED. */
export function parseVex(text: string, where: string): VexReason[] {
  const document = parseDocument(text, where) as { statements?: RawStatement[] } | null;
  const statements = document?.statements;
  if (!Array.isArray(statements)) {
    throw new ScapfeedError({ code: 'SOURCE_MALFORMED', message: 'expected statements, found none', where });
  }
  return statements.map(readStatement);
}

interface RawStatement {
  vulnerability?: { name?: string };
  status?: string;
  action_statement?: string;
  products?: { '@id': string }[];
}

function readStatement({
  vulnerability,
  status,
  action_statement: action,
  products = [],
}: RawStatement): VexReason {
  const cve = vulnerability?.name ?? '';
  if (status !== 'affected') return { cve, why: 'no_unfixed_row', targets: [] };
  const saying = actions.find(({ words }) => words.test(action ?? ''))?.saying;
  if (!saying) return { cve, why: 'unknown_action', targets: [] };
  const targets = products.flatMap((product) => readProduct(product['@id']));
  return targets.length === 0 ? { cve, why: 'no_source_products', targets } : { cve, saying, targets };
}

/** The openings of action statements; the note that may follow is prose. */
const actions: readonly { words: RegExp; saying: Saying }[] = [
  { words: /^[^.]*\bdecided to not fix it/, saying: sayings.willNotFix },
  { words: /^[^.]*\bis no longer supported/, saying: sayings.releaseEnded },
  { words: /^[^.]*\bneeds fixing/, saying: sayings.open },
];

/** Of a statement's thousands of products only the sources count, the rest are its binaries on each architecture. */
function readProduct(purl: string): { place: Place; package: string }[] {
  if (!purl.includes('arch=source')) return [];
  const match = /^pkg:deb\/ubuntu\/([^@?]+)(?:@[^?]*)?\?.*\bdistro=([^&]+)/.exec(purl);
  const place = match ? placeOf(decodeURIComponent(match[2]!)) : 'unknown_release';
  return typeof place === 'string' ? [] : [{ place, package: decodeURIComponent(match![1]!) }];
}
