import { columnsOf } from './columns.ts';

/** Colours and links of our own, which take no column. */
const unseen = /\x1b\[\d+m|\x1b\]8;;[^\x1b]*\x1b\\/g;

/** Breaks lines that are wider than the screen between words; what follows is indented, so that rows still begin at the left. */
export function folded(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => foldedLine(line, columns))
    .join('\n');
}

function foldedLine(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const margin = /^ */.exec(text)![0].slice(0, Math.floor(columns / 2));
  const lines: string[] = [];
  let current = '';
  let width = 0;
  for (const word of text.trimStart().split(/(?<= )(?! )/)) {
    const bare = word.trimEnd();
    const wide = widthOf(bare);
    if (current !== '' && width + wide > columns) {
      lines.push(current.trimEnd());
      current = `${margin}  `;
      width = current.length;
    } else if (current === '') {
      current = margin;
      width = margin.length;
    }
    current += word;
    width += wide + word.length - bare.length;
  }
  return [...lines, current.trimEnd()].join('\n');
}

function widthOf(text: string): number {
  return columnsOf(text.includes('\x1b') ? text.replace(unseen, '') : text);
}
