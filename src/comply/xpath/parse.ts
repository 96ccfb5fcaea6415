import {
  type Axis,
  axes,
  type Expression,
  type LocationStep,
  type NodeTest,
  type Operator,
  type Separator,
  XPathError,
} from './expression.ts';

interface XPathToken {
  kind: 'number' | 'literal' | 'name' | 'operator' | 'mark';
  text: string;
}

const forms =
  /\s*(?:(?<number>\d+(?:\.\d*)?|\.\d+)|(?<literal>"[^"]*"|'[^']*')|(?<name>[\p{L}_][\p{L}\p{N}\p{M}._-]*(?::(?:\*|(?!:)[\p{L}_][\p{L}\p{N}\p{M}._-]*))?)|(?<operator>\/\/|!=|<=|>=|[/|+=<>*-])|(?<mark>::|\.\.|[.@,()[\]]))/uy;

const wordOperators: ReadonlySet<string> = new Set(['and', 'or', 'mod', 'div']);

/** Longer expressions are refused. */
const maxExpressionLength = 8_192;

/** The tokens of an expression. After a whole operand, `*` and the words and, or, mod, div are operators (XPath 1.0, 3.7). */
function tokensOf(expression: string): XPathToken[] {
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

/** Operators by precedence, lowest first (XPath 1.0, 3.1 to 3.5). */
const levels: readonly (readonly Operator[])[] = [
  ['or'],
  ['and'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', 'div', 'mod'],
];

/** Deeper nesting and more operators are refused, to protect the stack from hostile expressions. */
export const maxNesting = 100;
const maxOperators = 500;

const nodeTypes: ReadonlySet<string> = new Set(['node', 'text', 'comment', 'processing-instruction']);
const anyNode: LocationStep = { axis: 'descendant-or-self', test: { kind: 'node' }, predicates: [] };

/** Parses an XPath 1.0 expression. */
export function parseXPath(expression: string): Expression {
  return new Parser(expression).whole();
}

class Parser {
  readonly #expression: string;
  readonly #tokens: XPathToken[];
  #at = 0;
  #nesting = 0;
  #operators = 0;

  constructor(expression: string) {
    this.#expression = expression;
    this.#tokens = tokensOf(expression);
  }

  whole(): Expression {
    const expression = this.#or();
    if (this.#at < this.#tokens.length) throw this.#wrong();
    return expression;
  }

  #or(): Expression {
    this.#nesting += 1;
    if (this.#nesting > maxNesting) throw new XPathError(`the XPath is nested deeper than ${maxNesting}`);
    const expression = this.#level(0);
    this.#nesting -= 1;
    return expression;
  }

  #level(level: number): Expression {
    const operators = levels[level];
    if (!operators) return this.#unary();
    let left = this.#level(level + 1);
    for (;;) {
      const operator = this.#operator(operators);
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.#level(level + 1) };
    }
  }

  #unary(): Expression {
    let negations = 0;
    while (this.#operator(['-']) !== undefined) negations += 1;
    const union = this.#union();
    if (negations === 0) return union;
    const negated: Expression = { kind: 'negate', operand: union };
    return negations % 2 === 1 ? negated : { kind: 'negate', operand: negated };
  }

  #union(): Expression {
    let left = this.#path();
    while (this.#operator(['|']) !== undefined)
      left = { kind: 'binary', operator: '|', left, right: this.#path() };
    return left;
  }

  /** A location path, or a primary expression with predicates and steps behind it. */
  #path(): Expression {
    if (this.#isPrimary()) {
      const primary = this.#filtered(this.#primary());
      const steps = this.#moreSteps();
      return steps.length === 0 ? primary : { kind: 'path', from: primary, steps };
    }
    const start = this.#operator(['/', '//']);
    if (start === '//') return { kind: 'path', from: 'root', steps: [anyNode, ...this.#steps()] };
    if (start === '/') return { kind: 'path', from: 'root', steps: this.#isStep() ? this.#steps() : [] };
    return { kind: 'path', from: 'context', steps: this.#steps() };
  }

  #steps(): LocationStep[] {
    return [this.#step(), ...this.#moreSteps()];
  }

  #moreSteps(): LocationStep[] {
    const steps: LocationStep[] = [];
    for (;;) {
      const separator = this.#operator(['/', '//']);
      if (separator === undefined) return steps;
      if (separator === '//') steps.push(anyNode);
      steps.push(this.#step());
    }
  }

  #step(): LocationStep {
    if (this.#mark('.')) return { axis: 'self', test: { kind: 'node' }, predicates: [] };
    if (this.#mark('..')) return { axis: 'parent', test: { kind: 'node' }, predicates: [] };
    const axis = this.#axis();
    return { axis, test: this.#test(), predicates: this.#predicates() };
  }

  #axis(): Axis {
    if (this.#mark('@')) return 'attribute';
    if (this.#peek(1)?.text !== '::') return 'child';
    const name = this.#name();
    this.#mark('::');
    const axis = axes.find((each) => each === name);
    if (!axis) throw new XPathError(`the axis ${name} is not supported`);
    return axis;
  }

  #test(): NodeTest {
    const name = this.#name();
    if (nodeTypes.has(name) && this.#mark('(')) {
      if (name === 'processing-instruction' && this.#peek()?.kind === 'literal') this.#at += 1;
      this.#demand(')');
      return { kind: name as 'node' };
    }
    const colon = name.indexOf(':');
    const prefix = name.slice(0, Math.max(0, colon));
    // OVAL has no way to declare prefixes for an expression, so only `xml` is known.
    if (prefix !== '' && prefix !== 'xml')
      throw new XPathError(`the namespace prefix ${prefix} is not declared`);
    return { kind: 'name', prefix, name: name.slice(colon + 1) };
  }

  #filtered(operand: Expression): Expression {
    const predicates = this.#predicates();
    return predicates.length === 0 ? operand : { kind: 'filter', operand, predicates };
  }

  #predicates(): Expression[] {
    const predicates: Expression[] = [];
    while (this.#mark('[')) {
      predicates.push(this.#or());
      this.#demand(']');
    }
    return predicates;
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at] as XPathToken;
    this.#at += 1;
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'literal') return { kind: 'literal', value: token.text.slice(1, -1) };
    if (token.text === '(') {
      const inside = this.#or();
      this.#demand(')');
      return inside;
    }
    return { kind: 'call', name: token.text, args: this.#arguments() };
  }

  #arguments(): Expression[] {
    this.#demand('(');
    if (this.#mark(')')) return [];
    const args = [this.#or()];
    while (this.#mark(',')) args.push(this.#or());
    this.#demand(')');
    return args;
  }

  #isPrimary(): boolean {
    const token = this.#peek();
    if (!token) return false;
    if (token.kind === 'number' || token.kind === 'literal' || token.text === '(') return true;
    return token.kind === 'name' && this.#peek(1)?.text === '(' && !nodeTypes.has(token.text);
  }

  #isStep(): boolean {
    const token = this.#peek();
    return token !== undefined && (token.kind === 'name' || ['.', '..', '@'].includes(token.text));
  }

  #peek(ahead = 0): XPathToken | undefined {
    return this.#tokens[this.#at + ahead];
  }

  #operator<T extends Operator | Separator>(among: readonly T[]): T | undefined {
    const token = this.#peek();
    if (token?.kind !== 'operator' || !among.includes(token.text as T)) return undefined;
    this.#at += 1;
    this.#operators += 1;
    if (this.#operators > maxOperators)
      throw new XPathError(`the XPath has more than ${maxOperators} operators`);
    return token.text as T;
  }

  #mark(text: string): boolean {
    const token = this.#peek();
    if (token?.kind !== 'mark' || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #name(): string {
    const token = this.#peek();
    if (token?.kind !== 'name') throw this.#wrong();
    this.#at += 1;
    return token.text;
  }

  #demand(mark: string): void {
    if (!this.#mark(mark)) throw this.#wrong();
  }

  #wrong(): XPathError {
    const rest = this.#tokens.slice(this.#at, this.#at + 4).map(({ text }) => text);
    return new XPathError(`the XPath ${this.#expression} is wrong at "${rest.join(' ')}"`);
  }
}
