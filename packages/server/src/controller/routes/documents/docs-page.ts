import { createHash } from 'node:crypto';

const script = `
'use strict';
const page = document.getElementById('operations');
const add = (parent, tag, text, className) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  parent.append(element);
  return element;
};
const schemaName = (schema) => {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').pop();
  return schema.type === 'array' ? 'list of ' + schemaName(schema.items) : (schema.type || 'any');
};
const table = (parent, heads, rows) => {
  if (rows.length === 0) return;
  const body = add(parent, 'table');
  const head = add(body, 'tr');
  for (const text of heads) add(head, 'th', text);
  for (const row of rows) {
    const line = add(body, 'tr');
    for (const text of row) add(line, 'td', text);
  }
};
const showOperation = (base, path, verb, operation) => {
  const box = add(page, 'details');
  const title = add(box, 'summary');
  add(title, 'span', verb.toUpperCase(), 'verb ' + verb);
  add(title, 'code', (base === '/' ? '' : base) + path);
  add(title, 'span', operation.summary, 'what');
  table(box, ['Parameter', 'In', 'Type', 'Meaning'], (operation.parameters || []).map((parameter) => [
    parameter.name + (parameter.required ? ' *' : ''), parameter.in,
    parameter.type || schemaName(parameter.schema), parameter.description || '']));
  table(box, ['Status', 'Meaning', 'Body'], Object.entries(operation.responses).map(([status, response]) => [
    status, response.description, schemaName(response.schema)]));
};
const showDefinition = (name, schema) => {
  const box = add(page, 'details');
  add(add(box, 'summary'), 'code', name);
  const required = new Set(schema.required || []);
  table(box, ['Member', 'Type', 'Meaning'], Object.entries(schema.properties || {}).map(([member, value]) => [
    member + (required.has(member) ? ' *' : ''), schemaName(value), value.description || '']));
};
const show = (api) => {
  document.getElementById('title').textContent = api.info.title + ' ' + api.info.version;
  document.getElementById('about').textContent = api.info.description;
  const byTag = new Map();
  for (const [path, item] of Object.entries(api.paths))
    for (const [verb, operation] of Object.entries(item)) {
      const tag = (operation.tags || ['Other'])[0];
      byTag.set(tag, [...(byTag.get(tag) || []), [path, verb, operation]]);
    }
  for (const [tag, operations] of byTag) {
    add(page, 'h2', tag);
    for (const [path, verb, operation] of operations) showOperation(api.basePath, path, verb, operation);
  }
  add(page, 'h2', 'Documents');
  for (const [name, schema] of Object.entries(api.definitions || {})) showDefinition(name, schema);
};
const url = new URLSearchParams(location.search).get('url') || '../api-docs';
const target = new URL(url, location.href);
if (target.origin !== location.origin) page.textContent = 'Only documents of this server are shown.';
else fetch(target).then((response) => response.json()).then(show, (error) => {
  page.textContent = 'The document could not be read: ' + error.message;
});
`;

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
details { border: 1px solid #8884; border-radius: 6px; margin: .4rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
.verb { display: inline-block; min-width: 4.5rem; font-weight: 700; font-size: .85rem; }
.get { color: #2b7de9; } .put { color: #c77700; } .post { color: #2a9d4a; } .delete { color: #d33; }
.what { color: #888; margin-left: 1rem; }
code { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-size: .9rem; }
th, td { text-align: left; border-bottom: 1px solid #8883; padding: .2rem .6rem .2rem 0; vertical-align: top; }
`;

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A page that shows one of the server's Swagger documents; complete in itself, so that it needs no network. */
export const docsPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Swagger UI</title><style>${style}</style></head>
<body><h1 id="title">API</h1><p id="about"></p><main id="operations"></main><script>${script}</script></body>
</html>
`;

/** Lets that page run its own script and nothing else. */
export const docsPagePolicy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`;
