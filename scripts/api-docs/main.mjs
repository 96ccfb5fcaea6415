// Writes the pages of the library from the comments of what it exports: npm run docs:api -- --out DIR (default: out/api).
// A warning fails: a reference that leads nowhere, an export without a comment, a type in a signature that is not exported.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Application } from 'typedoc';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'out/api' } } });

const app = await Application.bootstrap({
  name: 'scapfeed',
  entryPoints: ['src/library/index.ts'],
  tsconfig: 'tsconfig.types.json',
  compilerOptions: { emitDeclarationOnly: true, outDir: 'out/unused' },
  readme: 'none',
  excludeInternal: true,
  excludeExternals: true,
  disableSources: true,
  hideGenerator: true,
  githubPages: false,
  validation: { notExported: true, invalidLink: true, notDocumented: true, rewrittenLink: true },
  requiredToBeDocumented: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable'],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
});
const project = await app.convert();
if (project) app.validate(project);
const hasFault = () => app.logger.hasErrors() || app.logger.hasWarnings();
if (!project || hasFault()) process.exit(3);
await app.generateDocs(project, resolve(values.out));
if (hasFault()) process.exit(3);
