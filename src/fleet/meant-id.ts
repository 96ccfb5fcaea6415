export function isCve(id: string): boolean {
  return /^CVE-\d{4}-\d{4,}$/.test(id);
}

/** The id that a person means: a CVE has capitals in every feed, and one in small letters would read as an unknown one. */
export function meantId(text: string): string {
  const id = text.trim().toUpperCase();
  return isCve(id) ? id : text;
}
