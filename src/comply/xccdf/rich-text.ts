import { escapeHtml } from '../../model/markup.ts';
import type { XmlElement } from '../xml/read-xml.ts';

/** Marks the id of a value that a `sub` element refers to: XML text cannot contain this character. */
export const subMark = '\u0001';

const plain: ReadonlySet<string> = new Set([
  ...[
    'p',
    'br',
    'ul',
    'ol',
    'li',
    'dl',
    'dt',
    'dd',
    'b',
    'strong',
    'i',
    'em',
    'code',
    'pre',
    'tt',
    'kbd',
    'samp',
  ],
  ...[
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
    'h1',
    'h2',
    'h3',
    'h4',
    'sub',
    'sup',
    'blockquote',
    'hr',
    'span',
    'div',
  ],
]);

/** Converts XCCDF text to HTML of harmless elements without attributes; of other elements only the text is kept. */
export function richText(element: XmlElement): string {
  return inner(element)
    .replace(/(?<![ \t])[ \t]*\n[ \t\n]*/g, '\n')
    .trim();
}

/** Content as plain text, with marks for substitutions. */
export function plainText(element: XmlElement): string {
  return element.children
    .map((child) => (typeof child === 'string' ? child : isSub(child) ? mark(child) : plainText(child)))
    .join('');
}

function inner(element: XmlElement): string {
  return element.children
    .map((child) => (typeof child === 'string' ? escapeHtml(child) : outer(child)))
    .join('');
}

function outer(element: XmlElement): string {
  if (isSub(element)) return mark(element);
  if (element.name === 'br' || element.name === 'hr') return `<${element.name}>`;
  const href = element.attrs['href'];
  if (element.name === 'a' && href !== undefined && /^https?:\/\//.test(href)) {
    return `<a href="${escapeHtml(href)}" rel="noreferrer">${inner(element)}</a>`;
  }
  if (!plain.has(element.name)) return inner(element);
  return `<${element.name}>${inner(element)}</${element.name}>`;
}

/** XCCDF's `sub`, not HTML's. */
function isSub({ name, attrs }: XmlElement): boolean {
  return name === 'sub' && attrs['idref'] !== undefined;
}

function mark({ attrs }: XmlElement): string {
  return `${subMark}${attrs['idref']}${subMark}`;
}
