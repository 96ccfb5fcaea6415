export function isCve(id: string): boolean {
  return /^CVE-\d{4}-\d{4,}$/.test(id);
}

const reviewedId = /^GHSA(?:-[2-9a-z]{4}){3}$/i;
const numberedId = /^(?:PYSEC|GO|RUSTSEC|MAL)-\d{4}-\d+$/i;

/** True for an id of a record about packages of languages. */
export function isRecordId(id: string): boolean {
  return reviewedId.test(id) || numberedId.test(id);
}

/** The id that a person means: ids have one spelling in every feed, and another one would read as an unknown id. */
export function meantId(text: string): string {
  const id = text.trim();
  if (reviewedId.test(id)) return `GHSA${id.slice('GHSA'.length).toLowerCase()}`;
  const upper = id.toUpperCase();
  return isCve(upper) || numberedId.test(upper) ? upper : text;
}
