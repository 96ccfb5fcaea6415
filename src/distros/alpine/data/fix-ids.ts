/** The ids of one entry, and the words beside them. */
export interface FixIds {
  /** What the fix is about: CVE ids, or without any the others. */
  ids: readonly string[];
  /** Other names of the same flaws. */
  aliases: readonly string[];
  /** The text that is not an id. */
  rest: string;
}

const cve = /^CVE-\d{4}-\d{4,15}$/;
const other =
  /^(?:XSA-\d{1,9}|ALPINE-\d{1,9}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|[A-Z]{2,9}-\d{4}-\d{1,15}|TALOS-\d{4}-\d{4}|RUSTSEC-\d{4}-\d{4}|ZDI-CAN-\d{1,9}|DW\d{6}-\d{3})$/;

/** A part of a flaw (`CVE-2017-17434-1`), and the name of a patch. */
const partOfCve = /^(CVE-\d{4}-\d{4,15})(?:-\d|\.patch)$/;

/**
 * An entry may have several ids (`CVE-2017-17564 XSA-248`), ids of other kinds alone (`GHSA-…`, `ALPINE-13661`), and words
 * after them (`CVE-2018-20685 (partial)`).
 */
export function fixIds(text: string): FixIds {
  const words = text
    .split(/[\s,;]+/)
    .filter((word) => word !== '')
    .map((word) => partOfCve.exec(word)?.[1] ?? word);
  const cves = unique(words.filter((word) => cve.test(word)));
  const others = unique(words.filter((word) => !cve.test(word) && other.test(word)));
  const rest = words.filter((word) => !cve.test(word) && !other.test(word)).join(' ');
  return cves.length > 0 ? { ids: cves, aliases: others, rest } : { ids: others, aliases: [], rest };
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}
