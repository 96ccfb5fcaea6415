import {
  type NewsDocument,
  type NewsItem,
  newsCauses,
  newsKinds,
  type RunNews,
} from '../../model/fleet/index.ts';
import { inMarkdown } from '../formats/markdown.ts';
import { printable } from '../printable.ts';
import { causeWords, changeWords, countWords, imageWords, newsTitles, subjectWords } from './news-words.ts';

/** Limit on the items of one kind; the others are counted, and stand in JSON. */
const itemsOfKind = 100;

/** News as Markdown, for a chat or a wiki. Nothing in a name is markup. */
export function newsMarkdown({ runs }: NewsDocument): string {
  if (runs.length === 0) return 'No news: there was no run in that time.\n';
  return runs.map(runSection).join('\n');
}

function runSection(news: RunNews): string {
  const { run, date, items } = news;
  return `## Run ${run}, ${date}: ${countWords(news)}\n${newsCauses.map((cause) => causeSection(items.filter((item) => item.cause === cause))).join('')}`;
}

function causeSection(items: readonly NewsItem[]): string {
  if (items.length === 0) return '';
  return `\n### Because ${causeWords[items[0]!.cause]}\n${newsKinds.map((kind) => kindList(items.filter((item) => item.kind === kind))).join('')}`;
}

function kindList(items: readonly NewsItem[]): string {
  if (items.length === 0) return '';
  const left = items.length - itemsOfKind;
  const more = left > 0 ? `- and ${left} more\n` : '';
  return `\n**${newsTitles[items[0]!.kind]}** (${items.length})\n\n${items.slice(0, itemsOfKind).map(listItem).join('')}${more}`;
}

function listItem(item: NewsItem): string {
  const words = [subjectWords(item), changeWords(item), imageWords(item)].filter((text) => text !== '');
  return `- ${words.map((text) => inMarkdown(printable(text))).join(' · ')}\n`;
}
