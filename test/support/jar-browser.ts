/** A cookie as a browser keeps it. */
interface JarCookie {
  value: string;
  path: string;
  attributes: string;
}

/** Where a browser stands. */
export interface JarPage {
  url: string;
  status: number;
  headers: Headers;
  text: string;
}

/** A browser without scripts: keeps cookies by host and path, follows redirects, and sends what it does about its site. */
export class JarBrowser {
  readonly cookies = new Map<string, JarCookie>();
  /** Addresses in the order in which they were opened. */
  readonly visited: string[] = [];
  /** By origin, where it really is. */
  readonly hosts: Readonly<Record<string, string>>;

  constructor(hosts: Readonly<Record<string, string>> = {}) {
    this.hosts = hosts;
  }

  async open(
    url: string,
    { follow = true, ...init }: RequestInit & { follow?: boolean } = {},
  ): Promise<JarPage> {
    let [next, request] = [url, init];
    for (let hops = 0; hops < 20; hops += 1) {
      this.visited.push(next);
      const { origin, pathname } = new URL(next);
      const asked = next.replace(origin, this.hosts[origin] ?? origin);
      const cookie = [...this.cookies]
        .filter(([, { path }]) => pathname === path || pathname.startsWith(path.replace(/\/?$/, '/')))
        .map(([name, { value }]) => `${name}=${value}`)
        .join('; ');
      const headers = new Headers(request.headers);
      if (cookie !== '') headers.set('cookie', cookie);
      if (!headers.has('accept')) headers.set('accept', 'text/html');
      const answer = await fetch(asked, { ...request, headers, redirect: 'manual' });
      for (const line of answer.headers.getSetCookie()) this.#keep(line);
      const location = answer.headers.get('location');
      if (location === null || !follow)
        return { url: next, status: answer.status, headers: answer.headers, text: await answer.text() };
      await answer.body?.cancel();
      next = new URL(location, next).href;
      request = {};
    }
    throw new Error(`more than 20 redirects from ${url}`);
  }

  /** Sends a form of this browser's page. */
  submit(
    url: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<JarPage> {
    return this.open(url, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
    });
  }

  /** Signs in at the provider's own form, and is sent back. */
  async signIn(fleet: string, login: string, next = '/'): Promise<JarPage> {
    const page = await this.open(`${fleet}/sign-in/provider?next=${encodeURIComponent(next)}`);
    return this.login(page, login);
  }

  /** Signs in at the provider, up to the address at which it sends the browser back, which is not opened. */
  async sentBack(fleet: string, login: string, next = '/'): Promise<string> {
    const form = await this.open(`${fleet}/sign-in/provider?next=${encodeURIComponent(next)}`);
    const [, action] = /action="([^"]+)"/.exec(form.text)!;
    const fields = { prompt: 'login', login, password: 'x' };
    const resumed = await this.open(action!, {
      ...{ method: 'POST', body: new URLSearchParams(fields), follow: false },
    });
    const sent = await this.open(resumed.headers.get('location')!, { follow: false });
    return sent.headers.get('location')!;
  }

  /** Fills in the form of the provider, if it shows one. */
  async login(page: JarPage, login: string): Promise<JarPage> {
    const [, action] = /<form[^>]*action="([^"]+)"/.exec(page.text) ?? [];
    if (action === undefined || !page.text.includes('name="login"')) return page;
    return this.submit(new URL(action, page.url).href, { prompt: 'login', login, password: 'x' });
  }

  #keep(line: string): void {
    const [, name = '', value = '', attributes = ''] = /^([^=;]+)=([^;]*)(.*)$/.exec(line) ?? [];
    const [, path = '/'] = /;\s*path=([^;]*)/i.exec(attributes) ?? [];
    const [, expires] = /;\s*expires=([^;]*)/i.exec(attributes) ?? [];
    const [, age] = /;\s*max-age=([^;]*)/i.exec(attributes) ?? [];
    const isOver =
      age === undefined ? expires !== undefined && Date.parse(expires) <= Date.now() : Number(age) <= 0;
    // Longer ones are dropped (RFC 6265bis, section 5.6).
    if (name.length + value.length > 4096) return;
    if (isOver) this.cookies.delete(name);
    else this.cookies.set(name, { value, path, attributes });
  }
}
