export { benchmarkCpes, ovalContent, platformCpe, subjectOf } from './platform-forms.ts';
export { type OvalFile, type OvalOptions, type OvalReport, writeOval } from './write-oval.ts';
export type { PlatformOval } from './write-platform.ts';
export { type PlatformsInWork, startPlatforms } from './write-platforms.ts';
