import { describe, expect, it } from 'vitest';
import { evaluateXPath, XPathError } from '../../../src/comply/xpath/index.ts';
import { ScapfeedError } from '../../../src/model/error.ts';

const evaluate = (document: string, expression: string) => evaluateXPath(document, 'x.xml', expression);

describe('evaluateXPath', () => {
  const zone = '<zone><rule><source address="::1"/><drop/></rule><service name="ssh">on</service></zone>';

  it.each([
    ["/zone/rule/source[@address='127.0.0.1' or @address='::1']", []],
    ["/zone/service[@name='ssh']", []],
    ["/zone/service[@name='ssh']/text()", ['on']],
    ['//@name', ['ssh']],
    ["/zone/service[@name='http']", undefined],
    ['count(/zone/*)', ['2']],
    ['zone/service/@name', ['ssh']],
    ['/zone/rule[2]', undefined],
  ])('%s', (expression, expected) => {
    expect(evaluate(zone, expression)).toEqual(expected);
  });

  it('reads a document with a document type, and nothing that it names', () => {
    const bus =
      '<!DOCTYPE busconfig PUBLIC "-//x//DTD" "http://127.0.0.1:1/x.dtd"><busconfig><type>session</type></busconfig>';
    expect(evaluate(bus, '/busconfig/type/text()')).toEqual(['session']);
    const bomb = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b SYSTEM "file:///etc/passwd">]><x>&b;</x>';
    expect(() => evaluate(bomb, '/x')).toThrow(ScapfeedError);
  });

  it.each([
    ['unknown()'],
    ['count()'],
    ['count(1)'],
    ["concat('a')"],
    ['//n:e'],
    ['//b['],
    ['/zone/'],
    ['//'],
    ['1 2'],
    ['$v'],
    ['/zone/namespace::*'],
    ["'a'/b"],
    [''],
    ['zone#'],
    ['constructor()'],
  ])('refuses %s', (expression) => {
    expect(() => evaluate(zone, expression)).toThrow(XPathError);
  });
});

describe('a hostile XPath', () => {
  const many = `<r>${'<a><b/></a>'.repeat(2_000)}</r>`;

  it.each([
    ['of nested predicates', `/r${'[a'.repeat(20_000)}${']'.repeat(20_000)}`, /longer than/],
    ['of nested brackets', `${'('.repeat(4_000)}1${')'.repeat(4_000)}`, /nested deeper/],
    ['of nested predicates, short enough', `/r${'[a'.repeat(2_000)}${']'.repeat(2_000)}`, /nested deeper/],
    ['of every node for every node', 'count(//*[count(//*[count(//*) > 0]) > 0])', /too much work/],
    [
      'of every text for every text',
      "count(//*[contains(/r, 'x') or //*[contains(/r, 'x')]])",
      /too much work/,
    ],
  ])('%s is refused in bounded time', (_, expression, message) => {
    const started = process.cpuUsage();
    expect(() => evaluate(many, expression)).toThrow(message);
    const { user } = process.cpuUsage(started);
    expect(user / 1e6).toBeLessThan(8);
  });

  it('takes a chain of operators', () => {
    expect(evaluate('<x/>', Array.from({ length: 400 }, () => '1').join('+'))).toEqual(['400']);
  });

  it('finds siblings of a long list without searching it for each', () => {
    const list = `<r>${'<a/>'.repeat(50_000)}</r>`;
    expect(evaluate(list, 'count(//a[following-sibling::a[1]])')).toEqual(['49999']);
  });

  it('refuses a document nested too deep', () => {
    expect(() => evaluate('<a>'.repeat(100_000), '//a')).toThrow(/nested deeper/);
  });
});
