import { join } from 'node:path';
import { readWhole } from '../../io/read-whole.ts';
import { ScapfeedError } from '../../model/error.ts';
import { digestOf } from '../../registry/digest.ts';
import { hasBlob, pushBlob, pushManifest } from '../../registry/push.ts';
import { openFeedRepository, type RegistryAccess } from '../oci/repository.ts';
import type { ExportFolder } from './export-folder.ts';

/**
 * The artifact that Trivy's client requests (`--db-repository`): one layer of this type, by its title and under the tag of its
 * schema.
 */
const configType = 'application/vnd.aquasec.trivy.config.v1+json';
const layerType = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const schemaTag = '2';

/** The location of a pushed Trivy database. */
export interface PushedTrivy {
  /** The value for `--db-repository`, without the tag, which Trivy adds. */
  repository: string;
  digest: string;
}

/** Pushes Trivy's database beside the feed: `HOST/NAME/trivy-db:2` for `oci://HOST/NAME`. */
export async function pushTrivy(
  to: string,
  { directory, created }: ExportFolder,
  access: RegistryAccess,
): Promise<PushedTrivy> {
  const place = `${to.replace(/(?<=\/[^/]*):[^/:]+$/, '')}/trivy-db`;
  const { client, name, close } = await openFeedRepository(`${place}:${schemaTag}`, access, 'push');
  try {
    const layer = readWhole(join(directory, 'trivy/db.tar.gz'));
    const config = Buffer.from('{}');
    for (const blob of [config, layer]) {
      const digest = digestOf(blob);
      if (!(await hasBlob(client, digest))) await pushBlob(client, digest, blob);
    }
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        artifactType: configType,
        config: { mediaType: configType, digest: digestOf(config), size: config.length },
        layers: [
          {
            mediaType: layerType,
            digest: digestOf(layer),
            size: layer.length,
            annotations: { 'org.opencontainers.image.title': 'db.tar.gz' },
          },
        ],
        annotations: { 'org.opencontainers.image.created': created },
      }),
    );
    if (await pushManifest(client, schemaTag, manifestType, manifest))
      return { repository: place.replace(/^oci:\/\//, ''), digest: digestOf(manifest) };
    throw new ScapfeedError({
      code: 'PUSH_FAILED',
      message: 'the registry does not have the content that was just pushed',
      where: name,
    });
  } finally {
    await close();
  }
}
