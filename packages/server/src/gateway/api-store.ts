import type { DocumentEntity, Json } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { Turns } from '../controller/entities/turns.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { memberOf, textMember, type ApiDocument } from './api-document.ts';
import { compileApi } from './compile-api.ts';
import type { CompiledApi } from './compiled-api.ts';
import { GatewayProblem } from './gateway-problem.ts';

const PREFIX = ':api:';
/** A namespace's APIs are read at once, and its requests look through all of them. */
const MAX_APIS = 200;
/** One API as JSON; an endpoint takes about a kilobyte. */
const MAX_DOCUMENT_BYTES = 1024 * 1024;
/** All are read and compiled in one go, at some 75 ms a megabyte: small ones are bounded by their number. */
const SMALL_DOCUMENT_BYTES = 5 * 1024;
const MAX_LARGE_BYTES = 2 * 1024 * 1024;
/** Each failed attempt means that somebody else's has succeeded. */
const MAX_ATTEMPTS = 1000;
const MAX_KNOWN_NAMESPACES = 1000;
/** Compiled, a document takes about ten times as much memory. */
const MAX_KNOWN_BYTES = 32 * 1024 * 1024;

export interface ApiStoreDeps {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put' | 'delete' | 'list' | 'count'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `/a/` and `/a` are one base path. No pattern: one that ends in `\/+$` takes minutes for a megabyte of slashes. */
export function canonicalBasePath(basePath: string): string {
  let end = basePath.length;
  while (end > 0 && basePath[end - 1] === '/') end -= 1;
  return basePath.slice(0, end) || '/';
}

export function titleOf(document: ApiDocument): string {
  return textMember(memberOf(document, 'info'), 'title') ?? '';
}

export function basePathOf(document: ApiDocument): string {
  return textMember(document, 'basePath') ?? '/';
}

type Serving = readonly CompiledApi[];

function bytesOf(document: Json): number {
  return Buffer.byteLength(JSON.stringify(document));
}

/** The APIs of all namespaces: as documents for their owners, and ready to be served for everybody. */
export class ApiStore {
  readonly #deps: ApiStoreDeps;
  readonly #served = new LRUCache<string, Serving>({ max: MAX_KNOWN_NAMESPACES, maxSize: MAX_KNOWN_BYTES });
  readonly #turns = new Turns();
  readonly #reads = new Map<string, Promise<Serving>>();

  private constructor(deps: ApiStoreDeps) {
    this.#deps = deps;
  }

  static open(deps: ApiStoreDeps): ApiStore {
    return new ApiStore(deps);
  }

