import {
  type NewsDocument,
  type NewsItem,
  newsCauses,
  newsKinds,
  type RunNews,
} from '../../model/fleet/index.ts';
import { line } from '../printable.ts';
import { textTable } from '../text-table.ts';
import { causeWords, changeWords, countWords, imageWords, newsTitles, subjectWords } from './news-words.ts';

/** News as text, by cause and by what happened. */
export function newsTable({ runs }: NewsDocument): string {
  if (runs.length === 0) return 'no news: there was no run in that time\n';
  return runs.map(runText).join('');
}

function runText(news: RunNews): string {
  const { run, date, items } = news;
  const head = line(`run ${run} of ${date}: ${countWords(news)}`);
  return head + newsCauses.map((cause) => causeText(items.filter((item) => item.cause === cause))).join('');
}

function causeText(items: readonly NewsItem[]): string {
  if (items.length === 0) return '';
  const rows = newsKinds.flatMap((kind) =>
    items
      .filter((item) => item.kind === kind)
      .map((item) => [newsTitles[kind], subjectWords(item) || '-', changeWords(item), imageWords(item)]),
  );
  return `\n${line(`Because ${causeWords[items[0]!.cause]}:`)}${textTable(['NEWS', 'ABOUT', 'CHANGE', 'IMAGES'], rows)}`;
}
