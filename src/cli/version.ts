export { toolVersion } from '../acts/tool-version.ts';
