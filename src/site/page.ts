import { currentTime } from '../io/clock.ts';
import { isScapfeedError } from '../model/error.ts';
import { isOfEcosystem } from '../model/inventory/index.ts';
import { escapeHtml } from '../model/markup.ts';
import { openPublished, type TrustStore, type VerifyEd25519, type WebFeed } from '../runtime/web/index.ts';
import { WebOrigin } from '../runtime/web/origin.ts';
import { wholeLists } from '../sbom/list-forms.ts';
import {
  describedHtml,
  type ExportFormat,
  exportFormats,
  type GivenDocument,
  judgeDocument,
  listsAll,
  type ShownReport,
  verdictsHtml,
} from './judge-document.ts';
import { platformRows } from './platforms-html.ts';
import { search } from './search.ts';
import { foundHtml, notFoundHtml } from './search-html.ts';
import { usesOf } from './uses.ts';

const { rootVersion = '1', rootLength = '0', rootSha256 = '' } = document.documentElement.dataset;
const base = new URL('.', location.href).href;
const status = element('status');
const result = element('result');

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}

function say(text: string, isBad = false): void {
  status.textContent = text;
  status.classList.toggle('bad', isBad);
}

function sayError(error: unknown, head = 'No verdict'): void {
  if (!isScapfeedError(error)) {
    say(`${head}: ${String(error)}`, true);
    return;
  }
  const { message, where, code, remedy } = error;
  if (code === 'PLATFORM_UNKNOWN') {
    say(`No verdict yet: ${message} [${code}]. Choose it above.`, true);
    return;
  }
  if (code === 'FEED_STALE') {
    say(
      `No verdict yet: ${message} [${code}]. Newer flaws are not in it; it can be used all the same.`,
      true,
    );
    element('old').hidden = false;
    return;
  }
  // A page has no options; whole commands are for who gave the document or the feed.
  const next = remedy === undefined || /--[a-z]/.test(remedy.replace(/`[^`]*`/g, '')) ? '' : ` — ${remedy}`;
  say(`${head}: ${where === undefined ? '' : `${where}: `}${message} [${code}]${next}`, true);
}

/** Last verified metadata, so that the server cannot go back to an older state; private windows forget it. */
const store: TrustStore = {
  get: (name) => quietly(() => localStorage.getItem(`scapfeed ${base} ${name}`) ?? undefined),
  set: (name, text) => quietly(() => localStorage.setItem(`scapfeed ${base} ${name}`, text)),
};

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

let opened: Promise<WebFeed> | undefined;

/** The feed, verified; after an error it is opened anew. */
function feed(): Promise<WebFeed> {
  opened ??= openFeed();
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}

async function openFeed(): Promise<WebFeed> {
  const path = `metadata/${rootVersion}.root.json`;
  const root = await new WebOrigin(base).signed(path, Number(rootLength), rootSha256);
  return openPublished(base, { root, store, verifyEd25519 });
}

/**
 * Returns the result of `work` on the feed. A feed that was opened a while ago may have expired or been replaced, with its
 * blocks gone; it is then reopened, once.
 */
async function withFeed<T>(work: (published: WebFeed) => Promise<T>): Promise<T> {
  const before = opened;
  try {
    return await work(await feed());
  } catch (error) {
    opened = undefined;
    if (!before || !isScapfeedError(error) || !/^(?:FETCH|TRUST)_/.test(error.code)) throw error;
    return work(await feed());
  }
}

let ed25519: Promise<VerifyEd25519> | undefined;

/** By a script of its own, which browsers with Ed25519 do not load. */
const verifyEd25519: VerifyEd25519 = async (...signed) => {
  ed25519 ??= new Promise<VerifyEd25519>((resolve, reject) => {
    const { ed25519: src = '', ed25519Integrity = '' } = document.documentElement.dataset;
    const script = Object.assign(document.createElement('script'), { src, integrity: ed25519Integrity });
    script.addEventListener('load', () => resolve(Reflect.get(globalThis, 'scapfeedEd25519')));
    script.addEventListener('error', () => reject(new Error(`${src} does not come as this page names it`)));
    document.head.append(script);
  });
  return (await ed25519)(...signed);
};

let given: GivenDocument | undefined;
/** Searches and documents so far: what comes after the next one was asked for is dropped. */
let asked = 0;

async function judge(next: GivenDocument): Promise<void> {
  asked += 1;
  given = next;
  element('ask').hidden = next.platform === undefined;
  element('old').hidden = next.anyAge === undefined;
  result.replaceChildren();
  const start = performance.now();
  say(`Reading ${next.name} …`);
  try {
    await withFeed(async (published) => {
      const before = { ...published.traffic };
      const report = await judgeDocument(published, next, currentTime(), (each) => each);
      if (given !== next) return;
      const first = verdictsHtml(report);
      show(first);
      say(`Verdicts after ${secondsSince(start)} s. The descriptions are on their way …`);
      const whole = await describedHtml(published, report);
      if (given !== next) return;
      if (whole.body === first.body) describe(whole);
      else show(whole);
      say(`Judged ${next.name} in ${secondsSince(start)} s, ${trafficText(published, before)}.`);
    });
  } catch (error) {
    if (given !== next) return;
    result.replaceChildren();
    sayError(error);
    if (isScapfeedError(error) && error.code === 'PLATFORM_UNKNOWN') await askPlatform();
  }
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}

const searched = element('searched') as HTMLInputElement;
element('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = searched.value.trim();
  const address = `#/${encodeURIComponent(name)}`;
  if (name === '') return;
  if (location.hash === address) void showName(name);
  else location.hash = address;
});

