// Order of the site's search results: sections that have every word come first, then those that have some of them.
import MiniSearch from 'minisearch';

/** Words that say nothing about what is looked for. */
const empty = new Set(
  'a an and are as at by can do does for from how i in is it my of on or the to what where with'.split(' '),
);

/** A page of what changed repeats the words of all others, and one for developers is rarely meant. */
const weights = [
  [/^changelog\.html/, 0.1],
  [/^(?:architecture|contributing|promises)\.html/, 0.4],
];

/** @param {{ address: string, title: string, heading: string, text: string }[]} sections */
export function searchOf(sections) {
  const engine = new MiniSearch({
    fields: ['heading', 'title', 'text'],
    storeFields: ['address', 'title', 'heading', 'text'],
    tokenize: (text) => wordsOf(text).flatMap((word) => [word, ...partsOf(word)]),
    searchOptions: {
      boost: { heading: 4, title: 2 },
      boostDocument: (_, __, { address }) => weights.find(([form]) => form.test(address))?.[1] ?? 1,
      prefix: true,
      fuzzy: 0.15,
    },
  });
  engine.addAll(sections.map((section, id) => ({ id, ...section })));

  return (text) => {
    const words = wordsOf(text);
    const meant = words.filter((word) => !empty.has(word));
    const queries = (meant.length > 0 ? meant : words).map(queryOf);
    const all = engine.search({ combineWith: 'AND', queries });
    const known = new Set(all.map(({ id }) => id));
    return [...all, ...engine.search({ combineWith: 'OR', queries }).filter(({ id }) => !known.has(id))];
  };
}

/** Options and codes are words: --fail-on, TRUST_EXPIRED, debian-12. */
function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}_.][\p{L}\p{N}_.-]*/gu) ?? [];
}

/** `dependency-track` is also found where it is two words. */
function partsOf(word) {
  const parts = word.split(/[-_.]+/).filter((part) => part !== '');
  return parts.length > 1 ? parts : [];
}

function queryOf(word) {
  const parts = partsOf(word);
  return parts.length === 0
    ? word
    : { combineWith: 'OR', queries: [word, { combineWith: 'AND', queries: parts }] };
}