  /** The APIs of a namespace, by their base paths. */
  async list(namespace: string): Promise<ApiDocument[]> {
    const found = await this.#deps.artifacts.list({
      entityType: 'document',
      namespace,
      namePrefix: PREFIX,
      skip: 0,
      limit: MAX_APIS,
    });
    return found.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ content }) => content as ApiDocument);
  }

  /** Those with that base path; a text that begins with no slash is a name. */
  async find(namespace: string, nameOrBasePath: string): Promise<ApiDocument[]> {
    if (!nameOrBasePath.startsWith('/')) {
      return (await this.list(namespace)).filter((document) => titleOf(document) === nameOrBasePath);
    }
    const name = PREFIX + canonicalBasePath(nameOrBasePath);
    const stored = await this.#deps.artifacts.get('document', namespace, name);
    return stored ? [stored.entity.content as ApiDocument] : [];
  }

  /**
   * Changes one API: `edit` gets it as it is (undefined: there is none) and returns what it shall be (undefined: removed). It
   * runs again when another change came first. Throws {@link GatewayProblem}, and then nothing has changed.
   */
  change(
    namespace: string,
    basePath: string,
    edit: (document: ApiDocument | undefined) => ApiDocument | undefined,
  ): Promise<ApiDocument | undefined> {
    // One after another, so that together they find no more room than there is.
    return this.#turns.alone(namespace, () => this.#change(namespace, basePath, edit));
  }

  async #change(
    namespace: string,
    basePath: string,
    edit: (document: ApiDocument | undefined) => ApiDocument | undefined,
  ): Promise<ApiDocument | undefined> {
    const name = PREFIX + canonicalBasePath(basePath);
    try {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const stored = await this.#deps.artifacts.get('document', namespace, name);
        const edited = edit(stored?.entity.content as ApiDocument | undefined);
        if (edited === undefined) {
          if (!stored) return undefined;
          const { outcome } = await this.#deps.artifacts.delete(stored.entity, stored.revision);
          if (outcome === 'deleted') return undefined;
        } else {
          if (!stored) await this.#requireRoom(namespace);
          const entity = this.#entityOf(namespace, name, edited);
          await this.#requireBytes(entity);
          const { outcome } = await this.#deps.artifacts.put(entity, stored?.revision);
          if (outcome === 'stored') return edited;
        }
      }
    } finally {
      this.#served.delete(namespace);
      this.#reads.delete(namespace);
    }
    throw new GatewayProblem(`API '${basePath}' is being changed by too many at once. Try again.`);
  }

  /** What the gateway serves for a namespace, the longest base path first. At hand when somebody has asked before. */
  served(namespace: string): Serving | Promise<Serving> {
    return this.#served.get(namespace) ?? this.#reads.get(namespace) ?? this.#read(namespace);
  }

  #read(namespace: string): Promise<Serving> {
    const read = this.list(namespace).then((documents) => {
      const served = documents
        .flatMap((document) => this.#compile(namespace, document))
        .toSorted((a, b) => b.base.length - a.base.length);
      // A change meanwhile has made this obsolete.
      if (this.#reads.get(namespace) === read) {
        this.#served.set(namespace, served, { size: 1 + bytesOf(documents) });
      }
      return served;
    });
    const forget = (): void => {
      if (this.#reads.get(namespace) === read) this.#reads.delete(namespace);
    };
    this.#reads.set(namespace, read);
    read.then(forget, forget);
    return read;
  }

  /** Only what can be served is stored; a former version of the platform may have thought otherwise. */
  #compile(namespace: string, document: ApiDocument): CompiledApi[] {
    try {
      return [compileApi(document)];
    } catch (error) {
      this.#deps.logger.error({ err: error, namespace }, 'An API cannot be served');
      return [];
    }
  }

  async #requireRoom(namespace: string): Promise<void> {
    const query = {
      entityType: 'document',
      namespace,
      namePrefix: PREFIX,
      skip: 0,
      limit: MAX_APIS,
    } as const;
    if ((await this.#deps.artifacts.count(query)) < MAX_APIS) return;
    throw new GatewayProblem(`A namespace has at most ${MAX_APIS} APIs. Delete one that nobody needs.`);
  }

  /** Throws when the large APIs of the namespace would come to more than allowed. */
  async #requireBytes({ content, name, namespace }: DocumentEntity): Promise<void> {
    const bytes = bytesOf(content);
    if (bytes <= SMALL_DOCUMENT_BYTES) return;
    const stored = await this.#deps.artifacts.list({
      entityType: 'document',
      namespace,
      namePrefix: PREFIX,
      skip: 0,
      limit: MAX_APIS,
    });
    const others = stored.filter((other) => other.name !== name).map((other) => bytesOf(other.content));
    const total = others
      .filter((size) => size > SMALL_DOCUMENT_BYTES)
      .reduce((sum, size) => sum + size, bytes);
    if (total <= MAX_LARGE_BYTES) return;
    throw new GatewayProblem(
      `The APIs of a namespace come to more than allowed: ${total} > ${MAX_LARGE_BYTES} bytes. Delete one, or write less into their documents.`,
    );
  }

  #entityOf(namespace: string, name: string, content: ApiDocument): DocumentEntity {
    const bytes = bytesOf(content);
    if (bytes > MAX_DOCUMENT_BYTES) {
      throw new GatewayProblem(
        `The API document is larger than allowed: ${bytes} > ${MAX_DOCUMENT_BYTES} bytes. Split the API.`,
      );
    }
    return { entityType: 'document', namespace, name, updated: this.#deps.clock.now(), content };
  }
}
