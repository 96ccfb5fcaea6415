import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary.ts';

/** The distribution's Firefox without a window, by WebDriver BiDi: Playwright's client asks for commands that this one lacks. */
export interface Firefox {
  /** Opens an address whose scripts see this time. */
  open(url: string, now: Date): Promise<void>;
  /** The value of an expression in the page, as text. */
  textOf(expression: string): Promise<string>;
  /** Waits for an expression to be true. */
  until(expression: string): Promise<void>;
  chooseFile(selector: string, file: string): Promise<void>;
  close(): Promise<void>;
}

const waitMilliseconds = 60_000;

/** Nothing but the page is asked of the network. */
const settings = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.safebrowsing.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9',
  'toolkit.telemetry.enabled': false,
};

export async function openFirefox(): Promise<Firefox> {
  const profile = temporaryFolder();
  const lines = Object.entries(settings).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'firefox-esr', ...args, 'about:blank'], {
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const socket = await connected(`${await addressOf(child)}/session`);
  const send = commander(socket);
  await send('session.new', { capabilities: {} });
  const { contexts } = await send<{ contexts: { context: string }[] }>('browsingContext.getTree', {});
  const { context } = contexts[0]!;
  let script: string | undefined;
  const evaluate = (expression: string) =>
    send<{ type: string; result?: Value; exceptionDetails?: { text: string } }>('script.evaluate', {
      ...{ expression, target: { context }, awaitPromise: true },
    });
  const textOf = async (expression: string) => {
    const { result, exceptionDetails } = await evaluate(`String(${expression})`);
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return String(result?.value);
  };
  return {
    textOf,
    async open(url, now) {
      if (script !== undefined) await send('script.removePreloadScript', { script });
      const functionDeclaration = `() => {
        const Real = Date;
        globalThis.Date = class extends Real {
          constructor(...given) { super(...(given.length > 0 ? given : [${now.getTime()}])); }
          static now() { return ${now.getTime()}; }
        };
      }`;
      ({ script } = await send<{ script: string }>('script.addPreloadScript', { functionDeclaration }));
      await send('browsingContext.navigate', { context, url, wait: 'complete' });
    },
    async until(expression) {
      const end = Date.now() + waitMilliseconds;
      while ((await textOf(`Boolean(${expression})`)) !== 'true') {
        if (Date.now() > end) throw new Error(`still not so: ${expression}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async chooseFile(selector, file) {
      const { result } = await evaluate(`document.querySelector(${JSON.stringify(selector)})`);
      await send('input.setFiles', { context, element: { sharedId: result!.sharedId }, files: [file] });
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await send('browser.close', {}).catch(() => child.kill());
      await ended;
    },
  };
}

interface Value {
  value?: unknown;
  sharedId?: string;
}

/** Firefox says it when it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr!.on('data', (piece) => {
      said += piece;
      const address = /BiDi listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.on('exit', (code) => reject(new Error(`firefox-esr ended with ${code}: ${said}`)));
  });
}

function connected(address: string): Promise<WebSocket> {
  const socket = new WebSocket(address);
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = () => reject(new Error(`no answer at ${address}`));
  });
}

type Send = <T = unknown>(method: string, params: object) => Promise<T>;

interface Answer {
  id?: number;
  type: 'success' | 'error' | 'event';
  result?: unknown;
  message?: string;
}

function commander(socket: WebSocket): Send {
  let last = 0;
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.onmessage = ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  };
  return <T>(method: string, params: object) =>
    new Promise<T>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ type, result, message }) => {
        waiting.delete(id);
        if (type === 'success') resolve(result as T);
        else reject(new Error(`${method}: ${message}`));
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
}
