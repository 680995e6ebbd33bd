import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { at, runWsk, type Outcome } from './run-wsk.ts';
import { AUTH } from './whisk-server.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

const gateway = `accesstoken=DUMMY+TOKEN&spaceguid=${AUTH.split(':')[0]}`;
const route = '/api/v1/web/whisk.system/apimgmt';
const createLine = (type = 'json') => `POST ${route}/createApi.http?responsetype=${type}&${gateway}`;
const getLine = (query: string) => `GET ${route}/getApi.http?${query}&${gateway}`;
const deleteLine = (query: string) => `DELETE ${route}/deleteApi.http?${query}&${gateway}`;
const usage = "Run 'wsk api create --help' for usage.\n";

function wsk(...words: string[]): Promise<Outcome> {
  return runWsk(whisk.place, [...at(whisk.server.url), 'api', ...words]);
}

function operation(pkg: string, action: string): object {
  return { operationId: 'x', 'x-openwhisk': { namespace: 'guest', package: pkg, action, url: 'u' } };
}

function value(basePath: string, title: string, paths: object): object {
  const apidoc = { swagger: '2.0', info: { title }, basePath, paths };
  return { namespace: 'Not Used', gwApiUrl: `http://gw/api/guest${basePath}`, apidoc };
}

const club = value('/club', 'Book Club', {
  '/books': { get: operation('', 'getBooks'), post: operation('shop', 'addBook') },
  '/members': { get: operation('', 'aVeryLongNameOfAnActionThatDoesNotFitIntoItsColumn') },
});

function listed(...values: object[]): { json: object } {
  return { json: { apis: values.map((one) => ({ id: 'Not Used', key: 'Not Used', value: one })) } };
}

function webAction(name: string, ...annotations: object[]): void {
  whisk.server.on(`GET /api/v1/namespaces/_/actions/${name}?code=false`, {
    json: { name, annotations: [{ key: 'web-export', value: true }, ...annotations] },
  });
}

test('an endpoint is created for a web action, and its URL is printed', async () => {
  webAction('getBooks', { key: 'require-whisk-auth', value: 12 });
  whisk.server.on(createLine(), { json: club });
  expect(await wsk('create', '/club', '/books', 'get', 'getBooks', '-n', 'Book Club')).toEqual({
    exitCode: 0,
    stdout: 'ok: created API /club/books GET for action /_/getBooks\nhttp://gw/api/guest/club/books\n',
    stderr: '',
  });
  expect(whisk.server.body()).toEqual({
    apidoc: {
      namespace: '_',
      apiName: 'Book Club',
      gatewayBasePath: '/club',
      gatewayPath: '/books',
      gatewayMethod: 'GET',
      id: 'API:_:/club',
      action: {
        name: 'getBooks',
        namespace: '_',
        backendMethod: 'GET',
        backendUrl: `${whisk.server.url}/api/v1/web/_/default/getBooks.http`,
        authkey: AUTH,
        secureKey: 12,
      },
    },
  });
});

test('without a base path it is /, and path parameters are described', async () => {
  webAction('shop/get');
  whisk.server.on(createLine('http'), {
    json: value('/', '/', { '/books/{id}': { get: operation('shop', 'get') } }),
  });
  const outcome = await wsk('create', '/books/{id}', 'GET', 'shop/get', '--response-type', 'http');
  expect(outcome.stdout).toBe(
    'ok: created API /books/{id} GET for action /_/shop/get\nhttp://gw/api/guest/books/{id}\n',
  );
  expect(whisk.server.body()).toMatchObject({
    apidoc: {
      gatewayBasePath: '/',
      pathParameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          type: 'string',
          description: "Default description for 'id'",
        },
      ],
      action: { name: 'shop/get', backendUrl: `${whisk.server.url}/api/v1/web/_/shop/get.http` },
    },
  });
});

test('an action that is no web action is refused, with the command that makes it one', async () => {
  whisk.server.on('GET /api/v1/namespaces/_/actions/plain?code=false', {
    json: { name: 'plain', annotations: [] },
  });
  expect(await wsk('create', '/club', '/books', 'get', 'plain')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: `error: Action '/_/plain' is not a web action. Issue 'wsk action update "/_/plain" --web true' to convert the action to a web action.\n${usage}`,
  });
});

test('an action that does not exist is refused', async () => {
  const { exitCode, stderr } = await wsk('create', '/club', '/books', 'get', 'none');
  expect(exitCode).toBe(148);
  expect(stderr).toBe(
    "error: Unable to get action '/_/none': The requested resource does not exist. (code tid0)\n" +
      'Is the name right? See what there is with: wsk list\n',
  );
});

