import type { Operation, ResponseDescription, Responses } from '../../../http/operation.ts';
import type { Route } from '../../../http/route.ts';
import { describeRoutes, pathItems, type DescribedRoute } from './describe-paths.ts';

/** What a document is about. */
export interface DocumentSubject {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Routes below it are described. */
  readonly basePath: string;
}

function schemaOf({ body, text }: ResponseDescription): { schema?: object } {
  if (text === true) return { schema: { type: 'string' } };
  if (body === undefined) return {};
  if ('definition' in body) return { schema: { $ref: `#/definitions/${body.definition}` } };
  return { schema: { type: 'array', items: { $ref: `#/definitions/${body.listOf}` } } };
}

function responsesOf(responses: Responses): object {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      { description: response.description, ...schemaOf(response) },
    ]),
  );
}

function bodyOf(body: Operation['body']): object[] {
  if (body === undefined) return [];
  const { definition, description, required } = body;
  return [
    { name: 'body', in: 'body', description, required, schema: { $ref: `#/definitions/${definition}` } },
  ];
}

function producesOf(responses: Responses): string[] {
  const isText = Object.values(responses).some(({ text }) => text === true);
  return isText ? ['text/plain'] : ['application/json'];
}

function showOperation({ operation, pathParameters, authenticated }: DescribedRoute): object {
  const query = Object.entries(operation.query ?? {});
  return {
    tags: [operation.tag],
    summary: operation.summary,
    operationId: operation.id,
    parameters: [
      ...pathParameters.map((parameter) => ({ ...parameter, in: 'path', required: true, type: 'string' })),
      ...query.map(([name, parameter]) => ({ name, in: 'query', required: false, ...parameter })),
      ...bodyOf(operation.body),
    ],
    ...(operation.body === undefined ? {} : { consumes: ['application/json'] }),
    produces: producesOf(operation.responses),
    responses: responsesOf(operation.responses),
    ...(authenticated ? { security: [{ basicAuth: [] }] } : {}),
  };
}

/** The Swagger 2.0 document of the routes below a base path: the contract that OpenWhisk's clients test against. */
export function swaggerDocument(
  subject: DocumentSubject,
  routes: readonly Route[],
  definitions: { readonly [name: string]: object },
): object {
  const { title, description, version, basePath } = subject;
  return {
    swagger: '2.0',
    info: { title, description, version },
    basePath: basePath === '' ? '/' : basePath,
    produces: ['application/json'],
    paths: pathItems(describeRoutes(routes, basePath), showOperation),
    securityDefinitions: {
      basicAuth: { type: 'basic', description: 'The namespace key: uuid as user, key as password' },
    },
    definitions,
  };
}
