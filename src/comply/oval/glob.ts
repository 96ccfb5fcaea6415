/** The glob pattern is invalid. */
export class GlobError extends Error {}

const classes: ReadonlySet<string> = new Set(
  'alnum alpha blank cntrl digit graph lower print punct space upper xdigit'.split(' '),
);

/**
 * A shell's pattern as an anchored regular expression, by the table of OVAL's glob_to_regex: `*` and `?` do not cross `/`,
 * nor take a dot that a name begins with. `noEscape`: a backslash stands for itself.
 */
export function globToPattern(glob: string, noEscape: boolean): string {
  let pattern = '^';
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob[at] as string;
    const lead = at === 0 || glob[at - 1] === '/';
    if (char === '*') pattern += lead ? '(?=[^.])[^/]*' : '[^/]*';
    else if (char === '?') pattern += lead ? '[^./]' : '[^/]';
    else if (char === '[') {
      const bracket = bracketAt(glob, at, noEscape);
      pattern += bracket.pattern;
      at = bracket.end;
    } else if (char === '\\' && !noEscape && at + 1 < glob.length) {
      at += 1;
      pattern += escaped(glob[at] as string);
    } else pattern += literal(char);
  }
  return `${pattern}$`;
}

/** A closing bracket that closes nothing stands for itself. */
function literal(char: string): string {
  return char === ']' ? char : escaped(char);
}

function escaped(char: string): string {
  return /[\^$\\.[\](){}*+?|]/.test(char) ? `\\${char}` : char;
}

/** A bracket expression (POSIX, XCU 2.13.1): a closing bracket stands for itself where it comes first. */
function bracketAt(glob: string, start: number, noEscape: boolean): { pattern: string; end: number } {
  const negated = glob[start + 1] === '!' || glob[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  let pattern = negated ? '[^' : '[';
  for (let at = first; at < glob.length; at += 1) {
    const char = glob[at] as string;
    if (char === ']' && at > first) return { pattern: `${pattern}]`, end: at };
    const named = char === '[' ? /^\[([:.=])(.*?)\1\]/s.exec(glob.slice(at)) : null;
    if (named) {
      pattern += namedPart(named[1] as string, named[2] as string);
      at += named[0].length - 1;
    } else if (char === '\\' && !noEscape && at + 1 < glob.length) {
      at += 1;
      pattern += memberOf(glob[at] as string);
    } else pattern += char === '\\' ? '\\\\' : char;
  }
  throw new GlobError(`the glob ${glob} has a bracket that is not closed`);
}

/** `[:class:]` is the same in a regular expression; `[.x.]` and `[=x=]` are one character there. */
function namedPart(kind: string, name: string): string {
  if (kind === ':' && classes.has(name)) return `[:${name}:]`;
  if (kind !== ':' && [...name].length === 1) return memberOf(name);
  throw new GlobError(`[${kind}${name}${kind}] is no part of a glob`);
}

function memberOf(char: string): string {
  return /[\]\\^-]/.test(char) ? `\\${char}` : char;
}
