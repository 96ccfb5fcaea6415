import type { XmlNode } from '../xml/node-tree.ts';
import { XPathError } from './expression.ts';
import { textOfNode, toBoolean, toNumber, toText, type Work, type XPathValue } from './values.ts';

/** Where an expression is evaluated. */
export interface Context {
  node: XmlNode;
  position: number;
  size: number;
  work: Work;
}

interface CoreFunction {
  /** Minimum and maximum number of arguments. */
  takes: readonly [number, number];
  call(args: readonly XPathValue[], context: Context): XPathValue;
}

/** The core function library (XPath 1.0, 4). */
const functions: Readonly<Record<string, CoreFunction>> = {
  last: { takes: [0, 0], call: (_, { size }) => size },
  position: { takes: [0, 0], call: (_, { position }) => position },
  count: { takes: [1, 1], call: ([nodes]) => nodesOf(nodes).length },
  // Only a document type could say which attributes are ids.
  id: { takes: [1, 1], call: () => [] },
  'local-name': { takes: [0, 1], call: nameOf },
  'namespace-uri': { takes: [0, 1], call: (args, context) => nameOf(args, context) && '' },
  name: { takes: [0, 1], call: nameOf },
  string: { takes: [0, 1], call: ownText },
  concat: {
    takes: [2, Number.POSITIVE_INFINITY],
    call: (args, { work }) => args.map((each) => toText(each, work)).join(''),
  },
  'starts-with': ofTexts(2, (text, start) => text.startsWith(start)),
  contains: ofTexts(2, (text, part) => text.includes(part)),
  'substring-before': ofTexts(2, (text, part) => text.slice(0, Math.max(0, text.indexOf(part)))),
  'substring-after': ofTexts(2, (text, part) =>
    text.includes(part) ? text.slice(text.indexOf(part) + part.length) : '',
  ),
  substring: { takes: [2, 3], call: substring },
  'string-length': { takes: [0, 1], call: (args, context) => [...ownText(args, context)].length },
  'normalize-space': {
    takes: [0, 1],
    call: (args, context) =>
      ownText(args, context)
        .replace(/[ \t\r\n]+/g, ' ')
        .replace(/^ | $/g, ''),
  },
  translate: ofTexts(3, translate),
  boolean: { takes: [1, 1], call: ([value]) => toBoolean(value as XPathValue) },
  not: { takes: [1, 1], call: ([value]) => !toBoolean(value as XPathValue) },
  true: { takes: [0, 0], call: () => true },
  false: { takes: [0, 0], call: () => false },
  lang: {
    takes: [1, 1],
    call: ([language], { node, work }) => isIn(node, toText(language as XPathValue, work)),
  },
  number: { takes: [0, 1], call: ([value], { node, work }) => toNumber(value ?? [node], work) },
  sum: {
    takes: [1, 1],
    call: ([nodes], { work }) =>
      nodesOf(nodes).reduce((sum, node) => sum + toNumber(textOfNode(node, work), work), 0),
  },
  floor: ofNumber(Math.floor),
  ceiling: ofNumber(Math.ceil),
  round: ofNumber(Math.round),
};

/** Looks up a function and checks the number of its arguments. */
export function coreFunction(name: string, args: number): CoreFunction['call'] {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!found) throw new XPathError(`XPath 1.0 has no function ${name}`);
  const [least, most] = found.takes;
  if (args < least || args > most)
    throw new XPathError(`the function ${name} does not take ${args} arguments`);
  return found.call;
}

function ofTexts(count: number, call: (...texts: [string, string, string]) => XPathValue): CoreFunction {
  return {
    takes: [count, count],
    call: (args, { work }) => {
      const texts = args.map((each) => toText(each, work));
      work.spend(texts.reduce((sum, text) => sum + text.length / 16, 0));
      return call(...(texts as [string, string, string]));
    },
  };
}

function ofNumber(call: (value: number) => number): CoreFunction {
  return { takes: [1, 1], call: ([value], { work }) => call(toNumber(value as XPathValue, work)) };
}

function nodesOf(value: XPathValue | undefined): readonly XmlNode[] {
  if (typeof value !== 'object') throw new XPathError('the XPath counts or sums what are no nodes');
  return value;
}

function nameOf([value]: readonly XPathValue[], { node }: Context): string {
  return (value === undefined ? node : nodesOf(value)[0])?.name ?? '';
}

function ownText([value]: readonly XPathValue[], { node, work }: Context): string {
  return value === undefined ? textOfNode(node, work) : toText(value, work);
}

/** Characters whose place, counted from 1, is at least the rounded start and before the rounded end. */
function substring([text, from, count]: readonly XPathValue[], { work }: Context): string {
  const start = Math.round(toNumber(from as XPathValue, work));
  const end = count === undefined ? Number.POSITIVE_INFINITY : start + Math.round(toNumber(count, work));
  const chars = [...toText(text as XPathValue, work)];
  work.spend(chars.length / 16);
  return chars.filter((_, at) => at + 1 >= start && at + 1 < end).join('');
}

function translate(text: string, from: string, to: string): string {
  const [wanted, given] = [[...from], [...to]];
  const map = new Map<string, string>();
  for (const [at, char] of wanted.entries()) if (!map.has(char)) map.set(char, given[at] ?? '');
  return [...text].map((char) => map.get(char) ?? char).join('');
}

/** Compares with the nearest xml:lang, ignoring case; a sublanguage matches its language. */
function isIn(from: XmlNode, language: string): boolean {
  for (let node: XmlNode | undefined = from; node; node = node.parent) {
    const stated = node.attributes.find(({ prefix, name }) => prefix === 'xml' && name === 'lang');
    if (stated) return `${stated.text}-`.toLowerCase().startsWith(`${language}-`.toLowerCase());
  }
  return false;
}