test.each<[string, string[], string]>([
  [
    'too few words',
    ['/books', 'get'],
    'Invalid argument(s). Specify a swagger file or specify an API base path with an API path, an API verb, and an action name.',
  ],
  ['a path without slash', ['/club', 'books', 'get', 'a'], "'books' must begin with '/'."],
  [
    'a method that none is',
    ['/club', '/books', 'fetch', 'a'],
    "'fetch' is not a valid API verb.  Valid values are: [GET PUT POST DELETE PATCH HEAD OPTIONS]",
  ],
  [
    'a parameter in the base path',
    ['/{club}', '/books', 'get', 'a'],
    "The base path '/{club}' cannot have parameters. Only the relative path supports path parameters.",
  ],
  ['a name twice', ['club', '/books', 'get', 'a', '-n', 'Club'], 'An API name can only be specified once.'],
])('%s is refused before anything is sent', async (_what, words, message) => {
  const { exitCode, stderr } = await wsk('create', ...words);
  expect(exitCode).toBe(2);
  expect(stderr.split('\n')[0]).toBe(`error: ${message}`);
  expect(whisk.server.lines).toEqual([]);
});

test('path parameters need the response type http', async () => {
  const { exitCode, stderr } = await wsk('create', '/club', '/books/{id}', 'get', 'a');
  expect(exitCode).toBe(2);
  expect(stderr).toContain("error: A response type of 'http' is required when using path parameters.\n");
});

test('the reason of a refusal is printed', async () => {
  webAction('getBooks');
  const error = "API creation failure: API 'club' does not exist.";
  whisk.server.on(createLine(), { status: 502, json: { error } });
  expect(await wsk('create', 'club', '/books', 'get', 'getBooks')).toEqual({
    exitCode: 246,
    stdout: '',
    stderr:
      `error: Unable to create API: ${error}\n` +
      'A base path begins with a slash: /club\nSee all APIs with: wsk api list\n',
  });
});

test('a file is sent as it is, and each of its endpoints is printed', async () => {
  whisk.server.on(createLine(), { json: club });
  const text =
    '{"swagger":"2.0", "info":{"title":"t"}, "basePath":"/club", "paths":{}, "x-big":12345678901234567890}';
  writeFileSync(whisk.place.path('club.json'), text);
  const { stdout } = await wsk('create', '--config-file', whisk.place.path('club.json'));
  expect(stdout).toBe(`ok: created API /club/books get for action /guest/getBooks
http://gw/api/guest/club/books
ok: created API /club/books post for action /guest/shop/addBook
http://gw/api/guest/club/books
ok: created API /club/members get for action /guest/aVeryLongNameOfAnActionThatDoesNotFitIntoItsColumn
http://gw/api/guest/club/members
`);
  expect(whisk.server.body()).toEqual({ apidoc: { namespace: '_', swagger: text } });
});

test('a YAML file is sent as JSON', async () => {
  whisk.server.on(createLine(), { json: club });
  writeFileSync(
    whisk.place.path('club.yaml'),
    "swagger: '2.0'\ninfo: {title: t}\nbasePath: /club\npaths: {}\n",
  );
  await wsk('create', '-c', whisk.place.path('club.yaml'));
  const { apidoc } = whisk.server.body() as { apidoc: { swagger: string } };
  expect(JSON.parse(apidoc.swagger)).toEqual({
    swagger: '2.0',
    info: { title: 't' },
    basePath: '/club',
    paths: {},
  });
});

test.each<[string, string, RegExp]>([
  ['club.json', '{"swagger":"2.0",', /^error: Error parsing swagger file '.*club\.json': .*line 1/],
  ['club.json', '[]', /^error: Error parsing swagger file '.*': it is no JSON object\n/],
  [
    'club.json',
    '{"swagger":"2.0"}',
    /^error: Swagger file is invalid \(missing basePath, info, paths, or swagger fields\)\n/,
  ],
  [
    'club.json',
    '{"swagger":"2.0","info":{},"paths":{},"basePath":"x"}',
    /^error: Swagger file basePath must start with a leading slash \(\/\)\n/,
  ],
  ['club.yml', 'a: [', /^error: Unable to parse YAML configuration file: .*line/],
])('%s with %s is refused', async (name, text, message) => {
  writeFileSync(whisk.place.path(name), text);
  const { exitCode, stderr } = await wsk('create', '-c', whisk.place.path(name));
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(message);
  expect(whisk.server.lines).toEqual([]);
});

test('a file that does not exist is told by its name', async () => {
  const { stderr } = await wsk('create', '-c', whisk.place.path('none.json'));
  expect(stderr).toMatch(/^error: Error reading swagger file '.*none\.json': there is no such file/);
});

test('get prints the document, all of the answer, or YAML', async () => {
  whisk.server.on(getLine('basepath=%2Fclub'), listed(club));
  const document = (club as { apidoc: object }).apidoc;
  expect((await wsk('get', '/club')).stdout).toBe(`${JSON.stringify(document, null, 4)}\n`);
  expect(JSON.parse((await wsk('get', '/club', '-f')).stdout)).toEqual(club);
  const yaml = await wsk('get', '/club', '--format', 'yaml');
  expect(yaml.stdout).toMatch(/^swagger: "2\.0"\ninfo:\n {2}title: Book Club\nbasePath: \/club\n/);
});

