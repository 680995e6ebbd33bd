import type { KnownRuntimes } from '@vibrissa/protocol';
import { json, type Answer } from '../../../http/answer.ts';
import type { OpenRoute, Route } from '../../../http/route.ts';
import { docsPage, docsPagePolicy } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import { swaggerDocument, type DocumentSubject } from './swagger.ts';

const api: DocumentSubject = {
  title: 'OpenWhisk REST API',
  description: 'Actions, their activations and what belongs to them',
  version: '0.1.0',
  basePath: '/api/v1',
};

const server: DocumentSubject = {
  title: 'OpenWhisk server',
  description: 'What the server says of itself',
  version: '0.1.0',
  basePath: '',
};

/** Made when it is first asked for: its schemas are not loaded by a server that nobody asks. */
function lazily(make: () => Promise<object>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return () => (answer ??= make().then((document) => json(200, document)));
}

const page: Answer = {
  status: 200,
  body: docsPage,
  contentType: 'text/html; charset=utf-8',
  headers: ['Content-Security-Policy', docsPagePolicy, 'X-Content-Type-Options', 'nosniff'],
};

function redirect(location: string): Answer {
  return { status: 308, body: '', contentType: 'text/plain; charset=UTF-8', headers: ['Location', location] };
}

async function loadDefinitions(): Promise<{ readonly [name: string]: object }> {
  return (await import('@vibrissa/protocol/schemas')).definitions;
}

/** The API's Swagger and OpenAPI documents, made of the routes themselves, and a page that shows them. */
export function documentRoutes(
  routes: readonly Route[],
  { runtimes }: { readonly runtimes: KnownRuntimes },
): OpenRoute[] {
  const apiRoutes = routes.filter(({ path }) => path.startsWith('/api/v1/'));
  const serverRoutes = routes.filter((route) => !apiRoutes.includes(route));
  const get = { method: 'GET', access: 'public' } as const;
  const places = [
    {
      base: '/api/v1',
      document: lazily(async () => swaggerDocument(api, apiRoutes, await loadDefinitions())),
    },
    {
      base: '',
      document: lazily(async () => swaggerDocument(server, serverRoutes, await loadDefinitions())),
    },
  ];
  const openApi = lazily(async () =>
    openApiDocument(api, apiRoutes, { definitions: await loadDefinitions(), runtimes }),
  );
  return [
    ...places.flatMap(({ base, document }) => [
      { ...get, path: `${base}/api-docs`, handle: document },
      { ...get, path: `${base}/docs`, handle: () => redirect(`docs/index.html?url=${base}/api-docs`) },
      { ...get, path: `${base}/docs/`, handle: () => redirect(`index.html?url=${base}/api-docs`) },
      { ...get, path: `${base}/docs/index.html`, handle: () => page },
    ]),
    { ...get, path: '/api/v1/openapi.json', handle: openApi },
  ];
}
