import type { Clock } from '../base/clock.ts';

/**
 * How a framework shows who it is. `principal` and `secret` are for `--authenticate_http_frameworks` with the basic
 * authenticator; `framework_info.principal` must be the same principal, or absent. `token` is for everything else.
 */
export type Credentials =
  { readonly principal: string; readonly secret: string } | { readonly token: TokenProvider };

/**
 * Gives the whole value of the `Authorization` header: `token=eyJ…` for DC/OS, `Bearer …` for others. It is asked
 * once, and again after a 401 with the value that was refused; its answer is kept until then.
 */
export type TokenProvider = (request: { readonly refused?: string }) => Promise<string>;

/** A token that the provider was asked for. */
interface PendingToken {
  readonly token: Promise<string>;
  /** Who still wants it. */
  waiting: number;
  /** Waits no longer; the timer is gone. Idempotent. */
  readonly end: () => void;
}

/** The `Authorization` header of a framework, or none. Shared by all its connections. */
export class Authorizer {
  readonly #credentials: Credentials | undefined;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #header: string | undefined;
  #pending: PendingToken | undefined;

  constructor(
    credentials: Credentials | undefined,
    { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
  ) {
    this.#credentials = credentials;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    if (credentials && 'secret' in credentials) this.#header = basic(credentials);
  }

  /** A 401 may be cured by a new token. */
  get canRefresh(): boolean {
    return this.#credentials !== undefined && 'token' in this.#credentials;
  }

  /** The header as it is known now. */
  get header(): string | undefined {
    return this.#header;
  }

  /**
   * Resolves when {@link header} is known, at once unless a token must be fetched first. Rejects when the provider does.
   * `signal`: whoever asks waits no longer.
   */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.canRefresh && this.#header === undefined) await this.#fetch({}, signal);
  }

  /** Fetches another token than the refused one, once for all who ask. */
  async refresh(refused: string | undefined, signal: AbortSignal): Promise<void> {
    if (!this.canRefresh || (this.#header !== refused && !this.#pending)) return;
    await this.#fetch(refused === undefined ? {} : { refused }, signal);
  }

  /** Takes secrets out of a text that a server sent: some repeat the request. */
  redact(text: string): string {
    const secrets = [this.#header, this.#header?.replace(/^\S+?[ =]/, '')];
    if (this.#credentials && 'secret' in this.#credentials) secrets.push(this.#credentials.secret);
    let clean = text;
    for (const secret of secrets) if (secret) clean = clean.replaceAll(secret, '***');
    return clean;
  }

  async #fetch(request: { readonly refused?: string }, signal: AbortSignal): Promise<void> {
    const pending = (this.#pending ??= this.#ask(request));
    const leave = () => {
      pending.waiting -= 1;
      if (pending.waiting > 0) return;
      pending.end();
      // Who comes at this very moment must not share the refusal.
      if (this.#pending === pending) this.#pending = undefined;
    };
    pending.waiting += 1;
    signal.addEventListener('abort', leave, { once: true });
    try {
      this.#header = await pending.token;
    } catch (error) {
      throw new Error('The token provider gave no token', { cause: error });
    } finally {
      signal.removeEventListener('abort', leave);
      pending.end();
      if (this.#pending === pending) this.#pending = undefined;
    }
  }

  #ask(request: { readonly refused?: string }): PendingToken {
    let giveUp: (problem: string) => void = () => {};
    const late = new Promise<never>((_, reject) => {
      giveUp = (problem) => reject(new Error(problem));
    });
    const timer = this.#clock.after(this.#timeoutMs, () => giveUp(`it took over ${this.#timeoutMs} ms`));
    const end = () => {
      timer.cancel();
      giveUp('nobody waits for it any more');
    };
    return { token: Promise.race([this.#provided(request), late]), waiting: 0, end };
  }

  async #provided(request: { readonly refused?: string }): Promise<string> {
    const credentials = this.#credentials;
    if (!credentials || !('token' in credentials)) throw new Error('there is no token provider');
    const token: unknown = await credentials.token(request);
    if (typeof token === 'string' && token !== '') return token;
    throw new TypeError(`it gave ${token === '' ? 'an empty text' : `a ${typeof token}`} instead of a text`);
  }
}

function basic({ principal, secret }: { principal: string; secret: string }): string {
  if (principal.includes(':'))
    throw new TypeError(`The principal '${principal}' can't have a colon: HTTP has no way to send it`);
  return `Basic ${Buffer.from(`${principal}:${secret}`).toString('base64')}`;
}
