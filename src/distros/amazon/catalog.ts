import { ScapfeedError } from '../../model/error.ts';
import { list, malformed, record, word } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';

/** There are some 80. */
const maxTopics = 1000;

/**
 * The topics of the extras in their catalog, by name; one that is retired has its updates still.
 * @throws SOURCE_NOT_JSON, SOURCE_MALFORMED
 */
export function topicsIn(bytes: Uint8Array, where: string): string[] {
  const read = readRecord(where, () => {
    const topics = list<unknown>(
      record(parseJsonText(Buffer.from(bytes).toString('utf8')), '')['topics'],
      '/topics',
    );
    if (topics.length === 0 || topics.length > maxTopics)
      throw malformed('/topics', `a list of up to ${maxTopics} topics`, topics);
    const names = topics.map((topic, at) => {
      const name = word(record(topic, `/topics/${at}`)['n'], `/topics/${at}/n`);
      if (!/^[0-9A-Za-z][\w.+-]{0,99}$/.test(name))
        throw malformed(`/topics/${at}/n`, 'the name of a topic', name);
      return name;
    });
    return [...new Set(names)].sort();
  });
  if (read instanceof ScapfeedError) throw read;
  return read;
}
