import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CliError } from '../../cli-error.ts';
import { Problems } from '../source/problems.ts';
import { readProject, type Project } from './read-project.ts';

interface Given {
  readonly deployment?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly strict?: boolean;
}

function attemptToRead(text: string, given: Given, problems: Problems): Project {
  const { deployment, parameters = {}, environment = {} } = given;
  const project = readProject({
    manifest: { file: 'manifest.yaml', text },
    deployment: deployment === undefined ? undefined : { file: 'deployment.yaml', text: deployment },
    parameters: new Map(Object.entries(parameters)),
    environment: (name) => environment[name],
    loadCode: ({ path }) => {
      const extension = /\.\w+$/.exec(path)?.[0] ?? '';
      if (path.startsWith('missing')) return { outcome: 'failed', reason: `there is no file '${path}'` };
      return { outcome: 'loaded', code: `code of ${path}`, extension };
    },
    problems,
  });
  problems.throwIfAny();
  return project;
}

function read(text: string, given: Given = {}): Project {
  return attemptToRead(text, given, new Problems({ strict: given.strict ?? false }));
}

/** Every mistake, by its place. */
function mistakes(text: string, given: Given = {}): readonly string[] {
  try {
    read(text, given);
    return [];
  } catch (error) {
    if (error instanceof CliError) return error.hints;
    throw error;
  }
}

function fieldsOf(project: Project, name: string): Record<string, unknown> {
  const entity = project.entities.find((one) => one.name === name);
  return Object.fromEntries(Array.from(entity?.fields ?? [], ([field, json]) => [field, JSON.parse(json)]));
}

test('an action has its code, its kind, its limits, its parameters and its annotations', () => {
  const project = read(`
packages:
  demo:
    actions:
      hello:
        function: src/hello.js
        runtime: nodejs@20
        main: start
        description: Says hello
        limits: {timeout: 30 s, memorySize: 1 GB, logSize: 2, concurrency: 5, instances: 3}
        inputs: {name: Ann, count: 12345678901234567890, __proto__: 1}
`);
  expect(project.entities.map(({ collection, name }) => `${collection} ${name}`)).toEqual([
    'packages demo',
    'actions demo/hello',
  ]);
  const fields = project.entities[1]?.fields;
  expect(fields?.get('parameters.count')).toBe('12345678901234567890');
  expect(fields?.get('parameters.__proto__')).toBe('1');
  expect(fieldsOf(project, 'demo/hello')).toMatchObject({
    'exec.kind': 'nodejs:20',
    'exec.code': 'code of src/hello.js',
    'exec.main': 'start',
    'limits.timeout': 30_000,
    'limits.memory': 1024,
    'limits.logs': 2,
    'limits.concurrency': 5,
    'limits.instances': 3,
    'annotations.description': 'Says hello',
    'parameters.name': 'Ann',
  });
});

test('an input may be for the start of the code; one of a package goes over one of the project, with all it is', () => {
  const project = read(`
inputs: { region: { value: eu, init: true }, tier: { value: low, init: true } }
packages:
  demo:
    inputs: { region: us }
    actions:
      hello:
        function: hello.js
        inputs:
          STORE: { value: corner, init: true }
          place: { value: Rome, init: false }
`);
  expect(fieldsOf(project, 'demo')).toEqual({
    publish: false,
    'parameters.region': 'us',
    'parameters.tier': 'low',
    'init.tier': true,
  });
  expect(fieldsOf(project, 'demo/hello')).toMatchObject({
    'parameters.STORE': 'corner',
    'init.STORE': true,
    'parameters.place': 'Rome',
  });
  expect(fieldsOf(project, 'demo/hello')).not.toHaveProperty(['init.place']);
});

