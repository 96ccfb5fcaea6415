import { XPathError } from './expression.ts';

export interface XPathToken {
  kind: 'number' | 'literal' | 'name' | 'operator' | 'mark';
  text: string;
}

const forms =
  /\s*(?:(?<number>\d+(?:\.\d*)?|\.\d+)|(?<literal>"[^"]*"|'[^']*')|(?<name>[\p{L}_][\p{L}\p{N}\p{M}._-]*(?::(?:\*|(?!:)[\p{L}_][\p{L}\p{N}\p{M}._-]*))?)|(?<operator>\/\/|!=|<=|>=|[/|+=<>*-])|(?<mark>::|\.\.|[.@,()[\]]))/uy;

const wordOperators: ReadonlySet<string> = new Set(['and', 'or', 'mod', 'div']);

/** Longer expressions are refused. */
const maxExpressionLength = 8_192;

/** The tokens of an expression. After a whole operand, `*` and the words and, or, mod, div are operators (XPath 1.0, 3.7). */
export function tokensOf(expression: string): XPathToken[] {
  if (expression.length > maxExpressionLength)
    throw new XPathError(`the XPath is longer than ${maxExpressionLength} characters`);
  const text = expression.trimEnd();
  const tokens: XPathToken[] = [];
  forms.lastIndex = 0;
  while (forms.lastIndex < text.length) {
    const at = forms.lastIndex;
    const groups = forms.exec(text)?.groups;
    if (!groups) throw new XPathError(`the XPath ${expression} is wrong at "${text.slice(at, at + 20)}"`);
    const [kind, found] = Object.entries(groups).find(([, value]) => value !== undefined) as [
      XPathToken['kind'],
      string,
    ];
    tokens.push(tokenOf(kind, found, tokens.at(-1)));
  }
  return tokens;
}

function tokenOf(kind: XPathToken['kind'], text: string, before: XPathToken | undefined): XPathToken {
  const afterOperand =
    before !== undefined &&
    (before.kind === 'mark' ? /^(?:[.)\]]|\.\.)$/.test(before.text) : before.kind !== 'operator');
  if (kind === 'name' && afterOperand && wordOperators.has(text)) return { kind: 'operator', text };
  if (text === '*' && !afterOperand) return { kind: 'name', text };
  return { kind, text };
}
