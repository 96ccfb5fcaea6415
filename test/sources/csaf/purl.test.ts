import fc from 'fast-check';
import { PackageURL } from 'packageurl-js';
import { describe, expect, it } from 'vitest';
import { parsePurl, qualifier } from '../../../src/sources/csaf/purl.ts';

/** The two readers' answers in one form. */
function ours(text: string): object | undefined {
  const purl = parsePurl(text);
  if (!purl) return undefined;
  const qualifiers = Object.fromEntries(
    keys.map((key) => [key, qualifier(purl, key)]).filter(([, value]) => value),
  );
  return { type: purl.type, name: purl.name, version: purl.version, qualifiers };
}

function theirs(text: string): object | undefined {
  try {
    const { type, name, version, qualifiers } = PackageURL.fromString(text);
    const known = Object.entries(qualifiers ?? {}).filter(([key, value]) => keys.includes(key) && value);
    return { type, name, version: version || undefined, qualifiers: Object.fromEntries(known) };
  } catch {
    return undefined;
  }
}

const keys = ['arch', 'epoch', 'rpmmod', 'repository_url', 'tag'];

describe('parsePurl answers as packageurl-js does', () => {
  it.each([
    'pkg:rpm/redhat/gnutls@3.7.6-23.el9_3.4?arch=x86_64',
    'pkg:rpm/redhat/perl@5.26.3-422.el8?arch=src&epoch=4',
    'pkg:rpm/redhat/nodejs@18.20.4-1.module%2Bel8.10.0%2B22202%2B761b9a65?arch=x86_64&epoch=1&rpmmod=nodejs:18:8100020240810:489197e6',
    'pkg:rpm/redhat/libstdc%2B%2B?arch=src',
    'pkg:rpm/redhat/vim',
    'pkg:rpmmod/redhat/postgresql@12:8060020240903093929:ad008a3a',
    'pkg:oci/ose-console-rhel9@sha256:0123abcd?arch=amd64&repository_url=registry.redhat.io/openshift4/ose-console-rhel9&tag=v4.16.0-202405',
    'pkg:maven/org.yaml/snakeyaml@1.33?type=jar',
  ])('%s', (text) => {
    expect(ours(text)).toEqual(theirs(text));
    expect(ours(text)).toBeDefined();
  });

  it('for any rpm that Red Hat could name', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+~^-]{0,20}$/);
    fc.assert(
      fc.property(
        word,
        word,
        fc.constantFrom('x86_64', 'src', 'noarch'),
        fc.nat(9),
        (name, version, arch, epoch) => {
          const text = `pkg:rpm/redhat/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${arch}&epoch=${epoch}`;
          expect(ours(text)).toEqual(theirs(text));
        },
      ),
    );
  });

  it.each(['', 'rpm/redhat/vim', 'pkg:rpm', 'pkg:rpm/', 'pkg:rpm/redhat/%zz', 'pkg:rpm/redhat/a@%e0'])(
    '%j is none',
    (text) => {
      expect(parsePurl(text)).toBeUndefined();
    },
  );

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parsePurl(`pkg:${text}`)));
  });
});

it('a qualifier is found by its whole name', () => {
  const purl = parsePurl('pkg:rpm/redhat/vim?rearch=no&arch=src&archive=x')!;
  expect(qualifier(purl, 'arch')).toBe('src');
  expect(qualifier(purl, 'epoch')).toBeUndefined();
});
