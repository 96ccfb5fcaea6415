import { describe, expect, it } from 'vitest';
import { cpeCovers, parseCpe, rhelBelow } from '../../../src/distros/shared/rule/cpe.ts';

describe('parseCpe', () => {
  it.each([
    ['cpe:/o:redhat:enterprise_linux:9::baseos', 'redhat enterprise_linux 9  baseos'],
    ['cpe:/a:redhat:rhel_eus:9.2::appstream', 'redhat rhel_eus 9.2  appstream'],
    ['cpe:/a:redhat:jbosseapxp', 'redhat jbosseapxp   '],
    ['cpe:/a:redhat:optaplanner:::el6', 'redhat optaplanner   el6'],
    ['cpe:/a:redhat', 'redhat    '],
    ['cpe:/a:redhat:openshift:4.13::el8 ', 'redhat openshift 4.13  el8'],
  ])('%s', (text, expected) => {
    const { vendor, product, version, update, edition } = parseCpe(text)!;
    expect([vendor, product, version, update, edition].join(' ')).toBe(expected);
  });

  it.each(['', 'cpe:2.3:o:redhat:enterprise_linux:9', 'cpe:/x:redhat', 'rhel-9'])('%j is none', (text) => {
    expect(parseCpe(text)).toBeUndefined();
  });
});

describe('cpeCovers', () => {
  it.each([
    ['openshift:4 covers its minors (claircore#1163)', 'openshift:4', 'openshift:4.13::el8', true],
    ['not by raw prefix', 'openshift:1', 'openshift:10', false],
    ['a channel suffix says nothing', 'enterprise_linux:9::appstream', 'enterprise_linux:9::baseos', true],
    ['another product', 'rhel_eus:9.2', 'enterprise_linux:9', false],
    ['a minor does not cover the major', 'openshift:4.13', 'openshift:4', false],
    ['another RHEL below', 'openshift:4.13::el8', 'openshift:4.13::el9', false],
    ['no version is any', 'jbosseapxp', 'jbosseapxp:7', true],
  ])('%s', (_, statement, image, expected) => {
    const [left, right] = [statement, image].map((text) => parseCpe(`cpe:/a:redhat:${text}`)!);
    expect(cpeCovers(left!, right!)).toBe(expected);
  });

  it('takes /a and /o alike', () => {
    const base = parseCpe('cpe:/o:redhat:enterprise_linux:9::baseos')!;
    const stream = parseCpe('cpe:/a:redhat:enterprise_linux:9::appstream')!;
    expect(cpeCovers(base, stream)).toBe(true);
  });
});

it('rhelBelow reads elN wherever it stands', () => {
  expect(rhelBelow(parseCpe('cpe:/a:redhat:rhel_dotnet:6.0::el7')!)).toBe(7);
  expect(rhelBelow(parseCpe('cpe:/a:redhat:x:1:el8')!)).toBe(8);
  expect(rhelBelow(parseCpe('cpe:/a:redhat:x:1')!)).toBeUndefined();
});