test('get refuses an API that does not exist, and a format that none is', async () => {
  whisk.server.on(getLine('basepath=%2Fnone'), listed());
  const missing = await wsk('get', '/none');
  expect(missing).toMatchObject({ exitCode: 1, stdout: '' });
  expect(missing.stderr).toContain('error: API does not exist for basepath /none\n');
  const format = await wsk('get', '/none', '--format', 'xml');
  expect(format.exitCode).toBe(1);
  expect(format.stderr).toContain('error: Invalid format type: xml\n');
});

test('list prints a table', async () => {
  whisk.server.on(getLine('limit=30&skip=0'), listed(club));
  expect((await wsk('list')).stdout).toBe(`ok: APIs
Action                                      Verb   API Name  URL
/guest/getBooks                              get  Book Club  http://gw/api/guest/club/books
/guest/shop/addBook                         post  Book Club  http://gw/api/guest/club/books
/guest/aVeryLongNameOfAnActionThatDoesNo     get  Book Club  http://gw/api/guest/club/members
`);
});

test('a list of nothing has the header alone', async () => {
  whisk.server.on(getLine('limit=30&skip=0'), listed());
  expect((await wsk('list')).stdout).toBe(
    `ok: APIs\n${'Action'.padEnd(30)}    Verb             API Name  URL\n`,
  );
});

test('list shows one API, one path or one method, in full, and sorted', async () => {
  const query = 'basepath=%2Fclub&relpath=%2Fbooks&operation=POST';
  whisk.server.on(getLine(query), listed(club));
  expect((await wsk('list', '/club', '/books', 'post', '--full')).stdout).toBe(`ok: APIs
Action: /guest/shop/addBook
   API Name: Book Club
   Base path: /club
   Path: /books
   Verb: post
   URL: http://gw/api/guest/club/books
`);
  whisk.server.on(
    getLine('limit=30&skip=0'),
    listed(club, value('/Attic', 'A', { '/': { put: operation('', 'a') } })),
  );
  const urls = (await wsk('list', '-n')).stdout.match(/http\S+/g);
  expect(urls?.[0]).toBe('http://gw/api/guest/Attic/');
});

test('delete says what it has deleted', async () => {
  const cases: [string[], string, string][] = [
    [['/club'], 'basepath=%2Fclub', 'ok: deleted API /club\n'],
    [['club', '/books'], 'basepath=club&relpath=%2Fbooks', 'ok: deleted /books from club\n'],
    [
      ['/club', '/books', 'get'],
      'basepath=%2Fclub&relpath=%2Fbooks&operation=GET',
      'ok: deleted /books GET from /club\n',
    ],
  ];
  for (const [words, query, stdout] of cases) {
    whisk.server.on(deleteLine(query), { json: {} });
    expect(await wsk('delete', ...words)).toEqual({ exitCode: 0, stdout, stderr: '' });
  }
});

test('a token and a tenant of another gateway are taken from the properties', async () => {
  writeFileSync(whisk.place.propertiesFile, 'APIGW_ACCESS_TOKEN=token\nAPIGW_TENANT_ID=tenant\n');
  whisk.server.on(`GET ${route}/getApi.http?limit=30&skip=0&accesstoken=token&spaceguid=tenant`, listed());
  expect((await wsk('list')).exitCode).toBe(0);
});

test('a key is shown once, with the word to keep it, and programs get it as JSON', async () => {
  const made = { id: 'a'.repeat(32), basepath: '/club', name: 'Ada', created: 0, key: 'the.key' };
  whisk.server.on('POST /api/v1/namespaces/_/apikeys', { json: made });
  expect(await wsk('key', 'create', '/club', 'Ada')).toEqual({
    exitCode: 0,
    stdout: `ok: created API key ${made.id} of Ada for /club\nthe.key\n`,
    stderr: 'Keep it: it cannot be shown again.\n',
  });
  expect(whisk.server.body()).toEqual({ basepath: '/club', name: 'Ada' });
  expect(JSON.parse((await wsk('key', 'create', '/club', 'Ada', '-o', 'json')).stdout)).toEqual(made);
});

test('keys are listed and deleted by their ids', async () => {
  const id = 'b'.repeat(32);
  whisk.server.on('GET /api/v1/namespaces/_/apikeys', {
    json: [{ id, basepath: '/club', name: 'Ada', created: 1_700_000_000_000 }],
  });
  const { stdout } = await wsk('key', 'list');
  expect(stdout).toMatch(
    new RegExp(`^API keys\n${id} 2023-11-1\\d \\d\\d:\\d\\d:\\d\\d /club {15} {1}Ada\n$`),
  );
  whisk.server.on(`DELETE /api/v1/namespaces/_/apikeys/${id}`, { json: { id } });
  expect((await wsk('key', 'delete', id)).stdout).toBe(`ok: deleted API key ${id}\n`);
  expect((await wsk('key', 'delete', 'x')).stderr).toContain("error: 'x' is no id of an API key\n");
});
