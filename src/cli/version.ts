export { toolVersion } from '../tasks/tool-version.ts';
