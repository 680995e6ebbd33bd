const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** What differs from run to run: ids of masters, frameworks, offers, agents, containers, streams and updates. */
const tokens = new RegExp(`${uuid}(?:-(?:O|S)?\\d+)?|[A-Za-z0-9+/]{22}==|127\\.0\\.0\\.\\d+:\\d+`, 'g');

/**
 * Which of the simulator's ids stands for which recorded one. It is learned from what comes at the same place of two
 * answers and must stay so: a framework that gets another id after a failover is a difference.
 */
export class Correspondence {
  readonly #simulated = new Map<string, string>();
  readonly #prefixes: (readonly [recorded: string, simulated: string])[] = [];

  /** Addresses and directories, which are known beforehand. */
  set(recorded: string, simulated: string): void {
    if (recorded.startsWith('/')) this.#prefixes.push([recorded, simulated]);
    else this.#simulated.set(recorded, simulated);
  }

  /** Pairs the ids of two texts or JSON values, place by place; known ones stay. */
  learn(recorded: unknown, simulated: unknown): void {
    if (typeof recorded === 'string' && typeof simulated === 'string') {
      this.#learnText(recorded, simulated);
    } else if (Array.isArray(recorded) && Array.isArray(simulated)) {
      for (const [index, each] of recorded.entries()) this.learn(each, simulated[index]);
    } else if (isObject(recorded) && isObject(simulated)) {
      for (const [key, value] of Object.entries(recorded)) this.learn(value, simulated[key]);
    }
  }

  /** A recorded text with the simulator's ids. */
  translate(text: string): string {
    const moved = this.#prefixes.reduce((each, [from, to]) => each.replaceAll(from, to), text);
    return moved.replaceAll(tokens, (token) => this.#simulated.get(token) ?? token);
  }

  knows(recorded: string): boolean {
    return this.#simulated.has(recorded);
  }

  #learnText(recorded: string, simulated: string): void {
    const from = recorded.match(tokens) ?? [];
    const to = simulated.match(tokens) ?? [];
    if (from.length !== to.length) return;
    for (const [index, token] of from.entries()) {
      if (!this.#simulated.has(token)) this.#simulated.set(token, to[index] ?? token);
    }
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