test('every mistake of a manifest is told at once, with its place and with what would be right', () => {
  const text = `packages:
  demo:
    acions: {}
    actions:
      a: {function: missing.js, limits: {timeout: soon}, webb: true}
      b: 3
      c: {code: x}
      d: {function: https://example.org/d.js}
    sequences:
      s: {}
    rules:
      r: {triger: t, action: a}
    dependencies:
      lib: {location: github.com/me/lib}
    apis:
      n: {b: {p: {a: GETT}}}
    feeds: {f: {}}
`;
  expect(mistakes(text)).toEqual([
    "manifest.yaml:3:5: package 'demo' has no 'acions'. Did you mean actions?",
    "manifest.yaml:5:21: there is no file 'missing.js'",
    "manifest.yaml:5:51: 'timeout' must be a whole number, with ms, s, m or no unit, and is 'soon'",
    "manifest.yaml:5:58: action 'a' has no 'webb'. Did you mean web?",
    'manifest.yaml:6:10: action \'b\' must be a map, and is the number "3"',
    'manifest.yaml:7:11: the runtime cannot be told from the name of the code; add it, as in: runtime: nodejs:default',
    "manifest.yaml:8:21: 'https://example.org/d.js' is an address; code is taken from files beside the manifest only, so fetch it first",
    "manifest.yaml:10:10: a sequence needs 'actions', a list of names",
    "manifest.yaml:12:10: a rule needs its 'trigger'",
    "manifest.yaml:12:11: rule 'r' has no 'triger'. Did you mean trigger?",
    "manifest.yaml:14:23: 'github.com/me/lib' is a repository, and only packages of a platform can be bound; fetch it and deploy its manifest, then name its package: location: /_/PACKAGE",
    "manifest.yaml:16:22: 'GETT' is no HTTP method. Did you mean GET?",
    'manifest.yaml:17:5: a feed stands at its trigger: triggers: NAME: {feed: /NAMESPACE/PACKAGE/FEED, inputs: …}',
  ]);
});

test.each([
  ['', 'the file is empty'],
  ['- a', 'the file must be a map'],
  ['packages: {}', 'there are no packages'],
  ['project: {packages: {a: }}\npackges: 1', "the file has no 'packges'"],
  ['packages: {a/b: }', 'the name "a/b" must have letters'],
  [`packages: {${'x'.repeat(300)}: }`, '256 characters at most'],
  ['packages: {a: {triggers: {t: }}, b: {triggers: {t: }}}', "'t' is there already, at line 1"],
  ['packages: {a: {actions: {x: {code: a, runtime: nodejs, function: x.js}}}}', 'exclude each other'],
  [
    'packages: {a: {actions: {x: {function: x.js, web: perhaps}}}}',
    "'web' must be true, false, yes, no or raw",
  ],
  [
    'packages: {a: {actions: {x: {function: x.js, require-whisk-auth: s3cret}}}}',
    'protects web actions only',
  ],
  ['packages: {a: {actions: {x: {docker: i, native: true}}}}', 'exclude each other'],
  ['packages: {a: {actions: {x: }}}', 'an action needs its code'],
  ['packages: {a: {actions: {x: {function: x.jar}}}}', "needs 'main'"],
  ['packages: {a: {inputs: {n: {type: integer, value: three}}}}', "'n' must be of type integer"],
  ['packages: {a: {inputs: {n: {type: integr, value: 3}}}}', "the type of 'n' must be"],
  ['packages: {a: {inputs: {n: {type: string, required: true}}}}', "'n' is required and has no value"],
  ['packages: {a: {inputs: {n: .nan}}}', 'has no place in JSON'],
  ['packages: {a: {inputs: {n: {value: 1, init: perhaps}}}}', "'init' must be true or false"],
  [
    'packages: {a: {triggers: {t: {inputs: {n: {value: 1, init: true}}}}}}',
    "'n' has 'init', which is for the inputs of actions and packages",
  ],
  [
    'packages: {a: {triggers: {t: {inputs: {n: {value: x, encryption: aes-256}}}}}}',
    "'n' has 'encryption', which is for the inputs of actions and packages",
  ],
  ['packages: {a: {rules: {r: {trigger: t, action: a/b/c/d}}}}', "'a/b/c/d' is no name of an action"],
  ['packages: {a: {apis: {n: {"{x}": {p: {a: get}}}}}}', 'cannot have parameters'],
  ['packages: {a: {inputs: {n: $NOWHERE}}}', 'the environment variable NOWHERE is not set'],
  ['packages: {a: &x {inputs: {n: 1}}, a: *x}', 'Map keys must be unique'],
  ['packages: {a: {[1, 2]: 3}}', 'a name must be a plain word'],
])('the manifest %j is refused: %s', (text, message) => {
  expect(mistakes(text).join('\n')).toContain(message);
});

