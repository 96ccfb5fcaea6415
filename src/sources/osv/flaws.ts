import type { AdvisoryRecord } from './record.ts';

const cve = /^CVE-\d{4}-\d{4,15}$/;
const other = /^[A-Z][A-Z0-9]{1,15}(?:-[A-Za-z0-9.]{1,64}){1,8}$/;
const ghsa = /^ghsa((?:-[a-z0-9]{4}){3})$/i;

/** The flaws of a record, their other names, and the texts that are no ids. */
export interface RecordFlaws {
  ids: readonly string[];
  aliases: readonly string[];
  rest: readonly string[];
}

/**
 * A distribution's record names its flaws in `upstream`, in `aliases`, or, in old ones, in `related` beside its own id. Of a record about
 * one flaw the ids of others are names of the CVE; of one about `several` each id is a flaw. A record that names none, or one of several in
 * another form than that of a CVE, is about a flaw that has its id.
 */
export function flawsOf(
  { id, upstream, aliases, related }: Pick<AdvisoryRecord, 'id' | 'upstream' | 'aliases' | 'related'>,
  several: boolean,
): RecordFlaws {
  const stated = [...upstream, ...aliases];
  const named = (stated.length > 0 ? stated : related).map(spelled).filter((each) => each !== id);
  const known = unique(named.filter((each) => cve.test(each) || other.test(each)));
  const rest = named.filter((each) => !known.includes(each));
  const cves = known.filter((each) => cve.test(each));
  if (known.length === 0) return { ids: [id], aliases: [], rest };
  if (several && rest.some(namesCve)) return { ids: [...known, id], aliases: [], rest };
  if (several || cves.length === 0) return { ids: known, aliases: [], rest };
  const names = known.filter((each) => !cve.test(each));
  return { ids: cves, aliases: cves.length * names.length > mostNames ? [] : names, rest };
}

/** Other names times flaws of a record; beyond it they are not kept. More than one of each is rare. */
const mostNames = 1000;

/** A name of a CVE that may be malformed. */
function namesCve(text: string): boolean {
  return /cve/i.test(text);
}

/** GitHub's ids have lower-case letters after `GHSA`; all other ids are in capitals. */
function spelled(id: string): string {
  const trimmed = id.trim();
  const [, own] = ghsa.exec(trimmed) ?? [];
  if (own !== undefined) return `GHSA${own.toLowerCase()}`;
  return /^cve-/i.test(trimmed) ? trimmed.toUpperCase() : trimmed;
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
