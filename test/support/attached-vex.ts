/** OpenVEX that clears CVE-2022-3715 in bash of the image with this digest. */
export function vexOf(digest: string, author = 'the builder') {
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    author,
    timestamp: '2026-01-01T00:00:00Z',
    version: 1,
    statements: [
      {
        vulnerability: { name: 'CVE-2022-3715' },
        products: [
          { '@id': `pkg:oci/app@${digest}`, subcomponents: [{ '@id': 'pkg:deb/debian/bash@5.2.15-2' }] },
        ],
        status: 'not_affected',
        justification: 'inline_mitigations_already_exist',
      },
    ],
  };
}
