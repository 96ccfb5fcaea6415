import type { XmlNode } from '../xml/node-tree.ts';
import { XPathError } from './expression.ts';

/** The value of an expression; nodes are in document order. */
export type XPathValue = readonly XmlNode[] | Simple;

type Simple = string | number | boolean;

/** Limits an evaluation by counting nodes and characters, so the result does not depend on the machine. */
export class Work {
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  spend(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0) throw new XPathError('the XPath is too much work on this document');
  }
}

/** The string-value of a node (XPath 1.0, 5). */
export function textOfNode(node: XmlNode, work: Work): string {
  if (node.kind === 'attribute' || node.kind === 'text') {
    work.spend(1 + node.text.length / 16);
    return node.text;
  }
  work.spend(1);
  return node.children.map((child) => textOfNode(child, work)).join('');
}

export function toText(value: XPathValue, work: Work): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  const [first] = value;
  return first ? textOfNode(first, work) : '';
}

export function toNumber(value: XPathValue, work: Work): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = /^[ \t\r\n]*(-?(?:\d+(?:\.\d*)?|\.\d+))[ \t\r\n]*$/.exec(toText(value, work));
  return number ? Number(number[1]) : Number.NaN;
}

export function toBoolean(value: XPathValue): boolean {
  if (typeof value === 'number') return value !== 0 && !Number.isNaN(value);
  return typeof value === 'boolean' ? value : value.length > 0;
}

/** Decimal, without an exponent (XPath 1.0, 4.2). */
function numberText(value: number): string {
  const text = String(value);
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!parts) return text;
  const [, sign, whole, fraction = '', exponent] = parts;
  const digits = `${whole}${fraction}`;
  const point = 1 + Number(exponent);
  return point > 0 ? `${sign}${digits.padEnd(point, '0')}` : `${sign}0.${'0'.repeat(-point)}${digits}`;
}

/** Comparisons (XPath 1.0, 3.4): with nodes, one pair for which it holds is enough. */
export function compare(operator: string, left: XPathValue, right: XPathValue, work: Work): boolean {
  if (isNodes(left) && isNodes(right)) return compareNodes(operator, left, right, work);
  if (isNodes(left)) return compareWith(operator, left, right as Simple, work, false);
  if (isNodes(right)) return compareWith(operator, right, left, work, true);
  return compareSimple(operator, left, right, work);
}

function isNodes(value: XPathValue): value is readonly XmlNode[] {
  return typeof value === 'object';
}

function compareWith(
  operator: string,
  nodes: readonly XmlNode[],
  other: Simple,
  work: Work,
  isRight: boolean,
): boolean {
  const holds = (value: string | boolean) =>
    isRight ? compareSimple(operator, other, value, work) : compareSimple(operator, value, other, work);
  if (typeof other === 'boolean') return holds(nodes.length > 0);
  return nodes.some((node) => holds(textOfNode(node, work)));
}

/** Compares two node sets in linear time. */
function compareNodes(
  operator: string,
  left: readonly XmlNode[],
  right: readonly XmlNode[],
  work: Work,
): boolean {
  const texts = [left, right].map((nodes) => new Set(nodes.map((node) => textOfNode(node, work))));
  const [lefts, rights] = texts as [Set<string>, Set<string>];
  if (operator === '=') return [...lefts].some((text) => rights.has(text));
  if (operator === '!=') {
    const same = lefts.size === 1 && rights.size === 1 && [...lefts][0] === [...rights][0];
    return lefts.size > 0 && rights.size > 0 && !same;
  }
  const numbers = texts.map((set) =>
    [...set].map((text) => toNumber(text, work)).filter((each) => !Number.isNaN(each)),
  );
  const [a, b] = numbers as [number[], number[]];
  if (a.length === 0 || b.length === 0) return false;
  const least = (list: number[]) => list.reduce((x, y) => Math.min(x, y));
  const most = (list: number[]) => list.reduce((x, y) => Math.max(x, y));
  return operator.startsWith('<')
    ? compareSimple(operator, least(a), most(b), work)
    : compareSimple(operator, most(a), least(b), work);
}

function compareSimple(operator: string, left: Simple, right: Simple, work: Work): boolean {
  if (operator === '=' || operator === '!=') return isSame(left, right, work) === (operator === '=');
  const [a, b] = [toNumber(left, work), toNumber(right, work)];
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}

function isSame(left: Simple, right: Simple, work: Work): boolean {
  if (typeof left === 'boolean' || typeof right === 'boolean') return toBoolean(left) === toBoolean(right);
  if (typeof left === 'number' || typeof right === 'number')
    return toNumber(left, work) === toNumber(right, work);
  return left === right;
}
