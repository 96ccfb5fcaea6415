import { readXmlNodes, type XmlNode } from '../xml/node-tree.ts';
import { alongAxis, passes } from './axes.ts';
import { type Expression, type LocationStep, XPathError } from './expression.ts';
import { type Context, coreFunction } from './functions.ts';
import { parseXPath } from './parse.ts';
import { compare, toBoolean, toNumber, toText, Work, type XPathValue } from './values.ts';

export { XPathError } from './expression.ts';

/** Nodes and characters that one evaluation may visit, a few seconds of work. Usual expressions visit each node a few times. */
const maxWork = 8_000_000;

/**
 * Evaluates an XPath 1.0 expression and returns its result as texts: those of attributes and text nodes, or the one of a string,
 * a number or a boolean. Elements have none. Undefined: there is no such node. A relative path starts at the document's root.
 */
export function evaluateXPath(
  document: Uint8Array | string,
  where: string,
  expression: string,
): string[] | undefined {
  const parsed = parseXPath(expression);
  const work = new Work(maxWork);
  const value = evaluate(parsed, { node: readXmlNodes(document, where), position: 1, size: 1, work });
  if (typeof value !== 'object') return [toText(value, work)];
  if (value.length === 0) return undefined;
  return value.flatMap(({ kind, text }) => (kind === 'attribute' || kind === 'text' ? [text] : []));
}

function evaluate(expression: Expression, context: Context): XPathValue {
  const { work } = context;
  work.spend(1);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'negate':
      return -toNumber(evaluate(expression.operand, context), work);
    case 'binary':
      return binary(expression, context);
    case 'call': {
      const call = coreFunction(expression.name, expression.args.length);
      return call(
        expression.args.map((each) => evaluate(each, context)),
        context,
      );
    }
    case 'filter':
      return filtered(nodesOf(expression.operand, context), expression.predicates, work);
    case 'path': {
      const { from, steps } = expression;
      return steps.reduce((nodes, step) => walk(nodes, step, work), startOf(from, context));
    }
  }
}

function binary(
  { operator, left, right }: Extract<Expression, { kind: 'binary' }>,
  context: Context,
): XPathValue {
  const { work } = context;
  const number = (operand: Expression) => toNumber(evaluate(operand, context), work);
  switch (operator) {
    case 'or':
      return toBoolean(evaluate(left, context)) || toBoolean(evaluate(right, context));
    case 'and':
      return toBoolean(evaluate(left, context)) && toBoolean(evaluate(right, context));
    case '|':
      return inOrder([...nodesOf(left, context), ...nodesOf(right, context)], work);
    case '+':
      return number(left) + number(right);
    case '-':
      return number(left) - number(right);
    case '*':
      return number(left) * number(right);
    case 'div':
      return number(left) / number(right);
    case 'mod':
      return number(left) % number(right);
    default:
      return compare(operator, evaluate(left, context), evaluate(right, context), work);
  }
}

function nodesOf(expression: Expression, context: Context): readonly XmlNode[] {
  const value = evaluate(expression, context);
  if (typeof value !== 'object') throw new XPathError('the XPath takes steps from what are no nodes');
  return value;
}

function startOf(from: 'root' | 'context' | Expression, context: Context): readonly XmlNode[] {
  if (from === 'context') return [context.node];
  if (from !== 'root') return nodesOf(from, context);
  let root = context.node;
  while (root.parent) root = root.parent;
  return [root];
}

/** Positions in predicates are counted along the axis of each node separately. */
function walk(from: readonly XmlNode[], step: LocationStep, work: Work): readonly XmlNode[] {
  const found: XmlNode[] = [];
  for (const node of from) for (const each of stepFrom(node, step, work)) found.push(each);
  return inOrder(found, work);
}

function stepFrom(node: XmlNode, { axis, test, predicates }: LocationStep, work: Work): readonly XmlNode[] {
  const [first, ...rest] = predicates;
  // A position, as in following-sibling::x[1], needs the axis only up to that node.
  const place = first?.kind === 'literal' && typeof first.value === 'number' ? first.value : undefined;
  const reached: XmlNode[] = [];
  for (const each of onAxis(node, axis, work)) {
    if (!passes(each, axis, test)) continue;
    reached.push(each);
    if (reached.length === place) return filtered([each], rest, work);
  }
  return place === undefined ? filtered(reached, predicates, work) : [];
}

function* onAxis(node: XmlNode, axis: LocationStep['axis'], work: Work): Generator<XmlNode> {
  for (const each of alongAxis(axis, node)) {
    work.spend(1);
    yield each;
  }
}

/** A number selects the node at that position, anything else must be true. */
function filtered(
  nodes: readonly XmlNode[],
  predicates: readonly Expression[],
  work: Work,
): readonly XmlNode[] {
  return predicates.reduce<readonly XmlNode[]>((left, predicate) => {
    const size = left.length;
    return left.filter((node, at) => {
      const value = evaluate(predicate, { node, position: at + 1, size, work });
      return typeof value === 'number' ? value === at + 1 : toBoolean(value);
    });
  }, nodes);
}

/** Each node once, in document order. */
function inOrder(nodes: readonly XmlNode[], work: Work): readonly XmlNode[] {
  work.spend(nodes.length);
  return nodes.length < 2 ? nodes : [...new Set(nodes)].sort((a, b) => a.order - b.order);
}
