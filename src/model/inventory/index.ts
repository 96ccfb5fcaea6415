export * from './base-image.ts';
export * from './file-format.ts';
export * from './file-view.ts';
export * from './inventory.ts';
export * from './package-url.ts';
export * from './stated-version.ts';
