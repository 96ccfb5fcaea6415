import { escapeHtml } from '../../model/markup.ts';
import { printable } from '../../report/printable.ts';

/** Text that is HTML already. Nothing else gets into a page without being escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlPart = Html | string | number | undefined | null | false | readonly HtmlPart[];

/**
 * The one way of text into a page. Names are from images and registries: besides markup, what steers a terminal or turns
 * the direction of text is shown as its code.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let text = strings[0]!;
  for (let at = 0; at < parts.length; at++) text += textOf(parts[at]) + strings[at + 1]!;
  return new Html(text);
}

function textOf(part: HtmlPart): string {
  if (part instanceof Html) return part.text;
  if (part === undefined || part === null || part === false) return '';
  if (typeof part === 'number') return String(part);
  return typeof part === 'string' ? escapeHtml(printable(part)) : part.map(textOf).join('');
}

export const nothing: Html = new Html('');

/** Parts with something between them. */
export function joined(parts: readonly HtmlPart[], between: string): Html {
  return new Html(parts.map(textOf).join(between));
}

/** A name without spaces, which may be broken where its parts end. */
export function breakable(name: string): Html {
  return new Html(textOf(name).replace(/(?:[/:@]|&amp;)+/g, '$&<wbr>'));
}
