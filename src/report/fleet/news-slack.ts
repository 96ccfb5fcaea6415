import { type NewsDocument, newsCauses, newsKinds } from '../../model/fleet/index.ts';
import { printable } from '../printable.ts';
import { causeWords, changeWords, imageWords, newsTitles, noImages, subjectWords } from './news-words.ts';

/** Slack cuts messages at 40,000 characters, and is read on telephones. */
const itemsOfKind = 20;

/** News as Slack's text: `&`, `<` and `>` are all that it would read as its own. */
export function slackText({ runs }: NewsDocument): string {
  const lines = runs.flatMap(({ run, date, items, isEmpty }) => [
    `*Run ${run}*, ${date}`,
    ...(isEmpty && items.length === 0 ? [noImages] : []),
    ...newsCauses.flatMap((cause) =>
      newsKinds.flatMap((kind) => {
        const own = items.filter((item) => item.cause === cause && item.kind === kind);
        if (own.length === 0) return [];
        const more = own.length > itemsOfKind ? [`and ${own.length - itemsOfKind} more`] : [];
        const entries = own.slice(0, itemsOfKind).map((item) =>
          [subjectWords(item), changeWords(item), imageWords(item)]
            .filter((text) => text !== '')
            .map((text) => escaped(printable(text)))
            .join(' - '),
        );
        return [
          `*${newsTitles[kind]}* (${own.length}; ${causeWords[cause]})`,
          ...entries.map((text) => `• ${text}`),
          ...more,
        ];
      }),
    ),
  ]);
  return lines.join('\n').slice(0, 39_000);
}

/** Stars and underscores of a name would only be bold or slanted; a zero-width space keeps them from that. */
function escaped(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[*_~`]/g, '$&\u200b');
}
