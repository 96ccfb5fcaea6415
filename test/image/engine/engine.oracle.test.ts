import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { nowhere } from '../../support/temporary.ts';
import { dockerArchive } from '../support/make-image.ts';
import { file, symlink } from '../support/make-tar.ts';
import { text, wanted } from '../support/open.ts';
import { type PodmanServer, startPodman } from '../support/servers.ts';

const layers = [
  [
    file('var/lib/dpkg/status', 'a'),
    file('opt/gone', 'x'),
    symlink('etc/os-release', '../usr/lib/os-release'),
  ],
  [file('usr/lib/os-release', 'ID=debian\n'), file('opt/.wh.gone', '')],
];

describe.skipIf(!hasOracle('podman') || !isRoot())("podman's engine", () => {
  let engine: PodmanServer;
  beforeAll(async () => {
    engine = await startPodman();
    const archive = join(engine.folder, 'image.tar');
    writeFileSync(archive, dockerArchive({ layers }, 'docker 24', ['docker.io/lab/x:1']));
    await engine.podman('load', '--input', archive);
    await engine.podman('create', '--name', 'box', 'docker.io/lab/x:1', '/bin/true');
  });
  afterAll(() => engine.stop());

  function open(reference: string) {
    const address = `unix://${engine.socket}`;
    return openImage(reference, { wanted, env: { DOCKER_HOST: address, CONTAINER_HOST: address } });
  }

  it.each(['podman:docker.io/lab/x:1', 'docker:docker.io/lab/x:1', 'podman:lab/x:1'])(
    'gives the image %s',
    async (reference) => {
      const image = await open(reference);

      expect(image.reference).toBe(reference);
      expect(text(image, '/var/lib/dpkg/status')).toBe('a');
      expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
      expect(image.files.stat('/opt/gone')).toBeUndefined();
      expect(image.files.layers.map(({ createdBy }) => createdBy)).toEqual(['step 1', 'step 2']);
    },
  );

  it("gives a container's file system without running it", async () => {
    const image = await open('container:box');

    expect(text(image, '/var/lib/dpkg/status')).toBe('a');
    expect(text(image, '/etc/os-release')).toBe('ID=debian\n');
    expect(image.files.stat('/opt/gone')).toBeUndefined();
    expect(await engine.podman('inspect', '--format', '{{.State.Status}}', 'box')).toBe('created');
  });

  it.each(['podman:lab/none:1', 'container:none'])('has no %s', async (reference) => {
    await expect(open(reference)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  it('reads a layer whose size is left empty in its PAX records as the engine does', async () => {
    const layer = [{ ...file('var/lib/dpkg/status', 'a'), pax: { size: '' } }];
    const archive = join(engine.folder, 'odd.tar');
    writeFileSync(archive, dockerArchive({ layers: [layer] }, 'docker 24', ['docker.io/lab/odd:1']));
    await engine.podman('load', '--input', archive);

    expect(text(await open('podman:lab/odd:1'), '/var/lib/dpkg/status')).toBe('a');
  });

  it('is named as missing where no socket is', async () => {
    const opening = openImage('podman:lab/x:1', {
      wanted,
      env: { CONTAINER_HOST: `unix://${nowhere()}` },
    });

    await expect(opening).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND', where: 'podman:lab/x:1' });
  });
});
