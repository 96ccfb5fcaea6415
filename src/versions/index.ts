export * from './dpkg.ts';
export * from './rpm.ts';
export * from './rpm-nevra.ts';
