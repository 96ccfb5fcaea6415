// Undici's whole is fetch, caches, mocks and web sockets: 109 files, which take longer to load than a request to a registry takes.
// The program needs its agents and their requests: 32.

const paths = {
  Dispatcher: 'undici/lib/dispatcher/dispatcher.js',
  request: 'undici/lib/api/api-request.js',
  /** Of tunnels through proxies. */
  connect: 'undici/lib/api/api-connect.js',
  Agent: 'undici/lib/dispatcher/agent.js',
  EnvHttpProxyAgent: 'undici/lib/dispatcher/env-http-proxy-agent.js',
};

const required = Object.entries(paths).map(([name, path]) => `const ${name} = require('${path}');`);
/** As undici's own entry does it. */
const joined = 'Object.assign(Dispatcher.prototype, { request, connect });';

/** In what is bundled, `undici` is these parts of it. `before`: lines of a format that has no `require`. */
export function undiciParts(before = []) {
  const contents = [...before, ...required, joined, 'export { Agent, EnvHttpProxyAgent };'].join('\n');
  return {
    name: 'undici-parts',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^undici$/ }, ({ kind }) =>
        kind === 'import-statement' ? { path: 'undici', namespace: 'undici-parts' } : undefined,
      );
      onLoad({ filter: /^undici$/, namespace: 'undici-parts' }, () => ({
        contents,
        loader: 'js',
        resolveDir: '.',
      }));
    },
  };
}

/** The parts as one program, for the executable. */
export const undiciProgram = [
  ...required,
  joined,
  `module.exports = { ${Object.keys(paths).join(', ')} };`,
].join('\n');

/** Source of each replaced module of undici, by its path in the package. */
export const undiciPaths = Object.entries(paths).map(([name, path]) => [
  path,
  `module.exports = require('undici').${name};`,
]);