test('an unset variable, a wrong one and a doubled dollar: variables are put in everywhere but in inline code', () => {
  const text = `
packages:
  $NAME:
    actions:
      a: {code: 'const a = "$NAME"', runtime: nodejs, inputs: {x: 'to \${PLACE}!', y: $$PLACE, z: cost $5}}
`;
  const project = read(text, { environment: { NAME: 'demo', PLACE: 'Rome' } });
  expect(fieldsOf(project, 'demo/a')).toMatchObject({
    'exec.code': 'const a = "$NAME"',
    'parameters.x': 'to Rome!',
    'parameters.y': '$PLACE',
    'parameters.z': 'cost $5',
  });
});

test('a value of the command line wins over deployment file, manifest and environment', () => {
  const manifest = 'packages: {p: {inputs: {a: 1, b: {type: string, value: $B}, c: 1, d: integer}}}';
  const project = read(manifest, {
    deployment: 'project: {packages: {p: {inputs: {a: 2, c: 2}}}}',
    parameters: { a: '3', B: '"cli"' },
    environment: { B: 'environment' },
  });
  expect(fieldsOf(project, 'p')).toEqual({
    publish: false,
    'parameters.a': 3,
    'parameters.b': 'cli',
    'parameters.c': 2,
    'parameters.d': 0,
  });
});

test('a deployment file that names what the manifest does not have is refused', () => {
  const manifest = 'packages: {shop: {actions: {pay: {function: a.js}}}}';
  const found = mistakes(manifest, {
    deployment: 'packages:\n  shp: {}\n  shop:\n    actions: {pai: {}, pay: {limits: {}}}',
  });
  expect(found).toEqual([
    "deployment.yaml:2:3: the manifest has no package 'shp'. Did you mean shop?",
    "deployment.yaml:4:15: the manifest has no action 'pai'. Did you mean pay?",
    "deployment.yaml:4:30: action of a deployment file has no 'limits'. It may have: inputs, annotations, namespace, credential",
  ]);
});

test('a value of the command line that nothing uses is a warning, and with --strict a mistake', () => {
  const text = 'packages: {p: }';
  expect(mistakes(text, { parameters: { x: '1' } })).toEqual([]);
  expect(mistakes(text, { parameters: { x: '1' }, strict: true })).toEqual([
    'manifest.yaml:1:1: --param x is used nowhere: no input and no variable has this name',
  ]);
});

test('names in sequences and rules are of their package, and /_/ is the own namespace', () => {
  const project = read(`
packages:
  p:
    actions: {a: {function: a.js}}
    sequences: {s: {actions: [a, /whisk.system/utils/cat, q/b, default/c]}}
    triggers: {t: {feed: /whisk.system/alarms/alarm, inputs: {cron: '* * * * *'}}}
    rules: {r: {trigger: t, action: s}}
  default:
    sequences: {u: {actions: 'x, p/a'}}
`);
  expect(fieldsOf(project, 'p/s')['exec.components']).toEqual([
    '/_/p/a',
    '/whisk.system/utils/cat',
    '/_/q/b',
    '/_/c',
  ]);
  expect(fieldsOf(project, 'u')['exec.components']).toEqual(['/_/x', '/_/p/a']);
  expect(fieldsOf(project, 'r')).toMatchObject({ trigger: '/_/t', action: '/_/p/s' });
  expect(project.entities.find(({ name }) => name === 't')?.feed?.inputs).toEqual(
    new Map([['cron', '"* * * * *"']]),
  );
  expect(fieldsOf(project, 't')['parameters.cron']).toBeUndefined();
});

