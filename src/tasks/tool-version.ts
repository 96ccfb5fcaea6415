import manifest from '../../package.json' with { type: 'json' };

export const toolVersion = manifest.version;
