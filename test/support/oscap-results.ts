import { createReadStream } from 'node:fs';
import { SaxesParser } from 'saxes';

/** An OVAL results document: each definition's result, and the items behind each true test. */
export interface OscapResults {
  /** Definition id -> result. */
  definitions: Map<string, string>;
  /** Definition id -> class: vulnerability, patch, inventory, compliance. */
  classes: Map<string, string>;
  /** Definition id -> the tests its criteria refer to. */
  tests: Map<string, string[]>;
  /** Test id -> ids of the items that made it true; of a test without a state, all that exist. */
  trueItems: Map<string, string[]>;
  /** Item id -> the text that was matched. */
  texts: Map<string, string>;
}

/** Reads OVAL results as oscap writes them (oval-results-schema 5.11). */
export async function readOscapResults(path: string): Promise<OscapResults> {
  const results: OscapResults = {
    definitions: new Map(),
    classes: new Map(),
    tests: new Map(),
    trueItems: new Map(),
    texts: new Map(),
  };
  let inResults = false;
  let definition = '';
  let test = { id: '', result: '' };
  let item = '';
  let text: string | undefined;
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    const at = attributes as Record<string, string>;
    const local = name.replace(/^.*:/, '');
    if (local === 'results') inResults = true;
    if (local === 'textfilecontent_item') item = at['id']!;
    if (local === 'text' && item !== '') text = '';
    if (!inResults) {
      if (local === 'definition') results.classes.set(at['id']!, at['class']!);
      return;
    }
    if (local === 'definition') {
      definition = at['definition_id']!;
      results.definitions.set(definition, at['result']!);
      results.tests.set(definition, []);
    }
    if (local === 'criterion') results.tests.get(definition)!.push(at['test_ref']!);
    if (local === 'test') {
      test = { id: at['test_id']!, result: at['result']! };
      results.trueItems.set(test.id, []);
    }
    if (local === 'tested_item' && test.result === 'true' && at['result'] !== 'false') {
      results.trueItems.get(test.id)!.push(at['item_id']!);
    }
  });
  parser.on('text', (piece) => {
    if (text !== undefined) text += piece;
  });
  parser.on('closetag', ({ name }) => {
    const local = name.replace(/^.*:/, '');
    if (local === 'text' && text !== undefined) {
      results.texts.set(item, text);
      text = undefined;
    }
    if (local === 'textfilecontent_item') item = '';
  });
  for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 }))
    parser.write(piece as string);
  parser.close();
  return results;
}
