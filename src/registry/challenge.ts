/** An authentication challenge: the scheme in lower case and its parameters (RFC 9110 11.6.1). */
export interface Challenge {
  scheme: string;
  parameters: Readonly<Record<string, string>>;
}

/** Parses the challenges of a WWW-Authenticate header; one field may have several. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (const [, scheme, name, quoted, plain] of header.matchAll(challengePart)) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    const current = challenges.at(-1);
    if (name !== undefined && current) {
      current.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
    }
  }
  return challenges;
}

/** `Scheme` before a blank, or `name=value` with a quoted or plain value. */
const challengePart =
  /(?:([A-Za-z][A-Za-z0-9-]*)(?=\s+[A-Za-z]|\s*(?:,|$))\s*|([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))(?:\s*,)?/g;
