import type { CatalogueAction, CataloguePackage } from './catalogue-definition.ts';

const lines = { name: 'lines', required: true, type: 'array' } as const;

const echo: CatalogueAction = {
  name: 'echo',
  description: 'Returns the input',
  documented: [{ name: 'payload', required: false, description: 'Any JSON entity' }],
  sampleInput: { payload: 'Five fuzzy felines' },
  sampleOutput: { payload: 'Five fuzzy felines' },
  code: `function main(params) {
  console.log(params);
  return params || {};
}
`,
};

const cat: CatalogueAction = {
  name: 'cat',
  description: 'Concatenates input into a string',
  documented: [{ ...lines, description: 'An array of strings or numbers' }],
  sampleInput: { lines: [4, 2, 3] },
  sampleOutput: { lines: [4, 2, 3], payload: '4\n2\n3' },
  code: `function main({ lines, payload }) {
  if (Array.isArray(lines)) return { lines, payload: lines.join('\\n') };
  if (payload !== undefined) return { lines: [payload], payload: String(payload) };
  return { error: 'cat: give the array "lines".' };
}
`,
};

const smash: CatalogueAction = {
  name: 'smash',
  description: 'Nests all properties under given property',
  documented: [
    {
      name: '$fieldName',
      required: true,
      type: 'string',
      description: 'Name of property to nest object under',
    },
  ],
  sampleInput: { a: 1, b: { c: 2, d: 3 }, $fieldName: 'p' },
  sampleOutput: { p: { a: 1, b: { c: 2, d: 3 } } },
  code: `function main(params) {
  const { $fieldName: field, ...rest } = params;
  if (typeof field !== 'string' || field === '') return { error: 'Expected a parameter called "$fieldName".' };
  return Object.fromEntries([[field, rest]]);
}
`,
};

const split: CatalogueAction = {
  name: 'split',
  description: 'Split a string into an array',
  documented: [
    { name: 'payload', required: true, type: 'string', description: 'A string' },
    {
      name: 'separator',
      required: false,
      type: 'string',
      description: 'The character, or the regular expression, to use for splitting the string',
    },
  ],
  sampleInput: { payload: 'one,two,three', separator: ',' },
  sampleOutput: { lines: ['one', 'two', 'three'], payload: 'one,two,three' },
  code: `function main({ payload, separator }) {
  const text = payload === undefined ? '' : String(payload);
  try {
    return { lines: text.split(new RegExp(separator || '\\\\r?\\\\n')), payload: text };
  } catch (error) {
    return { error: 'split: the separator is not a regular expression: ' + error.message };
  }
}
`,
};

const sort: CatalogueAction = {
  name: 'sort',
  description: 'Sorts an array',
  documented: [{ ...lines, description: 'An array of strings' }],
  sampleInput: { lines: [4, 2, 3] },
  sampleOutput: { lines: [2, 3, 4], length: 3 },
  code: `function main({ lines }) {
  const sorted = Array.isArray(lines) ? [...lines].sort() : [];
  console.log('sorted', sorted.length, 'lines');
  return { lines: sorted, length: sorted.length };
}
`,
};

const head: CatalogueAction = {
  name: 'head',
  description: 'Extract prefix of an array',
  documented: [
    { ...lines, description: 'An array of strings' },
    { name: 'num', required: false, type: 'integer', description: 'The length of the prefix' },
  ],
  sampleInput: { lines: [4, 2, 3], num: 2 },
  sampleOutput: { lines: [4, 2], num: 2 },
  code: `function main({ lines, num }) {
  const length = Number.isInteger(num) && num >= 0 ? num : 1;
  return { lines: Array.isArray(lines) ? lines.slice(0, length) : [], num: length };
}
`,
};

const date: CatalogueAction = {
  name: 'date',
  description: 'Current date and time',
  sampleOutput: { date: '2016-03-22T00:59:55.961Z' },
  code: `function main() {
  return { date: new Date() };
}
`,
};

const namespace: CatalogueAction = {
  name: 'namespace',
  description: 'Returns namespace for the authorization key used to invoke this action',
  sampleOutput: { namespace: 'guest' },
  code: `function main() {
  return { namespace: process.env.__OW_NAMESPACE };
}
`,
};

const hosturl: CatalogueAction = {
  name: 'hosturl',
  description: 'Returns the URL to activate an action or trigger',
  documented: [
    { name: 'web', required: false, type: 'boolean', description: 'True for web actions' },
    {
      name: 'ext',
      required: false,
      type: 'string',
      description: 'Extension for web action, one of .html, .http, .json, .text',
    },
    {
      name: 'trigger',
      required: false,
      type: 'boolean',
      description: 'True to construct path for trigger instead of action.',
    },
    {
      name: 'path',
      required: false,
      type: 'string',
      description: 'The action name as just <action name> or <package name>/<action name>.',
    },
  ],
  sampleInput: { web: true, path: 'utils/echo' },
  sampleOutput: { url: 'http://127.0.0.1:3233/api/v1/web/guest/utils/echo.json' },
  code: `function main({ web, ext, trigger, path }) {
  const host = process.env.__OW_API_HOST;
  const namespace = process.env.__OW_NAMESPACE;
  if (!path) return { error: 'hosturl: give the name as "path".' };
  const parts = String(path).split('/');
  if (parts.length > 2) return { error: 'hosturl: "path" is an action, or a package and an action.' };
  const base = host + '/api/v1/';
  if (trigger) return { url: base + 'namespaces/' + namespace + '/triggers/' + path };
  if (!web) return { url: base + 'namespaces/' + namespace + '/actions/' + path };
  const full = parts.length === 2 ? path : 'default/' + path;
  return { url: base + 'web/' + namespace + '/' + full + (ext || '.json') };
}
`,
};

/** `/whisk.system/utils`: small steps for sequences. */
export const utilsPackage: CataloguePackage = {
  name: 'utils',
  description: 'Building blocks that format and assemble data',
  actions: [echo, cat, smash, split, sort, head, date, namespace, hosturl],
};
