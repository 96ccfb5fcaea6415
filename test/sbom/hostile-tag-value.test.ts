import { describe, expect, it } from 'vitest';
import { readSbom } from '../../src/sbom/index.ts';

const head = 'SPDXVersion: SPDX-2.3\nDocumentName: app\nCreator: Tool: syft-1.0\n';
const pkg = (name: string) =>
  `PackageName: ${name}\nPackageVersion: 1-1\nExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/${name}@1-1?arch=amd64\n`;
const namesIn = (text: string) =>
  readSbom(Buffer.from(text), 'app.spdx').inventory.packages.map(({ name }) => name);

describe('a hostile SPDX document in tag-value form', () => {
  it('does not hide packages behind a text without its end', () => {
    const text = `${head}${pkg('bash')}PackageComment: <text>open\n${pkg('openssl')}`;

    expect(() => namesIn(text)).toThrow(
      expect.objectContaining({ code: 'SBOM_MALFORMED', where: 'app.spdx:7' }),
    );
  });

  it('does not end in the middle of a package', () => {
    const text = `${head}${pkg('bash')}${pkg('openssl')}`;
    const cut = text.slice(0, text.lastIndexOf('purl pkg:'));

    expect(() => namesIn(cut)).toThrow(
      expect.objectContaining({
        code: 'SBOM_MALFORMED',
        message: 'expected a line break after its last package, found the end of the document',
      }),
    );
    expect(namesIn(`${text}FileName: ./a`)).toEqual(['bash', 'openssl']);
  });

  it('does not hide a package behind white space or a separator of lines', () => {
    const zlib = pkg('zlib').replace('PackageName: zlib', 'PackageName : zlib\u2028');
    expect(namesIn(`${head}  ${pkg('bash')}${zlib}`)).toHaveLength(2);
  });

  it.each([`#${'\n'.repeat(510)}x`, `# a\n${' \n'.repeat(250)}x`, `#${'\t '.repeat(250)}`])(
    'is told from others at once',
    (text) => {
      const begin = process.cpuUsage().user;
      expect(() => namesIn(text)).toThrow(expect.objectContaining({ code: 'SBOM_MALFORMED' }));
      expect(process.cpuUsage().user - begin).toBeLessThan(1e6);
    },
  );

  it('is known behind comments', () => {
    expect(namesIn(`# one\r\n#\n\n  # two\n${head}${pkg('bash')}`)).toEqual(['bash']);
  });
});
