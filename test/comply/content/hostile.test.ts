import { describe, expect, it } from 'vitest';
import { readContent } from '../../../src/comply/content/read-content.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { readTailoring } from '../../../src/comply/xccdf/read-profiles.ts';
import { maxDepth } from '../../../src/comply/xml/depth.ts';
import { readXmlTree } from '../../../src/comply/xml/read-xml.ts';
import { ScapfeedError } from '../../../src/model/error.ts';
import { smallStream } from '../../support/small-stream.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const xccdf = 'http://checklists.nist.gov/xccdf/1.2';
const stream = 'http://scap.nist.gov/schema/scap/source/1.2';

function failure(work: () => unknown): ScapfeedError {
  try {
    work();
  } catch (error) {
    if (error instanceof ScapfeedError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

function content(text: string) {
  return readContent(Buffer.from(text), 'content.xml');
}

describe('hostile documents', () => {
  it.each([
    ['an entity bomb', '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>'],
    ['an external entity', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'],
  ])('refuses the document type of %s', (_, text) => {
    expect(failure(() => readXmlTree(text, 'bomb.xml'))).toMatchObject({
      code: 'CONTENT_MALFORMED',
      message: 'a document type is not allowed, found <!DOCTYPE',
      where: 'bomb.xml',
    });
  });

  it.each<[reader: string, read: (text: string) => unknown]>([
    ['content', content],
    ['OVAL', (text) => readOval(text, 'o.xml')],
    ['a tailoring file', (text) => readTailoring(text, 't.xml')],
  ])('resolves no entity of %s', (_, read) => {
    for (const entity of ['"aa"', 'SYSTEM "file:///etc/passwd"']) {
      const text = `<!DOCTYPE x [<!ENTITY a ${entity}>]><x>&a;</x>`;
      expect(failure(() => read(text)).message).toMatch(/a document type is not allowed/);
    }
  });

  it.each([
    ['an entity that nobody defines', '<x>&a;</x>'],
    ['an element without end', '<x><y></x>'],
    ['an undeclared prefix', '<a:x/>'],
    ['text alone', 'hello'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(failure(() => readXmlTree(text, 'x.xml')).code).toBe('CONTENT_MALFORMED');
  });

  it('refuses elements nested beyond the limit', () => {
    const text = '<a>'.repeat(maxDepth + 1) + '</a>'.repeat(maxDepth + 1);
    expect(failure(() => readXmlTree(text, 'deep.xml')).message).toMatch(/nested deeper/);
  });

  it('refuses an encoding that it does not know', () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="x-secret"?><x/>');
    expect(failure(() => readXmlTree(bytes, 'x.xml')).message).toBe('the encoding x-secret is not supported');
  });

  it('names the namespace that it expected', () => {
    expect(failure(() => readOval('<oval_definitions xmlns="urn:other"/>', 'o.xml')).message).toBe(
      `expected <oval_definitions> of ${oval}, found <oval_definitions> of urn:other`,
    );
    expect(failure(() => content('<Benchmark xmlns="urn:other"/>')).message).toMatch(
      /xccdf\/1\.1 or http:.*xccdf\/1\.2, found <Benchmark> of urn:other/,
    );
    expect(failure(() => content('<data-stream-collection xmlns="urn:other"/>')).message).toMatch(
      /urn:other/,
    );
  });

  it('refuses an id that stands twice', () => {
    const text = `<oval_definitions xmlns="${oval}"><definitions>${'<definition id="oval:a:def:1" version="1"/>'.repeat(2)}</definitions></oval_definitions>`;
    expect(failure(() => readOval(text, 'o.xml')).message).toBe('ids are unique, found oval:a:def:1 twice');
  });

  it('refuses items that extend each other in a circle', () => {
    const rule = (id: string, base: string) => `<Rule id="${id}" extends="${base}"/>`;
    const text = `<Benchmark xmlns="${xccdf}" id="b">${rule('r1', 'r2')}${rule('r2', 'r1')}</Benchmark>`;
    expect(failure(() => content(text)).message).toBe('items extend each other in a circle: r1 -> r2 -> r1');
  });

  it('tells which component of a data stream is missing', () => {
    const text = `<data-stream-collection xmlns="${stream}" xmlns:xlink="http://www.w3.org/1999/xlink" id="c"><data-stream id="s"><checklists><component-ref id="r" xlink:href="#gone"/></checklists></data-stream></data-stream-collection>`;
    expect(failure(() => content(text))).toMatchObject({
      code: 'CONTENT_MISSING',
      message: 'the checklist r leads to #gone: the component gone is not in the collection',
    });
  });

  it.each(['dictionaries', 'checks'])(
    'refuses a reference of %s to a component that is not there',
    (list) => {
      const text = smallStream().replace(`</ds:${list}>`, '<ds:component-ref id="r" xlink:href="#gone"/>$&');
      expect(failure(() => content(text))).toMatchObject({
        code: 'CONTENT_MALFORMED',
        message:
          'the data stream scap_x_datastream_small refers to #gone by r: the component gone is not in the collection',
      });
    },
  );

  const related = (name: string, id: string) =>
    `<Benchmark xmlns="${xccdf}" id="b"><Rule id="r1"><${name} idref="${id}"/></Rule><Rule id="r2"/></Benchmark>`;

  it('refuses a rule that requires what is not there: it would not run, without a word', () => {
    expect(failure(() => content(related('requires', 'r3 r4')))).toMatchObject({
      code: 'CONTENT_MALFORMED',
      message: 'r1 requires r3 or r4, which is no rule or group here',
    });
    expect(() => content(related('requires', 'r3 r2'))).not.toThrow();
  });

  it('reads conflicts with a rule that a product of the SCAP Security Guide leaves out', () => {
    expect(() => content(related('conflicts', 'r3'))).not.toThrow();
  });

  it('never fetches a remote reference, and says so', () => {
    const href = 'https://example.org/oval.xml';
    const check = `<check system="${oval}"><check-content-ref href="${href}"/></check>`;
    const { missing } = content(
      `<Benchmark xmlns="${xccdf}" id="b"><Rule id="r">${check}</Rule></Benchmark>`,
    );
    expect([...missing]).toEqual([[href, 'remote content is not fetched']]);
  });
});
