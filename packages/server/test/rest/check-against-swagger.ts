import { Ajv, type ValidateFunction } from 'ajv';

/** One exchange with the API, as far as its documents speak of it. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

interface ResponseObject {
  readonly schema?: object;
  readonly content?: { readonly [type: string]: { readonly schema: object } };
}

interface ApiDocument {
  readonly basePath?: string;
  readonly servers?: readonly { readonly url: string }[];
  readonly paths: {
    readonly [path: string]: {
      readonly [verb: string]: { readonly responses: { readonly [status: string]: ResponseObject } };
    };
  };
}

/** Statuses that OpenWhisk's document leaves out everywhere, though its server answers them: bad input, names of something else, faults. */
const beyondContract = new Set([400, 403, 404, 405, 406, 408, 409, 413, 414, 415, 429, 503]);

function patternOf(path: string): RegExp {
  const literal = path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}

/** The API's documents, and what is compiled of their schemas; that takes longer than most tests. */
interface Compiled {
  readonly swagger: ApiDocument;
  readonly openApi: ApiDocument;
  readonly ajv: Ajv;
  readonly validators: Map<string, ValidateFunction>;
}

const known = new Map<string, Compiled>();

function compile(swaggerText: string, openApiText: string): Compiled {
  const key = `${swaggerText}\n${openApiText}`;
  const found = known.get(key);
  if (found) return found;
  const swagger = JSON.parse(swaggerText) as ApiDocument;
  const openApi = JSON.parse(openApiText) as ApiDocument;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(swagger, 'swagger').addSchema(openApi, 'openapi');
  const compiled = { swagger, openApi, ajv, validators: new Map<string, ValidateFunction>() };
  known.set(key, compiled);
  return compiled;
}

/**
 * Checks answers against the documents that the server itself serves, as strictly as OpenWhisk's own tests: no member
 * that the schema doesn't list, no status that it doesn't declare. A refusal that OpenWhisk's document forgets has to be
 * in the OpenAPI document.
 */
export class SwaggerCheck {
  readonly #swagger: ApiDocument;
  readonly #openApi: ApiDocument;
  readonly #ajv: Ajv;
  readonly #validators: Map<string, ValidateFunction>;
  /** `get /namespaces/{namespace}/actions 200` of everything that was checked. */
  readonly seen = new Set<string>();

  /** Texts of the documents. Servers whose documents are alike share what is compiled of them. */
  constructor(swagger: string, openApi: string) {
    const compiled = compile(swagger, openApi);
    this.#swagger = compiled.swagger;
    this.#openApi = compiled.openApi;
    this.#ajv = compiled.ajv;
    this.#validators = compiled.validators;
  }

  /** Throws what is wrong with the answer; `wide` checks against the OpenAPI document alone. */
  check(exchange: Exchange, wide = false): void {
    const method = exchange.method.toLowerCase();
    const path = new URL(exchange.url, 'http://localhost').pathname;
    const where = `${method} ${path} ${exchange.status}`;
    const template = this.#templateOf(path);
    if (template === undefined || this.#swagger.paths[template]?.[method] === undefined) {
      // Not an operation: an error of the edge.
      this.#validate('swagger', '#/definitions/ErrorMessage', { exchange, where });
      return;
    }
    const declared = this.#swagger.paths[template]?.[method]?.responses[exchange.status] !== undefined;
    if (!declared && !wide && !beyondContract.has(exchange.status)) {
      throw new Error(`${where}: the Swagger document does not declare this status`);
    }
    const document = declared && !wide ? 'swagger' : 'openapi';
    if (exchange.status === 200 && exchange.url.includes('docs=true')) {
      for (const record of JSON.parse(exchange.body) as unknown[]) {
        const single = { ...exchange, body: JSON.stringify(record) };
        this.#validate('swagger', '#/definitions/Activation', { exchange: single, where });
      }
      return;
    }
    const pointer = [template, method, 'responses', String(exchange.status)].map(escapePointer).join('/');
    const response = (document === 'swagger' ? this.#swagger : this.#openApi).paths[template]?.[method]
      ?.responses[exchange.status];
    if (response === undefined)
      throw new Error(`${where}: the OpenAPI document does not declare this status`);
    this.seen.add(`${method} ${template} ${exchange.status}`);
    const inner = document === 'swagger' ? 'schema' : `content/${escapePointer('application/json')}/schema`;
    this.#validate(document, `#/paths/${pointer}/${inner}`, { exchange, where });
  }

  #templateOf(path: string): string | undefined {
    const base = this.#swagger.basePath ?? '';
    if (!path.startsWith(`${base}/`)) return undefined;
    const rest = path.slice(base.length);
    const templates = Object.keys(this.#swagger.paths);
    const find = (text: string) => templates.find((template) => patternOf(template).test(text));
    return find(rest) ?? find(rest.replace(/\/$/, ''));
  }

  #validate(document: string, pointer: string, what: { exchange: Exchange; where: string }): void {
    const { exchange, where } = what;
    if (exchange.contentType !== 'application/json') {
      throw new Error(`${where}: the answer is ${exchange.contentType}, not application/json`);
    }
    const key = `${document}${pointer}`;
    let validate = this.#validators.get(key);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: key });
      this.#validators.set(key, validate);
    }
    const value: unknown = JSON.parse(exchange.body);
    if (isCount(exchange, value) || isBareResult(exchange)) return;
    if (!validate(value)) {
      throw new Error(`${where}: ${this.#ajv.errorsText(validate.errors)}\n${exchange.body}`);
    }
  }
}

/** `~` and `/` of a JSON pointer, and what a URI fragment cannot hold. */
function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** A list that was asked to count answers one number. */
function isCount({ url, status }: Exchange, value: unknown): boolean {
  if (status !== 200 || !url.includes('count=true')) return false;
  const values = typeof value === 'object' && value !== null ? Object.values(value) : [];
  if (values.length !== 1 || !Number.isInteger(values[0]))
    throw new Error(`not a count: ${JSON.stringify(value)}`);
  return true;
}

/** A blocking call that asked for the result alone gets whatever the action returned; so does one that returned a list. */
function isBareResult({ method, url, status, body }: Exchange): boolean {
  const finished = status === 200 || status === 500 || status === 502;
  return method === 'POST' && finished && (url.includes('result=true') || body.startsWith('['));
}
