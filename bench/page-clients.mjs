// The clients of bench/fleet-pages.bench.mjs, in a thread of their own.
import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const { origin, kinds, clients, seconds } = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: clients });
const end = performance.now() + seconds * 1000;
const names = Object.keys(kinds);
const answers = [];

await Promise.all(Array.from({ length: clients }, (_, at) => client(at)));
agent.destroy();
parentPort.postMessage(answers);

async function client(number) {
  for (let at = number * 7; performance.now() < end; at++) {
    const kind = names[at % names.length];
    const own = kinds[kind];
    const address = own[(at * 31 + number * 101) % own.length];
    const started = performance.now();
    const status = await ask(origin + address);
    answers.push({ kind, status, time: performance.now() - started });
  }
}

function ask(url) {
  return new Promise((resolve) => {
    get(url, { agent, headers: { accept: 'text/html' } }, (answer) => {
      answer.on('end', () => resolve(answer.statusCode));
      answer.on('error', () => resolve(0));
      answer.resume();
    }).on('error', () => resolve(0));
  });
}