async function showName(name: string): Promise<void> {
  const order = ++asked;
  given = undefined;
  searched.value = name;
  element('ask').hidden = true;
  result.replaceChildren();
  say(`Searching ${name} …`);
  try {
    await withFeed(async (published) => {
      const before = { ...published.traffic };
      const found = await search(published, name, currentTime());
      if (order !== asked) return;
      result.innerHTML = found ? foundHtml(found) : notFoundHtml(name);
      result.focus();
      say(`Searched ${name}, ${trafficText(published, before)}.`);
    });
  } catch (error) {
    if (order === asked) sayError(error, 'No answer');
  }
}

function trafficText({ traffic }: WebFeed, before: WebFeed['traffic']): string {
  return `with ${traffic.requests - before.requests} requests and ${Math.ceil((traffic.bytes - before.bytes) / 1000)} kB`;
}

function showAddress(): void {
  const name = /^#\/(.+)$/s.exec(location.hash)?.[1];
  if (name !== undefined) void showName(quietly(() => decodeURIComponent(name)) ?? name);
}

addEventListener('hashchange', showAddress);

const platformChoice = element('platform') as HTMLSelectElement;

/** Asks for what a list of packages does not state. */
async function askPlatform(): Promise<void> {
  const { manifest } = await feed();
  const systems = manifest.platforms.filter(({ id }) => !isOfEcosystem({ type: id }));
  platformChoice.replaceChildren(
    new Option('choose …', ''),
    ...systems.map(({ id, name }) => new Option(`${name} (${id})`, id)),
  );
  element('ask').hidden = false;
  platformChoice.focus();
}

platformChoice.addEventListener('change', () => {
  const { value: platform } = platformChoice;
  if (given && platform !== '') void judge({ ...given, platform });
});

element('any-age').addEventListener('click', () => {
  if (given) void judge({ ...given, anyAge: true });
});

/** Makes what a flaw shows when it is open; undefined: it is not fetched yet. */
let bodyOf: ShownReport['bodyOf'];
let flaws: HTMLDetailsElement[] = [];

/** Texts of the feed are escaped where the report is made; the page's policy runs no script but its own. */
function show({ head, body, leaves, bodyOf: bodies }: ShownReport): void {
  const part = document.createElement('template');
  const buttons = exportFormats.map(
    ({ ending, title }) => `<button type="button" data-save="${ending}">Save ${title}</button>`,
  );
  if (leaves || given?.all)
    buttons.push(`<button type="button" id="all" aria-pressed="${given?.all === true}">${listsAll}</button>`);
  part.innerHTML = `<header>${head}</header><div class="tools">${buttons.join('')}</div>${body}`;
  result.replaceChildren(part.content);
  const heading = result.querySelector('h1');
  if (heading) heading.outerHTML = `<h2>${heading.innerHTML}</h2>`;
  flaws = [...result.querySelectorAll<HTMLDetailsElement>('.flaw')];
  bodyOf = bodies;
  filterFlaws();
  result.focus({ preventScroll: true });
}

/** Flaws that are open by now show what came since. */
function describe(shown: ShownReport): void {
  bodyOf = shown.bodyOf;
  for (const flaw of flaws) if (flaw.open) fill(flaw);
  result.querySelector('#filters')?.dispatchEvent(new Event('input'));
}

function fill(flaw: HTMLDetailsElement): void {
  const body = flaw.querySelector('.body')!;
  if (bodyOf && body.childElementCount === 0) body.innerHTML = bodyOf(flaws.indexOf(flaw));
}

result.addEventListener(
  'toggle',
  ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.open) fill(target);
  },
  true,
);
addEventListener('beforeprint', () => {
  for (const flaw of flaws) if (flaw.open) fill(flaw);
});

