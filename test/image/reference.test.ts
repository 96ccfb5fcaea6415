import { describe, expect, it } from 'vitest';
import { type ImageReference, parseReference, referenceText } from '../../src/image/index.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

const forms: [text: string, reference: ImageReference, explicit?: string][] = [
  ['-', { kind: 'stdin' }],
  ['dir:/', { kind: 'dir', path: '/' }],
  ['dir:a:b', { kind: 'dir', path: 'a:b' }],
  ['tar:x.tar', { kind: 'tar', path: 'x.tar' }],
  ['docker-archive:x.tar', { kind: 'docker-archive', path: 'x.tar' }],
  ['docker-archive:x.tar:lab/x:1', { kind: 'docker-archive', path: 'x.tar', tag: 'lab/x:1' }],
  ['oci:layout', { kind: 'oci', path: 'layout' }],
  ['oci:layout:12', { kind: 'oci', path: 'layout', tag: '12' }],
  ['oci-archive:x.tar:12', { kind: 'oci-archive', path: 'x.tar', tag: '12' }],
  ['docker:debian:12', { kind: 'docker', name: 'debian:12' }],
  ['podman:localhost/x', { kind: 'podman', name: 'localhost/x' }],
  ['container:box', { kind: 'container', name: 'box' }],
  ['debian', hub('library/debian', { tag: 'latest' }), 'registry:docker.io/library/debian:latest'],
  ['debian:12', hub('library/debian', { tag: '12' }), 'registry:docker.io/library/debian:12'],
  ['lab/x:1', hub('lab/x', { tag: '1' }), 'registry:docker.io/lab/x:1'],
  ['docker.io/debian:12', hub('library/debian', { tag: '12' }), 'registry:docker.io/library/debian:12'],
  ['index.docker.io/debian:12', hub('library/debian', { tag: '12' }), 'registry:docker.io/library/debian:12'],
  [`debian@${digest}`, hub('library/debian', { digest }), `registry:docker.io/library/debian@${digest}`],
  [
    `debian:12@${digest}`,
    hub('library/debian', { tag: '12', digest }),
    `registry:docker.io/library/debian:12@${digest}`,
  ],
  ['registry:quay.io/a/b/c:v1', { kind: 'registry', host: 'quay.io', name: 'a/b/c', tag: 'v1' }],
  ['registry:127.0.0.1:5000/x:1', { kind: 'registry', host: '127.0.0.1:5000', name: 'x', tag: '1' }],
  ['localhost/x:1', { kind: 'registry', host: 'localhost', name: 'x', tag: '1' }, 'registry:localhost/x:1'],
  [
    'localhost:5000/x',
    { kind: 'registry', host: 'localhost:5000', name: 'x', tag: 'latest' },
    'registry:localhost:5000/x:latest',
  ],
  ['registry:[::1]:5000/x:1', { kind: 'registry', host: '[::1]:5000', name: 'x', tag: '1' }],
];

function hub(name: string, rest: { tag?: string; digest?: string }): ImageReference {
  return { kind: 'registry', host: 'docker.io', name, ...rest };
}

describe('a reference', () => {
  it.each(forms)('%s', (text, reference, explicit = text) => {
    expect(parseReference(text)).toEqual(reference);
    expect(referenceText(reference)).toBe(explicit);
    expect(parseReference(explicit)).toEqual(reference);
  });

  it.each([
    '',
    'dir:',
    'oci::tag',
    'docker:',
    'Debian',
    'a//b',
    'a/../b',
    'host.example/../x',
    'host.example:99999/x',
    '256.0.0.1/x',
    '[::1::2]/x',
    'debian:',
    'debian:-x',
    `debian:${'x'.repeat(129)}`,
    'debian@sha256:12',
    `debian@md5:${'0'.repeat(32)}`,
    `debian@${digest}@${digest}`,
    'a b',
    'debian:12\n',
    'http://host.example/x',
    `host.example/${'x'.repeat(300)}`,
    'podman:../containers/x',
    'container:a b',
  ])('is none: %j', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'IMAGE_REFERENCE_INVALID' }));
  });

  it.each(['', 'registry:', 'registry://'])('of nothing is said to be that: %j', (text) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ message: 'expected the name of an image, found nothing' }),
    );
  });
});