test('an API makes its action a web action', () => {
  const project = read(`
packages:
  p:
    actions: {a: {function: a.js}}
    apis: {books: {club: {'books/{id}': {a: {method: get, response: http}}}}}
`);
  expect(fieldsOf(project, 'p/a')).toMatchObject({
    'annotations.web-export': true,
    'annotations.final': true,
  });
  expect(fieldsOf(project, 'GET /club/books/{id}')).toEqual({
    action: '/_/p/a',
    'base-path': '/club',
    path: '/books/{id}',
    method: 'GET',
    response: 'http',
    'api-name': 'books',
  });
});

test('anchors and merges save writing', () => {
  const project = read(`
packages:
  p:
    actions:
      a: &a {function: a.js, inputs: {x: 1}}
      b: {<<: *a, inputs: {x: 2}}
`);
  expect(fieldsOf(project, 'p/b')).toMatchObject({ 'exec.code': 'code of a.js', 'parameters.x': 2 });
});

test('aliases that mean billions of values are refused at once', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  expect(mistakes(lines.join('\n')).join('\n')).toContain('aliases repeat too much');
});

test.each([
  ['ten thousand brackets', '['.repeat(10_000)],
  ['five megabytes', `a: ${'x'.repeat(5_000_000)}`],
  ['an alias of itself', 'packages: &a {p: *a}'],
  ['values two hundred deep', `packages: ${'{a: '.repeat(200)}1${'}'.repeat(200)}`],
])('a file of %s is a mistake and no crash', (_, text) => {
  expect(mistakes(text)).not.toEqual([]);
});

const names = fc.constantFrom(
  'packages',
  'project',
  'actions',
  'inputs',
  'a',
  'function',
  'code',
  'web',
  'limits',
  'timeout',
  'rules',
  'triggers',
  'apis',
  'sequences',
  'dependencies',
  '__proto__',
  'constructor',
  'toString',
  'type',
  'value',
  'annotations',
  'include',
  'default',
  '',
  '<<',
  '$X',
  'location',
  'feed',
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(
      null,
      true,
      'string',
      'x.js',
      '$X',
      '${',
      3,
      -1.5,
      1e300,
      '__proto__',
      '/a/b',
      'GET',
      '\u0000\u001b',
    ),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie('tree')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

test('whatever shape a manifest has, it is read or refused with places, and never crashes', () => {
  fc.assert(
    fc.property(fc.dictionary(names, tree), (value) => {
      for (const hint of mistakes(JSON.stringify(value)))
        expect(hint).toMatch(/^manifest\.yaml:\d+:\d+: .|^… and \d+ more/s);
    }),
    { numRuns: 500 },
  );
});

const scraps = fc.constantFrom(
  'packages:',
  '\n',
  '  ',
  '    ',
  'a:',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '&x ',
  '*x',
  '<<: ',
  '"',
  "'",
  '|',
  '>',
  '!!js/function ',
  '? ',
  ': ',
  '%YAML 9',
  '---',
  '...',
  '\t',
  '$A',
  '#',
  '@',
  '\u0000',
  '\ud800',
  'true',
);

test('whatever garbage stands in the file, it is refused with places, and never crashes', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(scraps, fc.string({ maxLength: 4 })), { maxLength: 60 }), (parts) => {
      for (const hint of mistakes(parts.join('')))
        expect(hint).toMatch(/^manifest\.yaml:\d+:\d+: .|^… and \d+ more/s);
    }),
    { numRuns: 500 },
  );
});

test('a map of very many names is read name by name, not each against all others', () => {
  const names = Array.from({ length: 90_000 }, (_, at) => `n${at}: ${at}`);
  const [found] = mistakes(`packages: {a: {inputs: {${names.join(', ')}, n0: 1}}}`);
  expect(found).toContain('Map keys must be unique');
});