/** Summaries are in the page, texts of flaws are made for a search in them. */
function textsOfFlaws(): string[] {
  const part = document.createElement('template');
  return flaws.map(({ textContent }, at) => {
    part.innerHTML = bodyOf?.(at) ?? '';
    return `${textContent} ${part.content.textContent}`.toLowerCase();
  });
}

/** As the report's own script. */
function filterFlaws(): void {
  const form = result.querySelector<HTMLFormElement>('#filters');
  if (!form) return;
  let texts: string[] | undefined;
  let textsOf: typeof bodyOf;
  const filter = () => {
    const data = new FormData(form);
    const [levels, fixes] = [data.getAll('severity'), data.getAll('fix')];
    const words = String(data.get('text')).toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length > 0 && (!texts || textsOf !== bodyOf)) {
      texts = textsOfFlaws();
      textsOf = bodyOf;
    }
    let count = 0;
    flaws.forEach((flaw, at) => {
      const { severity = '', fix = '' } = flaw.dataset;
      const isShown =
        levels.includes(severity) && fixes.includes(fix) && words.every((word) => texts![at]!.includes(word));
      flaw.hidden = !isShown;
      if (isShown) count += 1;
    });
    result.querySelector('#shown')!.textContent = `${count} of ${flaws.length} flaws shown`;
  };
  form.hidden = false;
  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  const open = form.querySelector<HTMLButtonElement>('#open')!;
  open.addEventListener('click', () => {
    const all = open.getAttribute('aria-pressed') !== 'true';
    open.setAttribute('aria-pressed', String(all));
    open.textContent = all ? 'Close all' : 'Open all';
    for (const flaw of flaws) if (!flaw.hidden) flaw.open = all;
  });
  filter();
}

async function save({ ending, write }: ExportFormat): Promise<void> {
  const document_ = given;
  if (!document_) return;
  try {
    const text = await withFeed((published) =>
      judgeDocument(published, document_, currentTime(), (report) => [...write(report)].join('')),
    );
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text]));
    link.download = `${document_.name.replace(/\.[a-z]+$/i, '')}.scapfeed.${ending}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch (error) {
    sayError(error, 'Not saved');
  }
}

result.addEventListener('click', (event) => {
  const { id, dataset } = event.target as HTMLElement;
  if (id === 'all' && given) {
    const { all, ...usual } = given;
    void judge(all ? usual : { ...given, all: true });
    return;
  }
  const ending = dataset['save'];
  const format = exportFormats.find((each) => each.ending === ending);
  if (format) void save(format);
});

async function take(file: File | undefined): Promise<void> {
  if (!file) return;
  const order = ++asked;
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (order === asked) await judge({ bytes, name: file.name });
  } catch (error) {
    // A folder, a file that is gone, or one that is larger than the browser reads.
    if (order !== asked) return;
    given = undefined;
    result.replaceChildren();
    sayError(error, `No verdict: ${file.name} cannot be read`);
  }
}

const pasted = element('pasted') as HTMLTextAreaElement;
element('judge-pasted').addEventListener('click', () => {
  if (pasted.value.trim() !== '')
    void judge({ bytes: new TextEncoder().encode(pasted.value), name: 'pasted.txt' });
});

const drop = element('drop');
const chosen = element('file') as HTMLInputElement;
chosen.addEventListener('change', () => void take(chosen.files?.[0]));
for (const [name, isOver] of [
  ['dragover', true],
  ['dragleave', false],
  ['drop', false],
] as const) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', isOver);
    if (name === 'drop') void take(event.dataTransfer?.files[0]);
  });
}

async function showFeed(): Promise<void> {
  say('Checking the signatures of the feed …');
  try {
    const published = await feed();
    const { manifest, signed, root } = published;
    element('signed').textContent =
      `${manifest.platforms.length} platforms, signed ${signed.toISOString()} under root ${root.version}, sha256 ${root.sha256}`;
    const today = currentTime().toISOString().slice(0, 10);
    element('platforms').innerHTML = platformRows(manifest, today);
    say('Verified: the feed is signed, and has not expired.');
  } catch (error) {
    sayError(error);
  }
}

element('lists').textContent = wholeLists.join('\n');
element('use').innerHTML = usesOf(base, { version: Number(rootVersion), sha256: rootSha256 })
  .map(
    ({ title, text, commands }) =>
      `<h3>${escapeHtml(title)}</h3><p>${escapeHtml(text)}</p><pre>${escapeHtml(commands.join('\n'))}</pre>`,
  )
  .join('');
void showFeed();
showAddress();
