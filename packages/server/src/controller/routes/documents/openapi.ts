import type { KnownRuntimes } from '@vibrissa/protocol';
import type { Operation, ResponseDescription, Responses } from '../../../http/operation.ts';
import type { Route } from '../../../http/route.ts';
import { describeRoutes, pathItems, type DescribedRoute } from './describe-paths.ts';
import type { DocumentSubject } from './swagger.ts';

interface ObjectSchema {
  readonly properties: { readonly [name: string]: object };
}

const errorBody = { definition: 'ErrorMessage' };

/** What bad input, a fault or the edge itself may answer to any operation. */
const anywhere: Responses = {
  400: { description: 'Malformed request', body: errorBody },
  404: { description: 'Not found', body: errorBody },
  408: { description: 'The request did not arrive in time', body: errorBody },
  414: { description: 'The URL is too long', body: errorBody },
  500: { description: 'Server error', body: errorBody },
};

const whereAuthenticated: Responses = {
  401: { description: 'Missing or wrong credentials', body: errorBody },
  403: { description: 'Not authorized', body: errorBody },
  406: { description: 'The client accepts no JSON', body: errorBody },
  429: { description: 'Too many requests', body: errorBody },
  503: { description: 'Overloaded, stopping, or unable to store', body: errorBody },
};

const whereBody: Responses = {
  413: { description: 'Too large', body: errorBody },
  415: { description: 'The body is not JSON', body: errorBody },
};

/** Every status that an operation may answer, also those that only bad input or a fault brings. */
export function allResponses({ operation, authenticated }: DescribedRoute): Responses {
  return {
    ...anywhere,
    ...(authenticated ? whereAuthenticated : {}),
    ...(operation.body === undefined ? {} : whereBody),
    ...operation.responses,
    ...operation.otherResponses,
  };
}

function componentRef(definition: string): object {
  return { $ref: `#/components/schemas/${definition}` };
}

function contentOf({ body, text }: ResponseDescription): object {
  if (text === true) return { content: { 'text/plain': { schema: { type: 'string' } } } };
  if (body === undefined) return {};
  const schema =
    'definition' in body
      ? componentRef(body.definition)
      : { type: 'array', items: componentRef(body.listOf) };
  return { content: { 'application/json': { schema } } };
}

function requestBodyOf(body: Operation['body']): object {
  if (body === undefined) return {};
  const { definition, description, required } = body;
  const content = { 'application/json': { schema: componentRef(definition) } };
  return { requestBody: { description, required, content } };
}

function showOperation(route: DescribedRoute): object {
  const { operation, pathParameters, authenticated } = route;
  const query = Object.entries(operation.query ?? {});
  return {
    tags: [operation.tag],
    summary: operation.summary,
    operationId: operation.id,
    parameters: [
      ...pathParameters.map((parameter) => ({
        ...parameter,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...query.map(([name, { description, ...schema }]) => ({ name, in: 'query', description, schema })),
    ],
    ...requestBodyOf(operation.body),
    responses: Object.fromEntries(
      Object.entries(allResponses(route)).map(([status, response]) => [
        status,
        { description: response.description, ...contentOf(response) },
      ]),
    ),
    ...(authenticated ? { security: [{ basicAuth: [] }] } : {}),
  };
}

function extend(schema: object | undefined, properties: { readonly [name: string]: object }): object {
  const old = schema as ObjectSchema | undefined;
  return { ...old, properties: { ...old?.properties, ...properties } };
}

/** What the platform answers beyond OpenWhisk's document: its own kinds, every status, `init` and `encryption` of a parameter, an action's binding, sizes that an administrator set. */
function widen(
  definitions: { readonly [name: string]: object },
  runtimes: KnownRuntimes,
): { readonly [name: string]: object } {
  const statusCode = { type: 'integer', enum: [0, 1, 2, 3] };
  const kind = { type: 'string', examples: runtimes.kinds };
  const init = { type: 'boolean', description: 'An environment variable instead of an argument' };
  const encryption = { type: 'string', description: 'How the value is locked; absent: it is in clear' };
  const binding = { type: 'string', description: 'The binding that it was read through, without its code' };
  const maxPayloadSize = { type: 'string', description: 'Largest arguments and results, as `1048576 B`' };
  const truncationSize = { type: 'string', description: 'What is kept of a result that is too large' };
  return {
    ...definitions,
    Action: extend(definitions.Action, { binding }),
    KeyValue: extend(definitions.KeyValue, { init, encryption }),
    ActionExec: extend(definitions.ActionExec, { kind }),
    ActivationBrief: extend(definitions.ActivationBrief, { statusCode }),
    Activation: extend(definitions.Activation, { statusCode }),
    UserLimits: extend(definitions.UserLimits, { maxPayloadSize, truncationSize }),
  };
}

/** The OpenAPI 3.1 document of the routes below a base path: all that the platform may answer. */
export function openApiDocument(
  subject: DocumentSubject,
  routes: readonly Route[],
  shapes: { readonly definitions: { readonly [name: string]: object }; readonly runtimes: KnownRuntimes },
): object {
  const { title, description, version, basePath } = subject;
  const schemas: unknown = JSON.parse(
    JSON.stringify(widen(shapes.definitions, shapes.runtimes)).replaceAll(
      '"#/definitions/',
      '"#/components/schemas/',
    ),
  );
  return {
    openapi: '3.1.0',
    info: { title, description, version },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    paths: pathItems(describeRoutes(routes, basePath), showOperation),
    components: {
      schemas,
      securitySchemes: {
        basicAuth: {
          type: 'http',
          scheme: 'basic',
          description: 'The namespace key: uuid as user, key as password',
        },
      },
    },
  };
}
