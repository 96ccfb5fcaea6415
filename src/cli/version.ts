import packageJson from '../../package.json' with { type: 'json' };

/** Version of the tool, as in package.json. */
export const toolVersion: string = packageJson.version;
