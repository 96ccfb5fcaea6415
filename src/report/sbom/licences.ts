/** Names that packagers use for licences of SPDX's list; only where they mean one licence and no other. */
const sameLicence: Readonly<Record<string, string>> = {
  expat: 'MIT',
  'apache-2': 'Apache-2.0',
  cc0: 'CC0-1.0',
  'bsd-2': 'BSD-2-Clause',
  'bsd-3': 'BSD-3-Clause',
  'bsd-2-clauses': 'BSD-2-Clause',
  'bsd-3-clauses': 'BSD-3-Clause',
  boost: 'BSL-1.0',
  'boost-1.0': 'BSL-1.0',
};

/** `GPL-2+`, `LGPLv2.1+`, `GFDL-1.3`: a family, a version, and whether later ones are allowed. */
const gnu = /^(A?GPL|LGPL|GFDL)(?:-|v)(\d(?:\.\d)?)(\+|-or-later|-only)?$/i;

/** Returns the spelling of an id on SPDX's list; undefined if it is not there. */
export type FixId = (id: string) => string | undefined;

/**
 * The SPDX expression of a licence as a packager wrote it; undefined: it says something that no expression can. Debian's
 * format separates alternatives by commas too, which only SPDX's parentheses can express; such texts stay as they are.
 */
export function spdxExpression(text: string, fixId: FixId): string | undefined {
  const words = text
    .replace(/\bASL 2\.0\b/g, 'Apache-2.0')
    .replace(/[()]/g, ' $& ')
    .trim()
    .split(/\s+/);
  const parts: string[] = [];
  let depth = 0;
  let wantsId = true;
  for (const [at, word] of words.entries()) {
    if (word === '(' && wantsId) {
      depth += 1;
      parts.push('(');
    } else if (word === ')' && !wantsId && depth > 0) {
      depth -= 1;
      parts.push(')');
    } else if (/^(?:and|or)$/i.test(word) && !wantsId) {
      parts.push(word.toUpperCase());
      wantsId = true;
    } else if (/^with$/i.test(word) && !wantsId) {
      const exception = fixId(words[at + 1] ?? '');
      if (exception === undefined || !/exception/i.test(exception)) return undefined;
      parts.push('WITH');
      wantsId = true;
    } else if (wantsId) {
      const id = spdxId(word, fixId);
      if (id === undefined) return undefined;
      parts.push(id);
      wantsId = false;
    } else return undefined;
  }
  if (wantsId || depth !== 0) return undefined;
  return parts.join(' ').replaceAll('( ', '(').replaceAll(' )', ')');
}

function spdxId(word: string, fixId: FixId): string | undefined {
  const [, family, version, later] = gnu.exec(word) ?? [];
  if (family !== undefined && version !== undefined) {
    const number = version.includes('.') ? version : `${version}.0`;
    const id = fixId(
      `${family.toUpperCase()}-${number}-${later === '+' || later === '-or-later' ? 'or-later' : 'only'}`,
    );
    if (id !== undefined) return id;
  }
  return sameLicence[word.toLowerCase()] ?? fixId(word);
}

/** Several licences that all apply, as one expression; undefined: one of them is none. */
export function allOf(expressions: readonly (string | undefined)[]): string | undefined {
  const known = expressions.filter((expression) => expression !== undefined);
  if (known.length === 0 || known.length < expressions.length) return undefined;
  const unique = [...new Set(known)];
  if (unique.length === 1) return unique[0];
  return unique.map((each) => (each.includes(' OR ') ? `(${each})` : each)).join(' AND ');
}
