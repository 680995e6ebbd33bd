// Closed loops: `connections` clients, each sending its next request when the last was answered. Every answer is checked.
import { Connection, requestText } from './http-client.js';
import { quantile } from './statistics.js';

const now = () => Number(process.hrtime.bigint()) / 1e6;

/** A set of kept-alive connections to one target, with the request that each call sends (`requests` are taken in turn). */
export class Crowd {
  #target;
  #connections;
  #texts;
  #next = 0;
  #check;

  static async open({ target, requests, connections = 1, check }) {
    const opened = await Promise.all(Array.from({ length: connections }, () => Connection.open(target)));
    return new Crowd(target, opened, { texts: requests.map(requestText), check });
  }

  constructor(target, connections, { texts, check }) {
    this.#target = target;
    this.#connections = connections;
    this.#texts = texts;
    this.#check = check;
  }

  /** `calls` requests in all; resolves with `{ p50, p99, perSecond, milliseconds }`. */
  async run(calls) {
    this.#connections = await Promise.all(this.#connections.map((connection) => this.#fresh(connection)));
    const latencies = new Float64Array(calls);
    let taken = 0;
    const started = now();
    const client = async (connection) => {
      while (taken < calls) {
        const index = taken++;
        const text = this.#texts[this.#next++ % this.#texts.length];
        const sent = now();
        const answer = await connection.send(text);
        latencies[index] = now() - sent;
        this.#check(answer);
      }
    };
    await Promise.all(this.#connections.map(client));
    const milliseconds = now() - started;
    return {
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      perSecond: (calls / milliseconds) * 1000,
      milliseconds,
    };
  }

  /** The connection, or a new one for one that sat idle while another block ran. */
  async #fresh(connection) {
    if (!connection.isStale) return connection;
    connection.close();
    return Connection.open(this.#target);
  }

  close() {
    for (const connection of this.#connections) connection.close();
  }
}

/** Alternating blocks A B B A … of two measurements; resolves with the pairs in order of time. */
export async function alternate(pairs, measureA, measureB, onPair = () => {}) {
  const results = [];
  for (let index = 0; index < pairs; index++) {
    const first = index % 2 === 0;
    const x = await (first ? measureA() : measureB());
    const y = await (first ? measureB() : measureA());
    results.push(first ? { a: x, b: y } : { a: y, b: x });
    onPair(index + 1, pairs);
  }
  return results;
}
