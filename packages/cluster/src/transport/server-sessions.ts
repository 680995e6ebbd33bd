import type { Socket } from 'node:net';

import type { Address } from '../membership/member.ts';
import type { SessionDeps } from './client-session.ts';
import { ServerSession } from './server-session.ts';
import type { RefusalReason } from './transport.ts';

export interface ServerHandlers {
  /** What a peer has sent, opened. False: it makes no sense, and the connection ends. */
  onFrame(plain: Buffer): boolean;
  onRefused(why: RefusalReason, from: Address): void;
}

/** The connections that others have made; those who have not proved anything are few and short. */
export class ServerSessions {
  readonly #deps: SessionDeps;
  readonly #handlers: ServerHandlers;
  /** In the order in which they came. */
  readonly #strangers = new Set<ServerSession>();
  readonly #trusted = new Set<ServerSession>();

  constructor(deps: SessionDeps, handlers: ServerHandlers) {
    this.#deps = deps;
    this.#handlers = handlers;
  }

  accept(socket: Socket): void {
    const session: ServerSession = new ServerSession(socket, this.#deps, {
      onTrusted: () => {
        this.#strangers.delete(session);
        this.#trusted.add(session);
      },
      onFrame: (plain) => this.#handlers.onFrame(plain),
      onRefused: (why, from) => this.#handlers.onRefused(why, from),
      onEnd: () => {
        this.#strangers.delete(session);
        this.#trusted.delete(session);
      },
    });
    this.#strangers.add(session);
    const [oldest] = this.#strangers;
    if (this.#strangers.size > this.#deps.limits.strangers) oldest?.end();
  }

  close(): void {
    for (const session of [...this.#strangers, ...this.#trusted]) session.end();
  }
}
