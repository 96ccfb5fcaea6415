import { undated } from '../../model/data-date.ts';
import type { NewsDocument, NewsKind, RunNews } from '../../model/fleet/index.ts';
import { escapeXml, escapeXmlLines } from '../../model/markup.ts';
import { plural } from '../text-table.ts';
import { newsTable } from './news-table.ts';

/** News as an Atom feed (RFC 4287): an entry for each run that has any. Its ids are the same each time it is written. */
export function newsAtom({ runs }: NewsDocument): string {
  const nonEmpty = runs.filter(({ items }) => items.length > 0);
  const updated = runs.at(-1)?.date ?? undated;
  return [
    '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
    `<id>urn:scapfeed:fleet</id>\n<title>News of the fleet</title>\n<updated>${escapeXml(updated)}</updated>\n`,
    '<author><name>scapfeed</name></author>\n',
    ...nonEmpty.toReversed().map(entry),
    '</feed>\n',
  ].join('');
}

function entry(news: RunNews): string {
  const { run, date, items, feed } = news;
  const urgent = items.filter(
    ({ kind, waived }) => waived === undefined && (kind === 'exploited' || kind === 'new'),
  ).length;
  const withFlaws = (of: NewsKind) =>
    items.filter(({ kind, severity }) => kind === of && severity !== undefined).length;
  const [added, judged] = [withFlaws('added'), withFlaws('judged')];
  const title = [
    plural(items.length, 'change'),
    plural(urgent, 'new flaw'),
    ...(added > 0 ? [`${plural(added, 'new image')} with flaws`] : []),
    ...(judged > 0 ? [`${plural(judged, 'image')} with flaws judged for the first time`] : []),
  ].join(', ');
  const text = newsTable({ format: 'scapfeed/fleet-news/1', runs: [news] });
  return [
    `<entry>\n<id>urn:scapfeed:fleet:run:${run}:${escapeXml(feed.digest)}</id>\n<title>${escapeXml(title)}</title>\n`,
    `<updated>${escapeXml(date)}</updated>\n<content type="text">${escapeXmlLines(text)}</content>\n</entry>\n`,
  ].join('');
}
