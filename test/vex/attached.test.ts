import { describe, expect, it } from 'vitest';
import { maxTreeParts } from '../../src/comply/xml/read-xml.ts';
import { bashFiles, feedWithFlaw } from '../signatures/support/flawed-bash.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import { ecKeys, signByKey, statementOf } from '../signatures/support/sigstore-instance.ts';
import { vexOf } from '../support/attached-vex.ts';
import { scapfeed } from '../support/cli.ts';

const feed = feedWithFlaw();
const scan = (layout: string, ...args: string[]) =>
  scapfeed(['scan', `oci:${layout}:1`, '--feed', feed, '--max-age', '0', '--fail-on', 'any', ...args]);

describe('VEX that is attached to an image', () => {
  it('an artifact of its own type is used when asked for, and only then', () => {
    const image = new SignedImage('vex', bashFiles);
    const { digest } = image.manifest;
    const bytes = Buffer.from(JSON.stringify(vexOf(digest)));
    const type = 'application/vnd.openvex+json';
    image.attach({ to: digest, artifactType: type, layers: [{ bytes, mediaType: type }] });
    const layout = image.layout();

    expect(scan(layout).code).toBe(1);
    const { code, out } = scan(layout, '--vex', 'oci');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^VEX oci:.*, attached sha256:[0-9a-f]{64} \(OpenVEX 0\.2\.0 by the builder\): 1 statement, 1 used$/m,
    );
  });

  it('an attestation of it is read, its signature is not checked', () => {
    const image = new SignedImage('vex', bashFiles);
    const { digest } = image.manifest;
    const statement = { ...statementOf(digest, 'https://openvex.dev/ns/v0.2.0'), predicate: vexOf(digest) };
    image.attachBundle(digest, signByKey(statement, ecKeys().privateKey));

    const { code, out } = scan(image.layout(), '--vex', 'oci');
    expect(code).toBe(0);
    expect(out).toMatch(/^VEX oci:.*, attested sha256:/m);
  });

  it('an attestation with a name twice is noted, and clears nothing', () => {
    const image = new SignedImage('vex', bashFiles);
    const { digest } = image.manifest;
    const statement = { ...statementOf(digest, 'https://openvex.dev/ns/v0.2.0'), predicate: vexOf(digest) };
    const bundle = JSON.stringify(signByKey(statement, ecKeys().privateKey));
    image.attachBundle(digest, Buffer.from(`{"dsseEnvelope":{},${bundle.slice(1)}`));

    const { code, out } = scan(image.layout(), '--vex', 'oci');
    expect(code).toBe(1);
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /note: vex left out at oci:.*, attested sha256:[0-9a-f]{64}: expected each name once in an object, found "dsseEnvelope" twice/,
    );
  });

  it('of another image, it is told and not used', () => {
    const image = new SignedImage('vex', bashFiles);
    const bytes = Buffer.from(JSON.stringify(vexOf(`sha256:${'0'.repeat(64)}`)));
    const type = 'application/vnd.openvex+json';
    image.attach({ to: image.manifest.digest, artifactType: type, layers: [{ bytes, mediaType: type }] });

    const { code, out } = scan(image.layout(), '--vex', 'oci');
    expect(code).toBe(1);
    expect(out).toContain(`the image is ${image.manifest.digest}, the statement is about sha256:000`);
  });

  it.each([
    ['that is too large', 'huge', 'expected at most 67108864 bytes, found 100000000'],
    ['that is not there', 'absent', 'expected the blob sha256:'],
    ['of other bytes', 'content', 'sha256:'],
    ['that is no VEX', undefined, 'expected OpenVEX, CSAF or a CycloneDX document'],
  ] as const)('one %s is noted, and the others are used', (_, lie, detail) => {
    const image = new SignedImage('vex', bashFiles);
    const { digest } = image.manifest;
    const type = 'application/vnd.openvex+json';
    const broken = { bytes: Buffer.from('{"a":1}'), mediaType: type, ...(lie === undefined ? {} : { lie }) };
    image.attach({ to: digest, artifactType: type, layers: [broken] });
    const layout = image.layout();

    const alone = scan(layout, '--vex', 'oci');
    expect(alone.err).not.toContain('INTERNAL');
    expect(alone.code).toBe(1);
    expect(alone.out.replace(/\s+/g, ' ')).toMatch(
      /note: vex left out at oci:.*, attached sha256:[0-9a-f]{64}: /,
    );
    expect(alone.out).toContain(detail);
    expect(alone.out).not.toContain('no vex document');

    const bytes = Buffer.from(JSON.stringify(vexOf(digest)));
    image.attach({ to: digest, artifactType: type, layers: [{ bytes, mediaType: type }] });
    expect(scan(image.layout(), '--vex', 'oci').code).toBe(0);
  });

  it('one of more elements than the memory holds is noted', () => {
    const image = new SignedImage('vex', bashFiles);
    const type = 'application/vnd.cyclonedx.vex+xml';
    const bytes = Buffer.from(
      `<bom xmlns="http://cyclonedx.org/schema/bom/1.5">${'<a/>'.repeat(maxTreeParts + 1)}</bom>`,
    );
    image.attach({ to: image.manifest.digest, artifactType: type, layers: [{ bytes, mediaType: type }] });

    const { code, out } = scan(image.layout(), '--vex', 'oci');
    expect(code).toBe(1);
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /note: vex left out at oci:.*: it cannot be read as XML: expected at most 2000000 elements/,
    );
  });

  it('an image with none: nothing is cleared, and the result says that there was none', () => {
    const layout = new SignedImage('vex', bashFiles).layout();
    const { code, out } = scan(layout, '--vex', 'oci');

    expect(code).toBe(1);
    expect(out).toContain(`note: no vex document at oci:${layout}:1: none is attached`);
  });
});
