import { notFound, textAnswer } from './answer.ts';
import { BodyError, type Exchange } from './exchange.ts';

export type Handler = (exchange: Exchange) => void | Promise<void>;

/**
 * Finds who serves a path: the longest registered path that the requested one begins with, component by component. So
 * a mistyped path below `/api/v1` is served by `/api/v1` itself, as in Mesos.
 */
export class RouteTable {
  readonly #handlers = new Map<string, Handler>();

  /** All of `paths` are served by `handler`. */
  add(paths: readonly string[], handler: Handler): this {
    for (const path of paths) this.#handlers.set(path, handler);
    return this;
  }

  async serve(exchange: Exchange): Promise<void> {
    const handler = this.find(exchange.path);
    if (!handler) return exchange.answer(notFound);
    try {
      await handler(exchange);
    } catch (error) {
      // A client that went away in the middle of its body.
      if (error instanceof BodyError) return exchange.answer(textAnswer(400, error.message));
      throw error;
    }
  }

  find(path: string): Handler | undefined {
    const parts = path.split('/').filter((part) => part !== '');
    if (parts.length === 0) return this.#handlers.get('/');
    for (let length = parts.length; length > 0; length--) {
      const handler = this.#handlers.get(`/${parts.slice(0, length).join('/')}`);
      if (handler) return handler;
    }
    return undefined;
  }
}
